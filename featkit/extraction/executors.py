"""Where tasks run: threads of this process, processes of this machine, or any Dask cluster. The
only user of Dask.
"""

import contextlib
import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from featkit.errors import ParameterError, SchedulerError
from featkit.extraction import block
from featkit.extraction.task import Outcome, Task

# Threads start at once and share the loaded libraries; processes pay two seconds for scaling past
# the interpreter lock.
PROCESSES_FROM = 2_000
RETRIES = 2
WINDOW = 1_000
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
)

Done = Callable[[Outcome], None]
Lost = Callable[[Task, Exception], Outcome]


def run(
    tasks: Sequence[Task], *, jobs: int, scheduler: str | None, on_done: Done, on_lost: Lost
) -> None:
    """Run all tasks and hand each outcome to ``on_done`` as it comes.

    Parameters
    ----------
    jobs : int
        Workers on this machine; of no effect where ``scheduler`` is an address.
    scheduler : str or None
        ``threads``, ``processes``, or the address of a Dask scheduler such as ``tcp://host:8786``;
        None picks threads for small jobs and processes for large ones.
    on_lost : callable
        Gives the outcome of a task whose workers died ``RETRIES`` + 1 times.

    Raises
    ------
    ParameterError
        If the scheduler cannot be reached.
    SchedulerError
        If it is lost before all tasks are done.
    """
    if not tasks:
        return
    if scheduler is None:
        clips = sum(int(task.look.sum()) for task in tasks)
        scheduler = "processes" if jobs > 1 and clips >= PROCESSES_FROM else "threads"
    if scheduler == "threads":
        _threads(tasks, jobs, on_done)
    else:
        with cluster(jobs, scheduler) as client:
            distribute(client, tasks, on_done, on_lost)


def _threads(tasks: Sequence[Task], jobs: int, on_done: Done) -> None:
    from dask.callbacks import Callback
    from dask.threaded import get
    from threadpoolctl import threadpool_limits

    graph = {("block", number): (_pinned, _Held(task)) for number, task in enumerate(tasks)}
    report = Callback(posttask=lambda key, outcome, *_: on_done(outcome))
    with threadpool_limits(1), _environment(ONE_THREAD), ThreadPoolExecutor(jobs) as pool, report:
        get(graph, list(graph), pool=pool)


class _Held:
    """A task that Dask does not look into."""

    def __init__(self, task: Task) -> None:
        self.task = task


def _pinned(held: _Held) -> Outcome:
    """Run a task with one thread: torch keeps its number of threads per thread, so it is set where
    the work is done.
    """
    torch: Any = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(1)
    return block.run(held.task)


@contextlib.contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def check(scheduler: str | None) -> None:
    """Raise ParameterError if ``scheduler`` is an address at which no Dask scheduler answers."""
    if scheduler not in (None, "threads", "processes"):
        with cluster(1, str(scheduler)):
            return


@contextlib.contextmanager
def cluster(jobs: int, scheduler: str = "processes") -> Iterator[Any]:
    """Give a client of ``jobs`` processes of this machine, or of the Dask scheduler at an address."""
    import dask
    from distributed import Client, LocalCluster

    quiet = {
        "distributed.worker.profile.enabled": False,
        "distributed.admin.large-graph-warning-threshold": "1GB",
    }
    with dask.config.set(quiet):
        if scheduler == "processes":
            try:
                local = LocalCluster(
                    n_workers=jobs, threads_per_worker=1, dashboard_address=None, env=ONE_THREAD
                )
            except RuntimeError as error:
                raise SchedulerError(
                    f"the worker processes did not start ({error}); start the same extraction again"
                ) from error
            with local, Client(local) as client:
                yield client
            return
        try:
            client = Client(scheduler, timeout=2)
        except (OSError, ValueError, TimeoutError) as error:
            raise ParameterError(
                f"no Dask scheduler answers at {scheduler!r} ({error}); --scheduler takes threads, processes or an address"
            ) from error
        with client, _watched(client):
            yield client


@contextlib.contextmanager
def _watched(client: Any) -> Iterator[None]:
    """Raise SchedulerError where the scheduler is lost, and end the client without the traceback of
    its last reconnection.
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
            "the Dask scheduler was lost; what was done is kept, and the same extraction goes on from there"
        ) from error


def distribute(client: Any, tasks: Sequence[Task], on_done: Done, on_lost: Lost) -> None:
    """Submit tasks, at most ``WINDOW`` ahead, and hand on what comes back."""
    from distributed import KilledWorker, as_completed

    waiting = iter(tasks)
    sent: dict[str, Task] = {}

    def submit(count: int) -> list[Any]:
        futures = []
        for task, _ in zip(waiting, range(count), strict=False):
            future = client.submit(_pinned, _Held(task), pure=False, retries=RETRIES)
            sent[future.key] = task
            futures.append(future)
        return futures

    running = as_completed(submit(WINDOW))
    for future in running:
        task = sent.pop(future.key)
        error = future.exception() if future.status == "error" else None
        if isinstance(error, KilledWorker):
            on_done(on_lost(task, error))
        else:
            on_done(future.result())
        running.update(submit(1))
