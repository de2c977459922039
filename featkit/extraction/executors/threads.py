"""Tasks in this process: one after the other, or in threads that Dask schedules."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from featkit.extraction.executors.worker import ONE_THREAD, Sealed, work
from featkit.extraction.task import Outcome, Task


def run(tasks: Sequence[Task], jobs: int, on_done: Callable[[Outcome], None]) -> None:
    """Run all tasks in ``jobs`` threads, or without any where one is enough, and hand each outcome
    to ``on_done``.
    """
    if min(jobs, len(tasks)) == 1:
        with _one_thread():
            for task in tasks:
                on_done(work(Sealed(task)))
        return
    from dask.callbacks import Callback
    from dask.threaded import get

    graph = {("block", number): (work, Sealed(task)) for number, task in enumerate(tasks)}
    report = Callback(posttask=lambda key, outcome, *_: on_done(outcome))
    with _one_thread(), ThreadPoolExecutor(jobs) as pool, report:
        get(graph, list(graph), pool=pool)


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """Give numerical libraries one thread, also those that are loaded meanwhile; afterwards each
    has as many as before, or as it would have been loaded with.
    """
    from threadpoolctl import ThreadpoolController, threadpool_limits

    torch: Any = sys.modules.get("torch")
    of_torch = torch.get_num_threads() if torch else _usual_threads()
    before = {library.filepath for library in ThreadpoolController().lib_controllers}
    try:
        with threadpool_limits(1), _environment(ONE_THREAD):
            yield
    finally:
        for library in ThreadpoolController().lib_controllers:
            if library.filepath not in before:
                library.set_num_threads(_usual_threads())
        # Workers set torch's number for all threads that have not used it yet, this one too.
        torch = sys.modules.get("torch")
        if torch is not None:
            torch.set_num_threads(of_torch)


def _usual_threads() -> int:
    """Return how many threads a numerical library starts with."""
    stated = os.environ.get("OMP_NUM_THREADS", "")
    return int(stated) if stated.isdigit() and int(stated) else os.cpu_count() or 1


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
