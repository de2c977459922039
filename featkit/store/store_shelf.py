"""One feature of a store as a table: its valid rows with the clips beside them."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from featkit.datasets import windows_of
from featkit.errors import StoreError
from featkit.features import get_feature
from featkit.features.pooling import pooling_of
from featkit.naming import display
from featkit.naming.plugins import FAULTS, stated
from featkit.store import duplicates, records, source
from featkit.store.index import Index
from featkit.store.manifest import Manifest
from featkit.store.objects import Objects
from featkit.store.recordings import recordings_at
from featkit.store.records import DONE
from featkit.store.rows import Rows, StoredRows, read
from featkit.store.shelf import Shelf
from featkit.store.table import Table

# Rows that take more stay in the store and are read as they are needed.
MEMORY_BYTES = 4 << 30
SHELF_CELLS = ("feature", "shape", "type", "rows", "damaged blocks")


class StoreShelf(Shelf):
    """One feature of a store, with the clips beside it."""

    def __init__(self, objects: Objects, manifest: Manifest, key: str, index: Index) -> None:
        super().__init__(objects, manifest, key)
        self.dataset, self.protocol, self.clips = manifest.dataset, manifest.protocol, index
        self.about = manifest.about

    def __repr__(self) -> str:
        shape = display.shape(self.shape)
        return (
            f"StoreShelf({self.canonical!r}, rows of shape {shape} {self.dtype}, {self.dataset!r})"
        )

    def _repr_html_(self) -> str:
        facts = dict(zip(SHELF_CELLS, self.cells(), strict=True))
        return display.page(
            f"Feature {facts.pop('feature')}",
            display.facts({"dataset": self.dataset, **facts, "key": self.key}),
            display.facts(self.spec["params"]),
        )

    def cells(self) -> tuple[object, ...]:
        """Return what `SHELF_CELLS` are of this feature; rows are those with values."""
        books = self.books()
        valid = (books.entries["status"] == DONE) & (self.clips["active"] == 1)
        damaged = len(books.damaged) or None
        return (
            self.canonical,
            display.shape(self.shape),
            str(self.dtype),
            int(valid.sum()),
            damaged,
        )

    def valid(self) -> NDArray[np.int64]:
        """Return the rows (numbers in the store) of active clips that have values."""
        active = self.clips["active"] == 1
        return np.flatnonzero((self.entries()["status"] == DONE) & active)

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
        index = self.clips
        active = np.flatnonzero(index["active"] == 1)
        rows = self._rows(active, memory)
        if not len(rows.numbers):
            raise StoreError(
                f"the store {self.objects.path!r} has no valid row of {self.canonical}; run "
                "'featkit extract' first"
            )
        values, numbers = rows.values, rows.numbers
        if isinstance(values, list) and len({row.shape for row in values}) == 1:
            values = np.stack(values)
        ids = index["id"][numbers].astype(str)
        groups = index["group"][numbers].astype(str)
        files = records.hashes(rows.entries, "file").astype(str)
        contents = records.hashes(rows.entries, "content").astype(str)
        return Table(
            X=values,
            y=index["label"][numbers].astype(str),
            folds=index["fold"][numbers].astype(np.int64),
            groups=np.where(groups == "", ids, groups),
            ids=ids,
            contents=contents,
            files=files,
            duplicates=duplicates.sets(self.objects, contents),
            recordings=recordings_at(index.location(row) for row in numbers),
            splits=index["split"][numbers].astype(str),
            dataset=self.dataset,
            feature=self.canonical,
            protocol=self.protocol,
            spec=self.spec,
            n_missing=len(active) - len(numbers),
            warnings=source.warnings(self.about) + _unhashed(files),
            pooling=pooling_of(self.shape, self.canonical),
            dims=tuple(self.attributes["dims"]),
            windows=windows_of(self.about),
        )

    def _rows(self, active: NDArray[np.int64], memory: int) -> Rows:
        """Return the valid rows as learners see them, in memory or in the store."""
        even = None not in self.shape
        if even and 4 * len(active) * math.prod(side or 0 for side in self.shape) > memory:
            entries = self.entries()[active]
            done = entries["status"] == DONE
            numbers, entries = active[done], entries[done]
            return Rows(numbers, entries, StoredRows(self, numbers, entries, self.expanded))
        rows = read(self, active)
        return Rows(rows.numbers, rows.entries, self.expanded(rows.values))

    def expanded(self, rows: Any) -> Any:
        """Return stored rows as learners see them (repeat-padding undone by tiling)."""
        if self.shape == self.stored_shape:
            return rows
        feature = get_feature(self.canonical)
        if feature.key != self.key:
            raise StoreError(
                f"{self.canonical} was stored as {self.key}, which this version of featkit calls "
                f"{feature.key}; extract it again"
            )
        try:
            return [feature.expand(row) for row in rows]
        except FAULTS as error:
            raise StoreError(
                f"{self.canonical}: a row cannot be rebuilt: {stated(error)}"
            ) from error


def _unhashed(files: NDArray[np.str_]) -> tuple[str, ...]:
    """Return what to warn of where the hash of some clips' whole files is not known."""
    count = int((files == "").sum())
    text = (
        f"{count} clips have no hash of their whole file, so that copies of it go unnoticed; "
        "'featkit extract' adds it"
    )
    return (text,) if count else ()
