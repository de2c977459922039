"""Rows for training: arrays in memory, memory maps and stores behind one interface; lengths made
even; and which rows are held out to choose on.

A validation part is always a part of the training rows: an inner fold where there are some, else a
fraction of each class. Nothing here needs torch.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from featkit.errors import ParameterError

Index = NDArray[np.int64]

MEMORY_BYTES = 4 << 30


class Rows:
    """Some rows of an array-like, read when asked for.

    Parameters
    ----------
    source : array-like of shape (n, …)
        A numpy array or memory map, or anything with ``shape``, ``dtype`` and ``source[i]``, such
        as a Zarr array. One with ``at_epoch(epoch)`` gives other values every epoch
        (`featkit.training.augmentation.Augmented`).
    index : ndarray of int, optional
        Which rows, in order; all of them by default.
    """

    def __init__(self, source: Any, index: Index | None = None) -> None:
        if len(source.shape) < 2:
            raise ParameterError(
                f"X of shape {tuple(source.shape)} has no rows of values; expected (n, …)"
            )
        self.source = source
        self.index = index

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one row."""
        return tuple(self.source.shape[1:])

    @property
    def nbytes(self) -> int:
        """Bytes of all rows as float32."""
        return 4 * len(self) * math.prod(self.shape)

    @property
    def resident(self) -> bool:
        """Whether the values are in memory already."""
        return isinstance(self.source, np.ndarray) and not isinstance(self.source, np.memmap)

    def __len__(self) -> int:
        return int(self.source.shape[0]) if self.index is None else len(self.index)

    def subset(self, index: Index) -> Self:
        """Return some of these rows, without reading them."""
        return type(self)(self.source, index if self.index is None else self.index[index])

    def take(self, index: Index) -> NDArray[Any]:
        """Return rows as one array, in the order given."""
        places = index if self.index is None else self.index[index]
        if isinstance(self.source, np.ndarray):
            return np.asarray(self.source[places])
        return np.stack([np.asarray(self.source[int(row)]) for row in places])

    def chunks(self, size: int) -> Iterator[NDArray[Any]]:
        """Yield all rows, ``size`` at a time."""
        for start in range(0, len(self), size):
            yield self.take(np.arange(start, min(start + size, len(self))))

    def at_epoch(self, epoch: int) -> Self:
        """Return the rows as they are in an epoch."""
        return (
            type(self)(self.source.at_epoch(epoch), self.index)
            if hasattr(self.source, "at_epoch")
            else self
        )


def even(rows: Sequence[NDArray[Any]], length: int) -> NDArray[Any]:
    """Return rows of different lengths as one array: the first ``length`` frames, shorter ones
    repeated.

    Repeating leaves no silence at the end, from which a net could read the clip's duration.
    """
    if any(len(row) == 0 for row in rows):
        empty = next(number for number, row in enumerate(rows) if len(row) == 0)
        raise ParameterError(f"row {empty} has no frames")
    return np.stack([np.asarray(row)[np.arange(length) % len(row)] for row in rows])


def usual_length(rows: Sequence[NDArray[Any]]) -> int:
    """Return the median number of frames of rows of different lengths, rounded down."""
    return int(np.median([len(row) for row in rows]))


def pick(X: Any, rows: Index) -> Any:
    """Return some rows of a list, of an array, or of anything that is read row by row."""
    if isinstance(X, list):
        return [X[row] for row in rows]
    return X[rows] if isinstance(X, np.ndarray) else Rows(X).take(rows)


def fold_split(folds: NDArray[Any]) -> tuple[Index, Index]:
    """Return the rows outside and inside of the lowest inner fold that is not negative.

    Raises
    ------
    ParameterError
        If nothing would be left to train on, or to hold out.
    """
    held = (
        folds == folds[folds >= 0].min() if (folds >= 0).any() else np.zeros(len(folds), dtype=bool)
    )
    if held.all() or not held.any():
        raise ParameterError(
            f"inner folds {np.unique(folds).tolist()} leave no part to train on or none to choose "
            "on"
        )
    return np.flatnonzero(~held), np.flatnonzero(held)


def inner_split(labels: NDArray[Any], fraction: float, seed: int) -> tuple[Index, Index]:
    """Return rows to train on and rows to choose on: ``fraction`` of every class, at least one if
    the class has two.

    Raises
    ------
    ParameterError
        If every class has a single row.
    """
    rng, held = np.random.default_rng(seed), np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        count = min(len(rows) - 1, max(1, round(fraction * len(rows))))
        held[rng.permutation(rows)[:count]] = True
    if not held.any():
        raise ParameterError(
            f"every class has a single row among {len(labels)}: none can be held out to choose on"
        )
    return np.flatnonzero(~held), np.flatnonzero(held)
