"""Protocols: which rows train, which are tested, and the inner folds on which hyper-parameters are
chosen.

Every scheme gives the same thing, a `Plan` of `Split` s, so that evaluation does not know where
folds came from.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from featkit.errors import ParameterError, listed
from featkit.evaluation.drawing import draw_folds
from featkit.store.table import Table

Folds = Literal["auto", "official", "split", "drawn", "groups"]
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
        Inner fold of each row in ``select``; −1 trains always and is never held out. None where
        classes are too small to draw.
    """

    name: str
    test: Rows
    train: Rows
    select: Rows
    inner: Rows | None


@dataclass(frozen=True, eq=False)
class Plan:
    """The outer folds, how they were made, and what a reader of the results must know about them.

    ``outer`` is the test fold of every row where the folds partition the table and the inner folds
    of each split are the remaining outer folds (leave one fold out); else None.
    """

    scheme: str
    splits: tuple[Split, ...]
    notes: tuple[str, ...] = ()
    outer: Rows | None = None


def plan(table: Table, folds: Folds = "auto", n_folds: int = 5, fold_seed: int = 0) -> Plan:
    """Return the outer and inner folds of a table.

    Parameters
    ----------
    table : Table
    folds : {"auto", "official", "split", "drawn", "groups"}
        ``auto`` follows the table's own protocol. ``official`` leaves out one official fold at a
        time, ``split`` trains on ``train``, selects on ``valid`` and tests on ``test`` (S2-19),
        ``drawn`` draws stratified folds that keep groups and equal recordings whole, ``groups``
        leaves out one group at a time (one speaker, one city).
    n_folds, fold_seed : int
        Number and seed of the drawn folds.

    Raises
    ------
    ParameterError
        If the table cannot be divided in this way; the message names the clips or classes that
        prevent it.
    """
    if len(table.classes) < 2:
        raise ParameterError(
            f"{table.dataset}: one class only ({listed(table.classes)}); nothing to tell apart"
        )
    ways = {"official": _official, "split": _train_test, "groups": _leave_group_out}
    if folds == "auto":
        folds = {"folds": "official", "split": "split", "none": "drawn"}.get(
            table.protocol, table.protocol
        )  # type: ignore[assignment]
    if folds == "drawn":
        return _drawn(table, n_folds, fold_seed)
    if folds not in ways:
        raise ParameterError(f"folds={folds!r} is not one of auto, drawn, {', '.join(ways)}")
    return ways[folds](table)


def _official(table: Table) -> Plan:
    without = table.ids[table.folds < 0]
    if len(without):
        raise ParameterError(
            f"{table.dataset}: clips without an official fold: {listed(without)}; draw folds instead (folds=drawn)"
        )
    return _leave_one_out(
        table,
        table.folds,
        {value: str(value) for value in np.unique(table.folds).tolist()},
        "official folds",
    )


def _drawn(table: Table, n_folds: int, seed: int) -> Plan:
    outer = draw_folds(table, n_folds, seed)
    count = int(outer.max()) + 1
    suffix = f"@{seed}" if seed else ""
    names = {value: f"{value + 1}of{count}{suffix}" for value in range(count)}
    fewer = (
        (f"{count} folds instead of {n_folds}: a class has only {count} groups",)
        if count < n_folds
        else ()
    )
    return _leave_one_out(
        table, outer, names, f"{count} stratified group folds, seed {seed}", fewer
    )


def _leave_one_out(
    table: Table, outer: Rows, names: dict[int, str], scheme: str, notes: tuple[str, ...] = ()
) -> Plan:
    if len(names) < 2:
        raise ParameterError(
            f"{table.dataset}: {scheme}: one fold only ({', '.join(names.values())}); at least 2 are needed"
        )
    splits = []
    for value, name in names.items():
        train, test = np.flatnonzero(outer != value), np.flatnonzero(outer == value)
        inner = outer[train] if len(names) > 2 else _inner(table, train)
        splits.append(Split(name, test, train, train, inner))
    return Plan(scheme, tuple(splits), notes, outer if len(names) > 2 else None)


def _train_test(table: Table) -> Plan:
    splits: NDArray[Any] = table.splits if len(table.splits) else np.full(len(table), "")
    train, valid, test = (np.flatnonzero(splits == part) for part in ("train", "valid", "test"))
    if not len(train) or not len(test):
        raise ParameterError(
            f"{table.dataset}: {len(train)} clips in split 'train' and {len(test)} in 'test'; both are needed"
        )
    left = len(table) - len(train) - len(valid) - len(test)
    notes = (f"{left} clips in no split are left out",) if left else ()
    if not len(valid):
        return Plan(
            "train/test split",
            (Split("test", test, train, train, _inner(table, train, official=True)),),
            notes,
        )
    select = np.sort(np.concatenate([train, valid]))
    inner = np.where(splits[select] == "valid", 0, -1).astype(np.int64)
    return Plan("train/valid/test split", (Split("test", test, train, select, inner),), notes)


def _leave_group_out(table: Table) -> Plan:
    groups, index, counts = np.unique(table.groups, return_inverse=True, return_counts=True)
    if len(groups) < 2 or counts.max() == 1:
        raise ParameterError(
            f"{table.dataset}: {len(groups)} groups for {len(table)} clips: no groups to leave out one at a time"
        )
    splits = []
    for value, group in enumerate(groups):
        train = np.flatnonzero(index != value)
        splits.append(
            Split(
                f"group {group}", np.flatnonzero(index == value), train, train, _inner(table, train)
            )
        )
    return Plan("leave one group out", tuple(splits))


def _inner(table: Table, rows: Rows, official: bool = False) -> Rows | None:
    """Return inner folds of some rows: official ones where asked for and known, else drawn; None
    where a class is too small.
    """
    part = table.select(rows)
    if official and part.folds.min() >= 0 and len(np.unique(part.folds)) > 1:
        return part.folds
    try:
        return draw_folds(part, 5, 0)
    except ParameterError:
        return None
