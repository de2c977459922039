"""Tasks in threads of this process, scheduled by Dask."""

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from featkit.extraction.executors.worker import ONE_THREAD, Sealed, work
from featkit.extraction.task import Outcome, Task


def run(tasks: Sequence[Task], jobs: int, on_done: Callable[[Outcome], None]) -> None:
    """Run all tasks in ``jobs`` threads and hand each outcome to ``on_done``."""
    from dask.callbacks import Callback
    from dask.threaded import get
    from threadpoolctl import threadpool_limits

    graph = {("block", number): (work, Sealed(task)) for number, task in enumerate(tasks)}
    report = Callback(posttask=lambda key, outcome, *_: on_done(outcome))
    with threadpool_limits(1), _environment(ONE_THREAD), ThreadPoolExecutor(jobs) as pool, report:
        get(graph, list(graph), pool=pool)


@contextlib.contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
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
