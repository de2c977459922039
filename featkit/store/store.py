"""The feature store: clips, features and the tables that learning takes from them."""

import math
import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from featkit.datasets import Dataset
from featkit.errors import FeatkitError, ParameterError, StoreError
from featkit.features import Feature, Joined, get_feature, texts
from featkit.features.joining import pools
from featkit.store import index as clip_index
from featkit.store import layout
from featkit.store.rows import StoredRows, read
from featkit.store.shelf import Shelf
from featkit.store.table import Table, side_by_side

# Rows that take more stay in the store and are read as they are needed.
MEMORY_BYTES = 4 << 30
SMALL_SHARD, LARGE_SHARD, LARGE_FROM = 32, 128, 20_000


class Store:
    """A feature store on disk or at any fsspec URL.

    Parameters
    ----------
    path : str or path
        A store that exists.

    Raises
    ------
    StoreError
        If there is none, or it is of an unknown format.

    Examples
    --------
    >>> store = Store("esc50.zarr")                                   # doctest: +SKIP
    >>> store["mfcc_stats"].table().X.shape                           # doctest: +SKIP
    (2000, 120)
    """

    def __init__(self, path: str | os.PathLike[str], mode: str = "r") -> None:
        self.path = os.fspath(path)
        self.group = layout.open_group(self.path, mode)

    @classmethod
    def create(
        cls, path: str | os.PathLike[str], dataset: Dataset, shard_clips: int | None = None
    ) -> "Store":
        """Return a new, empty store for ``dataset``; ``shard_clips`` rows make one shard, the unit
        of work and repair.
        """
        if shard_clips is None:
            shard_clips = SMALL_SHARD if len(dataset) < LARGE_FROM else LARGE_SHARD
        layout.create_group(os.fspath(path), {"dataset": dataset.name, "shard_clips": shard_clips})
        return cls(path, "r+")

    def __repr__(self) -> str:
        return f"Store({self.path!r}, dataset={self.dataset!r}, clips={len(self)}, features={len(self.keys())})"

    def __len__(self) -> int:
        return int(self.group.attrs["clips"])

    @property
    def dataset(self) -> str:
        """Name of the dataset."""
        return str(self.group.attrs["dataset"])

    @property
    def shard_clips(self) -> int:
        """Clips in one shard."""
        return int(self.group.attrs["shard_clips"])

    def index(self) -> clip_index.Index:
        """Return the clips, one entry per row."""
        return clip_index.read(self.group)

    def keys(self) -> list[str]:
        """Return the keys of all features."""
        return sorted(key for key, array in self.group.arrays() if "spec" in array.attrs)

    def shelves(self) -> list["StoreShelf"]:
        """Return all features."""
        return [StoreShelf(self, key) for key in self.keys()]

    def __getitem__(self, feature: str | Feature) -> "StoreShelf":
        """Return one feature, by its key, its text ``name:key=value,…``, or its name where that is
        unique.

        Raises
        ------
        ParameterError
            If the store has no such feature; the message lists those it has.
        """
        shelves = {shelf.key: shelf for shelf in self.shelves()}
        key = feature if isinstance(feature, str) else feature.key
        if key not in shelves and isinstance(feature, str):
            try:
                key = get_feature(feature).key
            except FeatkitError:
                key = feature
        if key in shelves:
            return shelves[key]
        named = [shelf for shelf in shelves.values() if shelf.name == feature]
        if len(named) == 1:
            return named[0]
        known = ", ".join(shelf.canonical for shelf in shelves.values()) or "none"
        wanted = feature if isinstance(feature, str) else feature.canonical
        if wanted in (shelf.canonical for shelf in shelves.values()):
            raise ParameterError(
                f"{wanted!r} in the store {self.path!r} was made by another version, or from other code or weights than its name "
                "stands for now: extract it again"
            )
        raise ParameterError(f"the store {self.path!r} has no feature {wanted!r}; it has: {known}")

    def parts(self, feature: str | Feature) -> list["StoreShelf"]:
        """Return the features that are joined by ``+``, or the only one.

        Raises
        ------
        ParameterError
            If the store lacks one of them.
        """
        return [
            self[part]
            for part in (
                texts(feature)
                if isinstance(feature, str)
                else getattr(feature, "parts", (feature,))
            )
        ]

    def table(self, feature: str | Feature, memory: int = MEMORY_BYTES) -> Table:
        """Return the valid rows of one feature, or of several joined by ``+``: the clips that have
        all of them.

        Parameters
        ----------
        feature : str or Feature
        memory : int
            As `StoreShelf.table` takes it, for a single feature.

        Raises
        ------
        ParameterError
            If the store lacks one of them, or several are asked for and one is not stored as
            float32.
        StoreError
            If there is no valid row, or one is damaged.
        """
        shelves = self.parts(feature)
        if len(shelves) == 1:
            return shelves[0].table(memory)
        small = [shelf.canonical for shelf in shelves if shelf.dtype != np.float32]
        if small:
            raise ParameterError(
                f"{', '.join(small)}: stored in another type than float32, which joined features need"
            )
        joined = Joined(tuple(get_feature(shelf.canonical) for shelf in shelves))
        pooled = [pools(part) for part in joined.parts]
        return side_by_side(
            [shelf.table() for shelf in shelves], pooled, joined.canonical, joined.spec
        )

    def remove(self, feature: str | Feature) -> None:
        """Delete one feature and all its rows.

        Raises
        ------
        StoreError
            If another process writes the store.
        """
        key = self[feature].key
        with layout.writer_lock(self.path):
            layout.drop_feature(self.group, key)

    def ensure(self, feature: Feature, dtype: str) -> Shelf:
        """Return the shelf of ``feature``, made if there is none yet."""
        if feature.key not in self.group:
            attributes: dict[str, Any] = {
                "spec": feature.spec,
                "canonical": feature.canonical,
                "shape": list(feature.shape),
                "stored_shape": list(feature.stored_shape),
                "dims": list(feature.dims),
                "units": feature.units,
                "dtype": dtype,
                "versions": versions(),
            }
            layout.create_feature(self.group, feature.key, attributes, len(self))
        shelf = Shelf(self.group, feature.key)
        if shelf.dtype != np.dtype(dtype):
            raise StoreError(
                f"{feature.canonical} is stored as {shelf.dtype}, not {dtype}; remove it first with 'featkit store rm'"
            )
        return shelf


class StoreShelf(Shelf):
    """One feature of a store, with the clips beside it."""

    def __init__(self, store: Store, key: str) -> None:
        super().__init__(store.group, key)
        self.store = store

    def valid(self, index: clip_index.Index | None = None) -> NDArray[np.int64]:
        """Return the rows (numbers in the store) of active clips that have values.

        ``index`` saves reading the clips of the store again.
        """
        index = index or self.store.index()
        status = self.column("status")
        return np.flatnonzero((status == layout.DONE) & (index["active"] == 1))

    def table(self, memory: int = MEMORY_BYTES) -> Table:
        """Return the valid rows with their labels, folds and groups.

        Parameters
        ----------
        memory : int
            Rows of one shape that take more bytes than this stay in the store and are read as they
            are needed.

        Raises
        ------
        StoreError
            If there is no valid row, or a row is damaged.
        """
        index = self.store.index()
        rows = self.valid(index)
        if not len(rows):
            raise StoreError(
                f"the store {self.store.path!r} has no valid row of {self.canonical}; run 'featkit extract' first"
            )
        even = None not in self.shape
        if even and 4 * len(rows) * math.prod(side or 0 for side in self.shape) > memory:
            lengths = self.column("length") if self.ragged else None
            values: Any = StoredRows(self, rows, self.expanded, lengths)
        else:
            values = self.expanded(read(self, rows))
        ids = index["id"][rows].astype(str)
        groups = index["group"][rows].astype(str)
        return Table(
            X=np.stack(values)
            if isinstance(values, list) and len({row.shape for row in values}) == 1
            else values,
            y=index["label"][rows].astype(str),
            folds=index["fold"][rows].astype(np.int64),
            groups=np.where(groups == "", ids, groups),
            ids=ids,
            contents=index["content"][rows].astype(str),
            splits=index["split"][rows].astype(str),
            dataset=self.store.dataset,
            feature=self.canonical,
            protocol=str(self.group.attrs["protocol"]),
            spec=self.spec,
            n_missing=int((index["active"] == 1).sum()) - len(rows),
        )

    def expanded(
        self, rows: list[NDArray[Any]] | NDArray[Any]
    ) -> list[NDArray[Any]] | NDArray[Any]:
        """Return stored rows as learners see them (repeat-padding undone by tiling)."""
        if self.shape == self.stored_shape:
            return rows
        feature = get_feature(self.canonical)
        if feature.key != self.key:
            raise StoreError(
                f"{self.canonical} was stored as {self.key}, which this version of featkit calls {feature.key}; extract it again"
            )
        return [feature.expand(row) for row in rows]


def versions() -> dict[str, str]:
    """Return the versions of the libraries that numbers depend on."""
    from importlib.metadata import version

    from featkit import __version__

    names = ("numpy", "scipy", "soundfile", "soxr", "librosa", "numba", "torch", "zarr")
    return {"featkit": __version__, **{name: version(name) for name in names}}
