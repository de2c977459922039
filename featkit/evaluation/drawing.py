"""Stratified folds drawn at evaluation, for data that come without official ones."""

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from featkit.errors import ParameterError, listed
from featkit.store.recordings import connected
from featkit.store.table import Table


def draw_folds(table: Table, n_folds: int, seed: int) -> NDArray[np.int64]:
    """Return a fold (0, 1, …) for each row, stratified by label.

    Groups and recordings are never split. Where the smallest class has fewer groups than
    ``n_folds`` (2 or more), there are as many folds as it has groups.

    Raises
    ------
    ParameterError
        If a class has a single group or recording, so that it could not be both trained and
        tested, or groups are too uneven for so many folds.
    """
    units = whole_units(table)
    count = min(n_folds, _fewest_units(table, units))
    folds = np.full(len(table), -1, dtype=np.int64)
    alone = len(np.unique(units)) == len(table)
    kind = StratifiedKFold if alone else StratifiedGroupKFold
    splitter = kind(count, shuffle=True, random_state=seed)
    for fold, (_, test) in enumerate(
        splitter.split(np.zeros(len(table)), table.y, None if alone else units)
    ):
        folds[test] = fold
    empty = count - len(np.unique(folds))
    if empty:
        raise ParameterError(
            f"{table.dataset}: {len(np.unique(units))} groups are too uneven for {count} folds; "
            "ask for fewer folds"
        )
    return folds


def whole_units(table: Table) -> NDArray[np.int64]:
    """Return a number for each row, equal for rows that a chain of shared groups and shared
    recordings connects.
    """
    return connected([table.groups, table.recording_of.astype(str)], len(table))


def _fewest_units(table: Table, units: NDArray[np.int64]) -> int:
    counts = {str(label): len(np.unique(units[table.y == label])) for label in table.classes}
    single = [label for label, count in counts.items() if count < 2]
    if single:
        raise ParameterError(
            f"{table.dataset}: classes with clips of a single group or recording, "
            f"which cannot be both trained and tested: {listed(single)}"
        )
    return min(counts.values())
