"""Copies of clips in an evaluation: learned from beside their clips, tested with them or not at
all.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from featkit.evaluation.splits import Plan, Rows, Split
from featkit.store.table import Table


def with_copies(plan: Plan, table: Table) -> Plan:
    """Return the plan of a table from that of its originals.

    Copies of training clips train and are in the inner fold of their clip. Test and validation
    parts have none; where the table says that copies vote, those of test clips do.

    Parameters
    ----------
    plan : Plan
        Of ``table.originals``.
    table : Table
    """
    if not len(table.copy):
        return plan
    clip, originals = table.clip_of, np.flatnonzero(table.copy == 0)
    return replace(
        plan,
        splits=tuple(_extended(split, clip, originals, table.vote) for split in plan.splits),
        outer=None if plan.outer is None else plan.outer[clip],
    )


def _extended(split: Split, clip: Rows, originals: Rows, vote: bool) -> Split:
    train = np.flatnonzero(np.isin(clip, split.train))
    valid = originals[np.setdiff1d(split.select, split.train)]
    select = np.sort(np.concatenate([train, valid]))
    inner = None
    if split.inner is not None:
        fold = np.zeros(len(originals), dtype=np.int64)
        fold[split.select] = split.inner
        inner = fold[clip[select]]
    voting = None
    if vote:
        place = np.full(len(originals), -1)
        place[split.test] = np.arange(len(split.test))
        rows = np.flatnonzero(place[clip] >= 0)
        voting = rows, place[clip[rows]]
    return Split(split.name, originals[split.test], train, select, inner, voting)


def voted(probabilities: NDArray[np.float64], clip: Rows, n: int) -> NDArray[np.float64]:
    """Return the mean of the rows of each of ``n`` clips, shape (n, n_classes)."""
    total = np.zeros((n, probabilities.shape[1]))
    np.add.at(total, clip, probabilities)
    return np.asarray(total / np.bincount(clip, minlength=n)[:, None])
