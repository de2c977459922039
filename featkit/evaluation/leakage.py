"""The leakage guard: no group and no recording may be both learned from and tested."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from featkit.errors import DatasetError, listed
from featkit.evaluation.splits import Plan, Rows
from featkit.results.notes import Note
from featkit.store.table import Table


def guard(table: Table, plan: Plan, allow: bool = False) -> tuple[Note, ...]:
    """Return the note that every result must carry where something leaks and that is allowed.

    A test clip leaks where a clip of the same group or from the same recording is in the part that
    its fold's model is selected or fitted on: the classifier then recognises the recording and not
    the class. Clips are from one recording if they are excerpts of one file, or of files with the
    same bytes.

    Raises
    ------
    DatasetError
        If something leaks and ``allow`` is false; the message names the clips.
    """
    reasons = [
        f"{len(leaked)} {part} clips {what} a training clip: {listed(table.ids[leaked])}"
        for what, keys in (
            ("share their group with", table.groups),
            ("are from the same recording as", table.recording_of),
        )
        for part, leaked in (
            ("test", leaked_test(plan, keys)),
            ("validation", leaked_validation(plan, keys)),
        )
        if len(leaked)
    ]
    if not reasons:
        return ()
    text = "; ".join(reasons)
    if (table.duplicates != "").any():
        text += " (copies that 'featkit inspect' found count as one recording)"
    if not allow:
        raise DatasetError(
            f"{table.dataset}, {plan.scheme}: {text}. "
            "Mend the folds, or allow leakage to run it with a mark."
        )
    return (Note("leakage", f"leakage allowed: {text}"),)


def leaked_test(plan: Plan, keys: NDArray[Any]) -> Rows:
    """Return the positions of test rows whose key is also among the rows that their split learns
    from.
    """
    return _union(_shared(keys, split.test, split.select) for split in plan.splits)


def leaked_validation(plan: Plan, keys: NDArray[Any]) -> Rows:
    """Return the positions of validation rows whose key is also among the training rows of their
    split.
    """
    return _union(
        _shared(keys, np.setdiff1d(split.select, split.train), split.train) for split in plan.splits
    )


def _shared(keys: NDArray[Any], rows: Rows, learned: Rows) -> Rows:
    """Return those of ``rows`` whose key is among those of ``learned``."""
    shared: Rows = rows[np.isin(keys[rows], keys[learned])]
    return shared


def _union(parts: Iterable[Rows]) -> Rows:
    return np.unique(np.concatenate([np.array([], dtype=np.int64), *parts]))
