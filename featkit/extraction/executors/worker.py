"""What every worker does, wherever it runs: one task with one thread."""

import sys
from typing import Any

from featkit.extraction import block
from featkit.extraction.task import Outcome, Task

# For the numerical libraries of a worker, which read them when they are loaded.
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
)


class Sealed:
    """A task that Dask does not look into."""

    def __init__(self, task: Task) -> None:
        self.task = task


def work(sealed: Sealed) -> Outcome:
    """Run a task with one thread.

    Torch keeps its number of threads per thread, so it is set where the work is done.
    """
    torch: Any = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(1)
    return block.run(sealed.task)
