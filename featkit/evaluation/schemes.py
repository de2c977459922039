"""The ways to divide a table into outer and inner folds: official, drawn, split, by group …"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from featkit.errors import ParameterError, listed
from featkit.evaluation.drawing import draw_folds
from featkit.evaluation.splits import Plan, Rows, Split
from featkit.results.notes import Note
from featkit.store.table import Table


def official(table: Table) -> Plan:
    """Leave out one official fold at a time."""
    without = table.ids[table.folds < 0]
    if len(without):
        raise ParameterError(
            f"{table.dataset}: clips without an official fold: {listed(without)}; "
            "draw folds instead (folds=drawn)"
        )
    return _leave_one_out(
        table,
        table.folds,
        {value: str(value) for value in np.unique(table.folds).tolist()},
        "official folds",
    )


def rotating(table: Table) -> Plan:
    """Test on one official fold at a time, select on the one before it and train on the rest.

    With five folds these are the pairs (valid, test) = (5, 1), (1, 2), (2, 3), (3, 4), (4, 5), each
    with three folds to train on [Tax2017], [Piczak2015-code]; the first is called 1v5.
    """
    values = np.unique(table.folds)
    if values[0] < 0 or len(values) < 3:
        raise ParameterError(
            f"{table.dataset}: official folds {values.tolist()} (-1: none); "
            "folds=rotating needs at least 3, and one for each clip"
        )
    splits = []
    for before, value in zip(np.roll(values, 1), values, strict=True):
        test, select = np.flatnonzero(table.folds == value), np.flatnonzero(table.folds != value)
        inner = np.where(table.folds[select] == before, 0, -1).astype(np.int64)
        splits.append(Split(f"{value}v{before}", test, select[inner < 0], select, inner))
    return Plan("official folds, validated on the one before", tuple(splits))


def drawn(table: Table, n_folds: int, seed: int) -> Plan:
    """Draw stratified folds that keep groups and recordings whole."""
    outer = draw_folds(table, n_folds, seed)
    count = int(outer.max()) + 1
    suffix = f"@{seed}" if seed else ""
    names = {value: f"{value + 1}of{count}{suffix}" for value in range(count)}
    plan = _leave_one_out(table, outer, names, f"{count} stratified group folds, seed {seed}")
    if count == n_folds:
        return plan
    fewer = f"{count} folds instead of {n_folds}: a class has only {count} groups"
    return replace(plan, notes=(Note("folds", fewer),))


def _leave_one_out(table: Table, outer: Rows, names: dict[int, str], scheme: str) -> Plan:
    if len(names) < 2:
        raise ParameterError(
            f"{table.dataset}: {scheme}: one fold only ({', '.join(names.values())}); "
            "at least 2 are needed"
        )
    splits = []
    for value, name in names.items():
        train, test = np.flatnonzero(outer != value), np.flatnonzero(outer == value)
        inner = outer[train] if len(names) > 2 else _inner(table, train)
        splits.append(Split(name, test, train, train, inner))
    return Plan(scheme, tuple(splits), outer=outer if len(names) > 2 else None)


def train_test(table: Table) -> Plan:
    """Train on ``train``, select on ``valid`` and test on ``test``, as [Pons2019] does for GTZAN.

    Without a validation part, inner folds are the official ones where there are any, else drawn.
    """
    splits: NDArray[np.str_] = table.splits if len(table.splits) else np.full(len(table), "")
    train, valid, test = (np.flatnonzero(splits == part) for part in ("train", "valid", "test"))
    if not len(train) or not len(test):
        raise ParameterError(
            f"{table.dataset}: {len(train)} clips in split 'train' and {len(test)} in 'test'; "
            "both are needed"
        )
    rest = len(table) - len(train) - len(valid) - len(test)
    notes = (Note("missing", f"{rest} clips in no split are left out"),) if rest else ()
    if not len(valid):
        split = Split("test", test, train, train, _inner(table, train, use_official=True))
        return Plan("train/test split", (split,), notes)
    select = np.sort(np.concatenate([train, valid]))
    inner = np.where(splits[select] == "valid", 0, -1).astype(np.int64)
    return Plan("train/valid/test split", (Split("test", test, train, select, inner),), notes)


def leave_group_out(table: Table) -> Plan:
    """Leave out one group at a time: one speaker, one city."""
    groups, index, counts = np.unique(table.groups, return_inverse=True, return_counts=True)
    if len(groups) < 2 or counts.max() == 1:
        raise ParameterError(
            f"{table.dataset}: {len(groups)} groups for {len(table)} clips: "
            "no groups to leave out one at a time"
        )
    splits = []
    for value, group in enumerate(groups):
        train, test = np.flatnonzero(index != value), np.flatnonzero(index == value)
        splits.append(Split(f"group {group}", test, train, train, _inner(table, train)))
    return Plan("leave one group out", tuple(splits))


def _inner(table: Table, rows: Rows, use_official: bool = False) -> Rows | None:
    """Return inner folds of some rows; None where a class is too small to draw them."""
    part = table.select(rows)
    if use_official and part.folds.min() >= 0 and len(np.unique(part.folds)) > 1:
        return part.folds
    try:
        return draw_folds(part, 5, 0)
    except ParameterError:
        return None
