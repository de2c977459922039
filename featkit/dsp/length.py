"""Length rules on the first axis (S2-3): cut, and repeat or fill what is too short."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.floating[Any]]


def repeat(row: Array, length: int) -> Array:
    """Return ``row`` again and again along its first axis until there are ``length``, the last copy
    cut.
    """
    return row[np.arange(length) % len(row)]


def fill(row: Array, length: int, value: ArrayLike) -> Array:
    """Return ``row`` followed by ``value`` (of one entry's shape, or a number) up to ``length``."""
    out = np.empty((length, *row.shape[1:]), dtype=row.dtype)
    out[: len(row)] = row
    out[len(row) :] = value
    return out
