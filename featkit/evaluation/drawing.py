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
        If all rows are of one recording or group, a class has a single one, so that it could not be
        both trained and tested, or groups are too uneven for so many folds.
    """
    units = whole_units(table)
    if len(table) > 1 and len(np.unique(units)) == 1:
        raise ParameterError(_one_unit(table))
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


def _one_unit(table: Table) -> str:
    """Return what to do where nothing can be kept apart, such as excerpts of one recording."""
    alone = len(np.unique(table.recording_of)) == 1
    what = "excerpts of one recording" if alone else "of one group, or of recordings that share it"
    return (
        f"{table.dataset}: all {len(table)} clips are {what}, and drawn folds never split that. "
        "Add other recordings; or give the table a column 'fold' (or --fold-column) that cuts the "
        "recording into stretches of time, with gaps between them, and allow leakage "
        "(--allow-leakage): every score then says that training and test share a recording"
    )


def _fewest_units(table: Table, units: NDArray[np.int64]) -> int:
    counts = {str(label): len(np.unique(units[table.y == label])) for label in table.classes}
    single = [label for label, count in counts.items() if count < 2]
    if single:
        raise ParameterError(
            f"{table.dataset}: classes with clips of a single group or recording, "
            f"which cannot be both trained and tested: {listed(single)}"
        )
    return min(counts.values())
