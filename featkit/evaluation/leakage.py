"""The leakage guard: no group and no recording may be both learned from and tested."""

import numpy as np
from numpy.typing import NDArray

from featkit.errors import DatasetError, listed
from featkit.evaluation.folding import Plan
from featkit.results.scores import LEAKAGE
from featkit.store.table import Table


def guard(table: Table, plan: Plan, allow: bool = False) -> tuple[str, ...]:
    """Return the notes that every result must carry: empty where nothing leaks, else what leaks and
    was allowed.

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
        for part, leaked in (("test", shared(plan, keys)), ("validation", _validated(plan, keys))):
            if len(leaked):
                reasons.append(
                    f"{len(leaked)} {part} clips {what} with a training clip: {listed(table.ids[leaked])}"
                )
    if not reasons:
        return ()
    text = "; ".join(reasons)
    if not allow:
        raise DatasetError(
            f"{table.dataset}, {plan.scheme}: {text}. Mend the folds, or allow leakage to run it with a mark."
        )
    return (f"{LEAKAGE}: {text}",)


def _validated(plan: Plan, keys: NDArray[np.str_]) -> NDArray[np.int64]:
    """Return the positions of rows of a validation part whose key is also among the training rows
    beside it.
    """
    found = [np.array([], dtype=np.int64)]
    for split in plan.splits:
        valid = np.setdiff1d(split.select, split.train)
        if len(keys) and len(valid):
            found.append(valid[np.isin(keys[valid], keys[split.train]) & (keys[valid] != "")])
    return np.unique(np.concatenate(found))


def shared(plan: Plan, keys: NDArray[np.str_]) -> NDArray[np.int64]:
    """Return the positions of test rows whose key is also among the rows of their own split that
    are learned from.

    An empty key is unknown and equals nothing.
    """
    if not len(keys):
        return np.array([], dtype=np.int64)
    found = [
        split.test[np.isin(keys[split.test], keys[split.select]) & (keys[split.test] != "")]
        for split in plan.splits
    ]
    return np.unique(np.concatenate(found))
