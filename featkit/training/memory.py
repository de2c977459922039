"""One clear error wherever a training run or a prediction runs out of memory."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from featkit.errors import ParameterError
from featkit.training.recipes import Recipe


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
            f"out of memory with batch_size={recipe.batch_size} and precision={recipe.precision}: halve the batch size, or give "
            "precision=bfloat16; a lower memory= leaves rows where they are stored; epochs that have a checkpoint are kept"
        ) from error


def _out_of_memory(error: MemoryError | RuntimeError) -> bool:
    return isinstance(error, (MemoryError, torch.OutOfMemoryError)) or "allocate memory" in str(
        error
    )
