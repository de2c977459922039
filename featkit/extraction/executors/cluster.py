"""Tasks on a Dask cluster: connect to its scheduler, submit, and hand on what comes back."""

import contextlib
import logging
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from featkit.errors import ParameterError, SchedulerError
from featkit.extraction.executors.worker import Sealed, work
from featkit.extraction.task import Outcome, Task

# How often a task is tried again after its worker died, and how many are submitted ahead.
RETRIES = 2
WINDOW = 1_000
QUIET = {
    "distributed.worker.profile.enabled": False,
    "distributed.admin.large-graph-warning-threshold": "1GB",
}


@contextlib.contextmanager
def connect(address: str) -> Iterator[Any]:
    """Give a client of the Dask scheduler at ``address``.

    Raises
    ------
    ParameterError
        If none answers there.
    SchedulerError
        If it is lost while the client is in use.
    """
    import dask
    from distributed import Client

    with dask.config.set(QUIET):
        try:
            client = Client(address, timeout=2)
        except (OSError, ValueError, TimeoutError) as error:
            raise ParameterError(
                f"no Dask scheduler answers at {address!r} ({error}); "
                "--scheduler takes threads, processes or an address"
            ) from error
        with client, _watched(client):
            yield client


@contextlib.contextmanager
def _watched(client: Any) -> Iterator[None]:
    """Raise SchedulerError where the scheduler is lost.

    The client is closed without the traceback of its last attempt to reconnect.
    """
    from distributed import CancelledError
    from distributed.client import ClosedClientError
    from distributed.comm import CommClosedError

    try:
        yield
    except (CancelledError, ClosedClientError, CommClosedError) as error:
        logger = logging.getLogger("distributed.client")
        level = logger.level
        logger.setLevel(logging.CRITICAL)
        try:
            client.close()
        finally:
            logger.setLevel(level)
        raise SchedulerError(
            "the Dask scheduler was lost; finished rows are kept, and running the same extraction "
            "again continues from there"
        ) from error


def distribute(
    client: Any,
    tasks: Sequence[Task],
    on_done: Callable[[Outcome], None],
    on_lost: Callable[[Task, Exception], Outcome],
) -> None:
    """Submit tasks, at most ``WINDOW`` ahead, and hand on what comes back."""
    from distributed import KilledWorker, as_completed

    waiting = iter(tasks)
    submitted: dict[str, Task] = {}

    def submit(count: int) -> list[Any]:
        futures = []
        for task in islice(waiting, count):
            future = client.submit(work, Sealed(task), pure=False, retries=RETRIES)
            submitted[future.key] = task
            futures.append(future)
        return futures

    running = as_completed(submit(WINDOW))
    for future in running:
        task = submitted.pop(future.key)
        error = future.exception() if future.status == "error" else None
        if isinstance(error, KilledWorker):
            on_done(on_lost(task, error))
        else:
            on_done(future.result())
        running.update(submit(1))
