"""The feature store: clips, features and the tables that learning takes from them."""

import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from featkit.datasets import Dataset, Windows, windows_of
from featkit.errors import FeatkitError, ParameterError, StoreError, listed
from featkit.features import Feature, Joined, get_feature, has_copies, texts
from featkit.features.copies import Copies
from featkit.naming import display
from featkit.store import index as clip_index
from featkit.store import layout
from featkit.store import manifest as manifests
from featkit.store.copies import with_copies
from featkit.store.joining import side_by_side
from featkit.store.objects import Objects
from featkit.store.store_shelf import MEMORY_BYTES, SHELF_CELLS, StoreShelf
from featkit.store.table import Table


class Store:
    """A feature store on disk or at any fsspec URL.

    Parameters
    ----------
    path : str or path
        A store that exists.
    mode : {"r", "r+"}
        Whether it may be written.
    salvage : bool
        Take the spare copy of the manifest if the manifest is damaged.

    Raises
    ------
    StoreError
        If there is none, it is of another format, its manifest is damaged, or it is published and
        ``mode`` is ``"r+"``.

    Examples
    --------
    >>> store = Store("esc50.zarr")                                   # doctest: +SKIP
    >>> store["mfcc_stats"].table().X.shape                           # doctest: +SKIP
    (2000, 120)
    """

    def __init__(
        self, path: str | os.PathLike[str], mode: str = "r", salvage: bool = False
    ) -> None:
        self.path = os.fspath(path)
        self.objects = Objects(self.path, writable=mode != "r")
        self._salvage = salvage
        self.reload()
        if mode != "r" and self.manifest.published:
            raise StoreError(
                f"{self.path!r} is published, so it is only read; 'featkit store merge' makes a "
                "copy that can be written"
            )
        self._index: tuple[manifests.Manifest, clip_index.Index] | None = None

    def reload(self) -> None:
        """Read the manifest again, which another process may have replaced."""
        self.manifest = manifests.read(self.objects, self._salvage)

    @classmethod
    def create(
        cls,
        path: str | os.PathLike[str],
        dataset: Dataset,
        shard_clips: int | None = None,
        features: tuple[Feature, ...] = (),
    ) -> "Store":
        """Return a new, empty store for ``dataset``.

        Parameters
        ----------
        shard_clips : int, optional
            Clips in one block, the unit of work and repair. By default 64, or 128 for 20,000 clips
            and more; fewer if a block of one of ``features`` would take more than 64 MiB.
        """
        if shard_clips is None:
            shard_clips = layout.shard_size(len(dataset), features)
        layout.create(os.fspath(path), dataset.name, shard_clips)
        return cls(path, "r+")

    def __repr__(self) -> str:
        clips = display.counted(self.n_clips, "clip")
        features = display.counted(len(self), "feature")
        return f"Store({self.path!r}, {clips} of {self.dataset!r}, {features})"

    def _repr_html_(self) -> str:
        facts = {"dataset": self.dataset, "clips": self.n_clips, "which are": self.windows}
        return display.page(
            f"Store {display.place(self.path)}",
            display.facts(facts),
            display.table(SHELF_CELLS, (shelf.cells() for shelf in self.shelves())),
        )

    def __len__(self) -> int:
        """Return the number of features."""
        return len(self.manifest.features)

    def __bool__(self) -> bool:
        """Return True: a store without features is a store."""
        return True

    def __iter__(self) -> Iterator[str]:
        """Yield the `features`."""
        return iter(self.features)

    def __contains__(self, feature: object) -> bool:
        """Return whether ``store[feature]`` is there."""
        try:
            return isinstance(feature, str | Feature) and bool(self[feature].key)
        except ParameterError:
            return False

    @property
    def features(self) -> tuple[str, ...]:
        """Canonical ``name:key=value,…`` of each feature, in the order of `keys`."""
        return tuple(str(self.manifest.features[key]["canonical"]) for key in self.keys())

    @property
    def n_clips(self) -> int:
        """Number of clips, among them those that the dataset no longer has."""
        return len(self.manifest)

    @property
    def dataset(self) -> str:
        """Name of the dataset."""
        return self.manifest.dataset

    @property
    def about(self) -> dict[str, Any]:
        """What is known about the dataset, and where it came from (`featkit.store.source`)."""
        return dict(self.manifest.about)

    @property
    def windows(self) -> Windows | None:
        """How the clips were cut from longer ones; None where they are whole."""
        return windows_of(self.manifest.about)

    @property
    def shard_clips(self) -> int:
        """Clips in one shard."""
        return self.manifest.shard_clips

    def index(self) -> clip_index.Index:
        """Return the clips, one entry per row."""
        if self._index is None or self._index[0] is not self.manifest:
            self._index = self.manifest, clip_index.of(self.manifest)
        return self._index[1]

    def keys(self) -> list[str]:
        """Return the keys of all features."""
        return sorted(self.manifest.features)

    def shelf(self, key: str) -> StoreShelf:
        """Return the feature of a key."""
        return StoreShelf(self.objects, self.manifest, key, self.index())

    def shelves(self) -> list[StoreShelf]:
        """Return all features."""
        return [self.shelf(key) for key in self.keys()]

    def __getitem__(self, feature: str | Feature) -> StoreShelf:
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
        if len(named) == 1 and _is_current(named[0]):
            return named[0]
        texts_here = [shelf.canonical for shelf in shelves.values()]
        text = feature if isinstance(feature, str) else feature.canonical
        if text in texts_here or len(named) == 1:
            raise ParameterError(
                f"{text!r} in the store {self.path!r} was made by another version, or from other "
                "code or weights than its name stands for now: extract it again"
            )
        raise ParameterError(
            f"the store {self.path!r} has no feature {text!r}; it has: "
            f"{', '.join(texts_here) or 'none'}"
        )

    def parts(self, feature: str | Feature) -> list[StoreShelf]:
        """Return the stored features that one is put together from, or the only one.

        Raises
        ------
        ParameterError
            If the store lacks one of them.
        """
        if isinstance(feature, str):
            return [self[part] for part in texts(feature)]
        return [self[part] for part in (feature.parts if feature.virtual else (feature,))]

    def table(self, feature: str | Feature, memory: int = MEMORY_BYTES) -> Table:
        """Return the valid rows of one feature, or of several joined by ``+``: the clips that have
        all of them. A feature with copies adds theirs.

        Parameters
        ----------
        feature : str or Feature
        memory : int
            As `StoreShelf.table` takes it, for a single feature.

        Raises
        ------
        ParameterError
            If the store lacks one of them, or one of several is not stored as float32.
        StoreError
            If there is no valid row, one is damaged, or the features of a clip were computed from
            different recordings.
        """
        copies: str | Feature = feature
        if isinstance(feature, str) and has_copies(feature):
            copies = get_feature(feature)
        if isinstance(copies, Copies):
            return with_copies(copies, lambda part: self.table(part, memory))
        shelves = self.parts(feature)
        if len(shelves) == 1:
            return shelves[0].table(memory)
        small = [shelf.canonical for shelf in shelves if shelf.dtype != np.float32]
        if small:
            raise ParameterError(
                f"{', '.join(small)}: not stored as float32, which joined features need"
            )
        joined = Joined(tuple(get_feature(shelf.canonical) for shelf in shelves))
        tables = [shelf.table() for shelf in shelves]
        self._check_recordings(tables)
        return side_by_side(tables, joined.canonical, joined.spec)

    def _check_recordings(self, tables: list[Table]) -> None:
        """Raise StoreError if the features of a clip were computed from different recordings."""
        first = dict(zip(tables[0].ids.tolist(), tables[0].contents.tolist(), strict=True))
        for table in tables[1:]:
            different = [
                name
                for name, content in zip(table.ids.tolist(), table.contents.tolist(), strict=True)
                if first.get(name, content) != content
            ]
            if different:
                raise StoreError(
                    f"{tables[0].feature} and {table.feature} were computed from different "
                    f"recordings of {listed(different)}: extract both again"
                )


def _is_current(shelf: StoreShelf) -> bool:
    """Return whether a feature's text still names the specification that its rows were made with.

    Code that cannot be imported here is taken as it was: its rows can be read without it.
    """
    try:
        return get_feature(shelf.canonical).key == shelf.key
    except FeatkitError:
        return True
