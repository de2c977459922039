"""What a run needs of the machine: where it computes, seeded generators, and enough memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from featkit.errors import MissingDependencyError, ParameterError
from featkit.training.recipes import Recipe
from featkit.training.rows import MEMORY_BYTES


@dataclass(frozen=True)
class Machine:
    """Where a run computes and what it leaves there; nothing here changes its numbers on a CPU.

    Attributes
    ----------
    device : str
        ``cpu``, ``cuda``, ``cuda:0`` …
    memory : int
        Bytes of rows that may be read into memory.
    checkpoints : str
        Folder in which each run has its own; empty: none are written.
    verbose : bool
        Show epochs, losses and the time left on stderr even where that is no terminal.
    """

    device: str = "cpu"
    memory: int = MEMORY_BYTES
    checkpoints: str = ""
    verbose: bool = False


def check_device(device: str) -> None:
    """Raise if torch cannot compute on ``device``."""
    import torch

    try:
        kind = torch.device(device).type
    except RuntimeError as error:
        raise ParameterError(f"device={device!r} is not one of cpu, cuda, cuda:0 …") from error
    if kind not in ("cpu", "cuda"):
        raise ParameterError(f"device={device!r} is not one of cpu, cuda, cuda:0 …")
    if kind == "cuda" and not torch.cuda.is_available():
        raise MissingDependencyError(
            f"device={device}: torch sees no CUDA GPU here; leave device at cpu"
        )


def stream(seed: int, *keys: int) -> int:
    """Return a 63-bit seed that depends on ``seed`` and every key, such as member, purpose and
    epoch.
    """
    high, low = (
        np.random.SeedSequence([abs(seed), int(seed < 0), *keys])
        .generate_state(2, np.uint32)
        .tolist()
    )
    return int((high >> 1) << 32 | low)


@contextmanager
def torch_seeded(seed: int, device: str = "cpu") -> Iterator[None]:
    """Run the block with torch's generators at ``seed`` and put their states back afterwards."""
    import torch

    devices = [torch.device(device)] if device.startswith("cuda") else []
    with torch.random.fork_rng(devices):
        torch.manual_seed(seed)
        yield


@contextmanager
def explained(recipe: Recipe) -> Iterator[None]:
    """Turn what numpy and torch raise inside the block when memory runs out into a ParameterError
    that says what to do.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not _out_of_memory(error):
            raise
        raise ParameterError(
            f"out of memory with batch_size={recipe.batch_size} and precision={recipe.precision}: "
            "halve the batch size, or give precision=bfloat16; a lower memory= leaves rows where "
            "they are stored; epochs that have a checkpoint are kept"
        ) from error


def _out_of_memory(error: MemoryError | RuntimeError) -> bool:
    import torch

    return isinstance(error, (MemoryError, torch.OutOfMemoryError)) or "allocate memory" in str(
        error
    )
