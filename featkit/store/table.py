"""Aligned rows for learning: what a store gives and evaluation takes."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from featkit.errors import ParameterError, listed
from featkit.features.pooling import POOLINGS, Pooling, vector
from featkit.store.recordings import connected

_EMPTY: NDArray[np.str_] = np.array([], dtype=str)


@dataclass(frozen=True, eq=False)
class Table:
    """Rows of one feature with their labels, folds and groups, in the store's order.

    Attributes
    ----------
    X : ndarray of shape (n, …), list of n arrays, or `featkit.store.rows.StoredRows`
        A list where rows differ in length (first axis); the last where they would take too much
        memory.
    y : ndarray of str, shape (n,)
        Labels.
    folds : ndarray of int, shape (n,)
        Official fold of each row; −1 where there is none.
    groups : ndarray of str, shape (n,)
        What may never be split; a row without a group is a group of its own (its id).
    ids : ndarray of str, shape (n,)
        Clip ids.
    contents : ndarray of str, shape (n,)
        Hash of each clip's audio bytes (with the excerpt), empty where unknown; equal hashes are
        the same recording.
    recordings : ndarray of str, shape (n,)
        The recording that each clip is from, whatever the excerpt; empty where unknown. Never
        split, as `groups`.
    splits : ndarray of str, shape (n,)
        ``train``, ``valid``, ``test`` or empty.
    dataset, feature : str
        Name of the dataset; canonical ``name:key=value,…`` of the feature.
    protocol : {"folds", "split", "none"}
        What the dataset prescribes.
    spec : dict
        The feature's full specification.
    n_missing : int
        Clips of the dataset that have no valid row (failed or not yet extracted).
    blocks : tuple of int
        Where several features are joined, the columns of each.
    pooling : {"flatten", "mean_std"}
        How a row becomes a vector, as the feature declares it (`featkit.Feature.pooling`).
    warnings : tuple of str
        What may make results on these rows wrong; every result repeats it.
    """

    X: Any
    y: NDArray[np.str_]
    folds: NDArray[np.int64]
    groups: NDArray[np.str_]
    ids: NDArray[np.str_]
    contents: NDArray[np.str_] = field(default_factory=lambda: _EMPTY)
    recordings: NDArray[np.str_] = field(default_factory=lambda: _EMPTY)
    splits: NDArray[np.str_] = field(default_factory=lambda: _EMPTY)
    dataset: str = ""
    feature: str = ""
    protocol: str = "none"
    spec: dict[str, Any] = field(default_factory=dict)
    n_missing: int = 0
    blocks: tuple[int, ...] = ()
    pooling: Pooling = "flatten"
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.pooling not in POOLINGS:
            raise ParameterError(f"pooling={self.pooling!r} is not one of {', '.join(POOLINGS)}")
        lengths = {name: len(getattr(self, name)) for name in ("X", "y", "folds", "groups", "ids")}
        lengths |= {
            name: len(getattr(self, name))
            for name in ("contents", "recordings", "splits")
            if len(getattr(self, name))
        }
        if len(set(lengths.values())) != 1:
            raise ParameterError(f"the columns of a table differ in length: {lengths}")

    @property
    def classes(self) -> NDArray[np.str_]:
        """Sorted labels."""
        return np.unique(self.y)

    @cached_property
    def fingerprint(self) -> str:
        """16 hex digits of the rows, labels, folds, groups, specification and pooling: results of
        another fingerprint are stale.
        """
        digest = hashlib.blake2b(
            json.dumps(self.spec, sort_keys=True, default=str).encode(), digest_size=8
        )
        for column in (self.y, self.folds, self.groups, self.ids, self.contents, self.splits):
            digest.update(json.dumps(column.tolist()).encode())
        for row in self.X:
            digest.update(f"{row.dtype}{row.shape}".encode())
            digest.update(np.ascontiguousarray(row).data)
        # Folds depend on which clips are of one recording, and not on where it lies.
        if len(np.unique(self.recordings)) < len(self.recordings):
            digest.update(connected([self.recordings], len(self)).tobytes())
        # Rows of one length used to be flattened and others pooled, whatever the feature: only
        # results of tables that this no longer holds for are stale.
        if self.pooling != ("mean_std" if self.ragged else "flatten"):
            digest.update(self.pooling.encode())
        return digest.hexdigest()

    @cached_property
    def recording_of(self) -> NDArray[np.int64]:
        """A number for each row, equal for clips of one recording: of one file, or of files that
        hold the same audio.
        """
        return connected([self.recordings, self.contents], len(self))

    @property
    def ragged(self) -> bool:
        """Whether rows differ in length."""
        return isinstance(self.X, list)

    def __len__(self) -> int:
        return len(self.y)

    def vectors(self) -> NDArray[np.float32]:
        """Return ``X`` as (n, d), float32: each row as `pooling` says, whatever the other rows.

        Raises
        ------
        ParameterError
            If a row to be pooled has no frames (the message names its clip), or rows to be
            flattened differ in length.
        """
        if self.pooling == "flatten":
            if self.ragged and len({np.shape(row) for row in self.X}) > 1:
                raise ParameterError(
                    f"{self.feature}: rows differ in length and cannot be flattened to vectors of "
                    "one length; a table of such rows needs pooling='mean_std'"
                )
            return np.asarray(self.X, dtype=np.float32).reshape(len(self), -1)
        empty = [str(name) for name, row in zip(self.ids, self.X, strict=True) if len(row) == 0]
        if empty:
            raise ParameterError(
                f"{self.feature}: a row without frames has no mean: {listed(empty)}"
            )
        return np.stack([vector(row, self.pooling) for row in self.X])

    def select(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> "Table":
        """Return the table of some rows, given as a mask or as positions."""
        rows = np.flatnonzero(rows) if rows.dtype == bool else rows
        columns = {
            name: getattr(self, name)
            for name in ("y", "folds", "groups", "ids", "contents", "recordings", "splits")
        }
        cut = {name: column[rows] if len(column) else column for name, column in columns.items()}
        return replace(
            self, X=[self.X[row] for row in rows] if self.ragged else self.X[rows], **cut
        )


def join(table: Table, test: Table) -> Table:
    """Return one table of both corpora, all rows of ``table`` in split ``train`` and all of
    ``test`` in split ``test``.

    Groups of differently named corpora are kept apart, since equal names there mean nothing.

    Raises
    ------
    ParameterError
        If the features or their pooling differ, or ``test`` has a label that ``table`` lacks.
    """
    same = table.feature == test.feature and table.pooling == test.pooling
    if not same or (table.spec and test.spec and table.spec != test.spec):
        raise ParameterError(
            f"the corpora hold different features: {table.feature!r} and {test.feature!r}"
        )
    unknown = sorted(set(test.y.tolist()) - set(table.y.tolist()))
    if unknown:
        raise ParameterError(
            f"{test.dataset} has labels that {table.dataset} lacks: {listed(unknown)}"
        )
    both = (table, test)
    rows: Any = [row for part in both for row in part.X]
    if not table.ragged and not test.ragged and np.shape(table.X)[1:] == np.shape(test.X)[1:]:
        rows = np.concatenate([table.X, test.X])

    def column(name: str) -> NDArray[np.str_]:
        columns = [getattr(part, name) for part in both]
        return np.concatenate(
            [
                values if len(values) else np.full(len(part), "", dtype=str)
                for part, values in zip(both, columns, strict=True)
            ]
        )

    return Table(
        X=rows,
        y=np.concatenate([table.y, test.y]),
        folds=np.concatenate([table.folds, test.folds]),
        groups=np.array(
            [f"{part.dataset}/{group}" for part in both for group in part.groups], dtype=str
        ),
        ids=np.concatenate([table.ids, test.ids]),
        contents=column("contents"),
        recordings=column("recordings"),
        splits=np.array(["train"] * len(table) + ["test"] * len(test)),
        dataset=f"{table.dataset}→{test.dataset}",
        feature=table.feature,
        protocol="split",
        spec=table.spec,
        n_missing=table.n_missing + test.n_missing,
        blocks=table.blocks,
        pooling=table.pooling,
        warnings=tuple(dict.fromkeys(table.warnings + test.warnings)),
    )


def side_by_side(tables: Sequence[Table], feature: str, spec: dict[str, Any]) -> Table:
    """Return one table of several features of one dataset: the vectors of the clips that all of
    them have.

    Parameters
    ----------
    tables : sequence of Table
    feature, spec
        Of the result.

    Raises
    ------
    ParameterError
        If no clip is in all tables.
    """
    common = reduce(np.intersect1d, [table.ids for table in tables])
    if not len(common):
        raise ParameterError(f"no clip has a valid row of each of {feature}")
    cut = [table.select(np.isin(table.ids, common)) for table in tables]
    parts = [table.vectors() for table in cut]
    return replace(
        cut[0],
        X=np.concatenate(parts, axis=1),
        feature=feature,
        spec=spec,
        n_missing=tables[0].n_missing + len(tables[0]) - len(common),
        blocks=tuple(part.shape[1] for part in parts),
        pooling="flatten",
    )
