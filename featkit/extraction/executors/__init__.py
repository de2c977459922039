"""Where tasks run: threads of this process, processes of this machine, or a Dask cluster."""

from collections.abc import Callable, Sequence

from featkit.extraction.executors import cluster, local, threads
from featkit.extraction.task import Outcome, Task

# Threads start at once and share the loaded libraries; processes take two seconds to start, and
# scale past the interpreter lock.
PROCESSES_FROM = 2_000

Done = Callable[[Outcome], None]
Lost = Callable[[Task, Exception], Outcome]


def run(
    tasks: Sequence[Task], *, jobs: int, scheduler: str | None, on_done: Done, on_lost: Lost
) -> None:
    """Run all tasks and hand each outcome to ``on_done`` as it comes.

    Parameters
    ----------
    tasks : sequence of Task
    jobs : int
        Workers on this machine; ignored where ``scheduler`` is an address.
    scheduler : str or None
        ``threads``, ``processes``, or the address of a Dask scheduler such as
        ``tcp://host:8786``. None picks threads for small jobs and processes for large ones.
    on_done : callable
        Takes each outcome.
    on_lost : callable
        Returns the outcome of a task whose workers died each time it was tried.

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
        threads.run(tasks, jobs, on_done)
        return
    opened = (
        local.processes(min(jobs, len(tasks)))
        if scheduler == "processes"
        else cluster.connect(scheduler)
    )
    with opened as client:
        cluster.distribute(client, tasks, on_done, on_lost)


def check(scheduler: str | None) -> None:
    """Raise ParameterError if ``scheduler`` is an address at which no Dask scheduler answers."""
    if scheduler not in (None, "threads", "processes"):
        with cluster.connect(str(scheduler)):
            return
