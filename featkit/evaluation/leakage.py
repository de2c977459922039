"""The leakage guard: no group and no recording may be both learned from and tested."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from featkit.errors import DatasetError, listed
from featkit.evaluation.splits import Plan, Rows
from featkit.results.notes import Note
from featkit.store.table import Table


def guard(table: Table, plan: Plan, allow: bool = False) -> tuple[Note, ...]:
    """Return the note that every result must carry where something leaks and that is allowed.

    A test clip leaks where a clip of the same group, or with the same audio, is in the part that
    its fold's model is selected or fitted on: the classifier then recognises the recording and not
    the class.

    Raises
    ------
    DatasetError
        If something leaks and ``allow`` is false; the message names the clips.
    """
    reasons = []
    for what, keys in (
        ("share their group", table.groups),
        ("hold the same audio", table.contents),
    ):
        for part, leaked in (
            ("test", leaked_test(plan, keys)),
            ("validation", leaked_validation(plan, keys)),
        ):
            if len(leaked):
                reasons.append(
                    f"{len(leaked)} {part} clips {what} with a training clip: "
                    f"{listed(table.ids[leaked])}"
                )
    if not reasons:
        return ()
    text = "; ".join(reasons)
    if not allow:
        raise DatasetError(
            f"{table.dataset}, {plan.scheme}: {text}. "
            "Mend the folds, or allow leakage to run it with a mark."
        )
    return (Note("leakage", f"leakage allowed: {text}"),)


def leaked_test(plan: Plan, keys: NDArray[np.str_]) -> Rows:
    """Return the positions of test rows whose key is also among the rows that their split learns
    from.

    An empty key is unknown and equals nothing.
    """
    return _union(_shared(keys, split.test, split.select) for split in plan.splits)


def leaked_validation(plan: Plan, keys: NDArray[np.str_]) -> Rows:
    """Return the positions of validation rows whose key is also among the training rows of their
    split.
    """
    return _union(
        _shared(keys, np.setdiff1d(split.select, split.train), split.train) for split in plan.splits
    )


def _shared(keys: NDArray[np.str_], rows: Rows, learned: Rows) -> Rows:
    """Return those of ``rows`` whose key is known and among those of ``learned``."""
    if not len(keys):
        return np.array([], dtype=np.int64)
    shared: Rows = rows[np.isin(keys[rows], keys[learned]) & (keys[rows] != "")]
    return shared


def _union(parts: Iterable[Rows]) -> Rows:
    return np.unique(np.concatenate([np.array([], dtype=np.int64), *parts]))
