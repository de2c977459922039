"""Aligned rows for learning: what a store gives and evaluation takes."""

import hashlib
import json
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from featkit.errors import ParameterError, listed
from featkit.features.pooling import POOLINGS, Pooling, vector
from featkit.naming import display
from featkit.naming.windowed import clip_of
from featkit.store.recordings import connected

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from featkit.datasets import Windows

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
    files : ndarray of str, shape (n,)
        Hash of each clip's whole file, whatever the excerpt; empty where unknown. Equal hashes are
        the same recording.
    recordings : ndarray of str, shape (n,)
        The recording that each clip is from, whatever the excerpt; empty where unknown. Never
        split, as `groups`.
    duplicates : ndarray of str, shape (n,)
        Equal for clips that hold the same recording in other bytes, as far as an inspection found
        them (`featkit.store.duplicates`); empty where none is known. Never split, as `groups`.
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
    dims : tuple of str
        Names of the axes of a row; empty where unknown.
    windows : Windows or None
        How the rows were cut from clips; None where they are whole clips.
    copy : ndarray of int, shape (n,)
        0 for a clip, 1, 2, … for the copies of it, which have its id; empty where there are none.
    vote : bool
        Whether a clip is decided by the mean over its copies too.
    """

    X: Any
    y: NDArray[np.str_]
    folds: NDArray[np.int64]
    groups: NDArray[np.str_]
    ids: NDArray[np.str_]
    contents: NDArray[np.str_] = field(default_factory=lambda: _EMPTY)
    files: NDArray[np.str_] = field(default_factory=lambda: _EMPTY)
    recordings: NDArray[np.str_] = field(default_factory=lambda: _EMPTY)
    duplicates: NDArray[np.str_] = field(default_factory=lambda: _EMPTY)
    splits: NDArray[np.str_] = field(default_factory=lambda: _EMPTY)
    dataset: str = ""
    feature: str = ""
    protocol: str = "none"
    spec: dict[str, Any] = field(default_factory=dict)
    n_missing: int = 0
    blocks: tuple[int, ...] = ()
    pooling: Pooling = "flatten"
    warnings: tuple[str, ...] = ()
    dims: tuple[str, ...] = ()
    windows: "Windows | None" = None
    copy: NDArray[np.int64] = field(default_factory=lambda: np.array([], dtype=np.int64))
    vote: bool = False

    def __post_init__(self) -> None:
        if self.pooling not in POOLINGS:
            raise ParameterError(f"pooling={self.pooling!r} is not one of {', '.join(POOLINGS)}")
        lengths = {name: len(getattr(self, name)) for name in ("X", "y", "folds", "groups", "ids")}
        lengths |= {
            name: len(getattr(self, name))
            for name in ("contents", "files", "recordings", "duplicates", "splits", "copy")
            if len(getattr(self, name))
        }
        if len(set(lengths.values())) != 1:
            raise ParameterError(f"the columns of a table differ in length: {lengths}")

    def __repr__(self) -> str:
        return (
            f"Table({self.dataset!r}, {self.feature!r}, {display.counted(len(self), 'row')} of "
            f"shape {self._shape}, {display.counted(len(self.classes), 'class', 'classes')})"
        )

    def _repr_html_(self) -> str:
        folds = sorted({int(fold) for fold in self.folds if fold >= 0})
        facts = {
            "dataset": self.dataset,
            "rows": len(self),
            "which are": None if self.windows is None else str(self.windows),
            "of them copies": int(np.count_nonzero(self.copy)) or None,
            "shape of a row": self._shape,
            "clips without a row": self.n_missing or None,
            "folds": ", ".join(map(str, folds)),
            "groups": len(np.unique(self.groups)),
        }
        classes, sizes = np.unique(self.y, return_counts=True)
        return display.page(
            f"Table of {self.feature}",
            display.lines(f"Warning: {warning}" for warning in self.warnings),
            display.facts(facts),
            display.table(("class", "rows"), zip(classes.tolist(), sizes.tolist(), strict=True)),
        )

    @property
    def _shape(self) -> str:
        """The shape of a row in words; ``any`` for the side in which rows differ."""
        first = np.shape(self.X[0]) if len(self) else ()
        return display.shape((None, *first[1:]) if self.ragged else first)

    @property
    def classes(self) -> NDArray[np.str_]:
        """Sorted labels."""
        return np.unique(self.y)

    @cached_property
    def clips(self) -> NDArray[np.str_]:
        """Id of the clip that each row is a window of; without `windows`, the ids."""
        if self.windows is None or not len(self):
            return self.ids
        return np.array([clip_of(name) for name in self.ids.tolist()])

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
        if len(self.copy):
            digest.update(self.copy.tobytes())
        # Folds depend on which clips are of one recording, and not on where it lies.
        if len(np.unique(self.recordings)) < len(self.recordings):
            digest.update(connected([self.recordings], len(self)).tobytes())
        if (self.recording_of != connected([self.recordings, self.contents], len(self))).any():
            digest.update(self.recording_of.tobytes())
        # Rows of one length used to be flattened and others pooled, whatever the feature: only
        # results of tables that this no longer holds for are stale.
        if self.pooling != ("mean_std" if self.ragged else "flatten"):
            digest.update(self.pooling.encode())
        return digest.hexdigest()

    @cached_property
    def recording_of(self) -> NDArray[np.int64]:
        """A number for each row, equal for clips of one recording: of one file, of files with the
        same bytes, or of duplicates that are known.
        """
        return connected([self.recordings, self.contents, self.files, self.duplicates], len(self))

    @property
    def originals(self) -> "Table":
        """The rows that are not copies."""
        return self.select(self.copy == 0) if len(self.copy) else self

    @property
    def clip_of(self) -> NDArray[np.int64]:
        """The position among `originals` of the clip that each row is of.

        Raises
        ------
        ParameterError
            If the clip of a copy is not in the table.
        """
        place = {str(name): at for at, name in enumerate(self.originals.ids)}
        if alone := [str(name) for name in self.ids if str(name) not in place]:
            raise ParameterError(f"{self.feature}: copies without their clip: {listed(alone)}")
        return np.array([place[str(name)] for name in self.ids], dtype=np.int64)

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
            for name in (
                *("y", "folds", "groups", "ids"),
                *("contents", "files", "recordings", "duplicates", "splits", "copy"),
            )
        }
        cut = {name: column[rows] if len(column) else column for name, column in columns.items()}
        return replace(
            self, X=[self.X[row] for row in rows] if self.ragged else self.X[rows], **cut
        )

    def to_frame(self) -> "pd.DataFrame":
        """Return ``id``, ``label``, ``fold``, ``group`` and the `vectors` as ``x0``, ``x1``, …, one
        row for each clip.

        Raises
        ------
        ParameterError
            As `vectors`.
        """
        import pandas as pd

        X = self.vectors()
        texts = {"id": self.ids, "label": self.y, "fold": self.folds, "group": self.groups}
        return pd.DataFrame(texts | {f"x{column}": X[:, column] for column in range(X.shape[1])})

    def to_xarray(self) -> "xr.DataArray":
        """Return the rows with named axes, and ids, labels, folds and groups as coordinates.

        Rows in memory are not copied. Needs xarray (``pip install 'featkit[xarray]'``).

        Raises
        ------
        ParameterError
            If rows differ in length, or xarray is not installed.
        """
        if self.ragged:
            raise ParameterError(
                f"{self.feature}: rows differ in length; xarray.open_zarr of the store shows them "
                "padded, and to_frame() pooled"
            )
        try:
            import xarray as xr
        except ImportError as error:
            raise ParameterError(
                f"to_xarray needs xarray ({error}): pip install 'featkit[xarray]'"
            ) from error
        values = np.asarray(self.X)
        dims = self.dims if len(self.dims) == values.ndim - 1 else ()
        axes = dims or tuple(f"axis{number}" for number in range(1, values.ndim))
        columns = {"id": self.ids, "label": self.y, "fold": self.folds, "group": self.groups}
        return xr.DataArray(
            values,
            dims=("clip", *axes),
            coords={name: ("clip", column) for name, column in columns.items()},
            name=self.feature,
        )
