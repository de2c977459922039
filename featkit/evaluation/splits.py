"""A plan of splits: which rows train, which are tested, and the inner folds for selection.

Every way of making folds gives the same thing, so that evaluation does not know where folds came
from.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from featkit.results.notes import Note

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Split:
    """One outer fold.

    Attributes
    ----------
    name : str
        Name of the test fold.
    test, train : ndarray of int
        Positions of the rows that are predicted, and of those that the final model is fitted on.
    select : ndarray of int
        Positions of the rows on which hyper-parameters are chosen: ``train``, or training and
        validation part together.
    inner : ndarray of int, or None
        Inner fold of each row in ``select``; −1 always trains and is never held out. None where
        classes are too small to draw.
    voting : (ndarray of int, ndarray of int), or None
        Where copies vote: the positions of the test rows and their copies, and for each the place
        in ``test`` of its clip.
    """

    name: str
    test: Rows
    train: Rows
    select: Rows
    inner: Rows | None
    voting: tuple[Rows, Rows] | None = None


@dataclass(frozen=True, eq=False)
class Plan:
    """The outer folds, how they were made, and what a reader of the results must know about them.

    Attributes
    ----------
    scheme : str
        How the folds were made.
    splits : tuple of Split
        All folds.
    notes : tuple of Note
    outer : ndarray of int, or None
        Test fold of every row, where the folds partition the table and the inner folds of each
        split are the remaining outer folds (leave one fold out).
    only : tuple of str
        Names of the folds to measure; empty for all.
    """

    scheme: str
    splits: tuple[Split, ...]
    notes: tuple[Note, ...] = ()
    outer: Rows | None = None
    only: tuple[str, ...] = ()

    @property
    def measured(self) -> tuple[Split, ...]:
        """The folds to measure, in order."""
        return tuple(split for split in self.splits if not self.only or split.name in self.only)

    @property
    def tested(self) -> Rows:
        """Positions of the rows that the folds to measure test, each once."""
        return np.unique(np.concatenate([split.test for split in self.measured]))
