"""What to do with rows that are too short: repeat them, or fill them up [elmarc]."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.floating[Any]]


def repeat(row: Array, length: int) -> Array:
    """Return copies of ``row`` one after the other, cut to ``length`` along the first axis."""
    return row[np.arange(length) % len(row)]


def fill(row: Array, length: int, value: ArrayLike) -> Array:
    """Return ``row`` filled up to ``length`` with ``value``, a number or one entry."""
    out = np.empty((length, *row.shape[1:]), dtype=row.dtype)
    out[: len(row)] = row
    out[len(row) :] = value
    return out


def exactly(samples: NDArray[np.float32], length: int) -> NDArray[np.float32]:
    """Return ``samples`` cut, or extended with zeros on the right, to ``length``."""
    return samples[:length] if len(samples) >= length else fill(samples, length, 0.0)
