"""Processes of this machine, as a Dask cluster that lives as long as one extraction."""

import contextlib
from collections.abc import Iterator
from typing import Any

from featkit.errors import SchedulerError
from featkit.extraction.executors.cluster import QUIET
from featkit.extraction.executors.worker import ONE_THREAD


@contextlib.contextmanager
def processes(jobs: int) -> Iterator[Any]:
    """Give the client of ``jobs`` new processes of one thread each.

    Raises
    ------
    SchedulerError
        If they do not start.
    """
    import dask
    from distributed import Client, LocalCluster

    with dask.config.set(QUIET):
        try:
            cluster = LocalCluster(
                n_workers=jobs, threads_per_worker=1, dashboard_address=None, env=ONE_THREAD
            )
        except RuntimeError as error:
            raise SchedulerError(
                f"the worker processes did not start ({error}); run the same extraction again"
            ) from error
        with cluster, Client(cluster) as client:
            yield client
