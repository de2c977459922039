"""Inner validation parts: of the training rows only, by inner folds where there are some, else a
share of each class.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from featkit.errors import ParameterError
from featkit.training.data import Rows

Index = NDArray[np.int64]


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
            f"inner folds {np.unique(folds).tolist()} leave no part to train on and one to choose on"
        )
    return np.flatnonzero(~held), np.flatnonzero(held)


def inner_split(labels: NDArray[Any], share: float, seed: int) -> tuple[Index, Index]:
    """Return rows to train on and rows to choose on: ``share`` of every class, one at least where a
    class has two.

    Raises
    ------
    ParameterError
        If every class has a single row.
    """
    rng, held = np.random.default_rng(seed), np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        count = min(len(rows) - 1, max(1, round(share * len(rows))))
        held[rng.permutation(rows)[:count]] = True
    if not held.any():
        raise ParameterError(
            f"every class has a single row among {len(labels)}: none can be held out to choose on"
        )
    return np.flatnonzero(~held), np.flatnonzero(held)
