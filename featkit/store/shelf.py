"""One feature in a store: its rows and their records, block by block."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from featkit.errors import StoreError
from featkit.store import blocks, documents, records, shards
from featkit.store.blocks import Block, Pieces
from featkit.store.manifest import REPAIR, Manifest
from featkit.store.objects import Objects
from featkit.store.records import DONE, FAILED, Entries

Row = NDArray[Any]
Tables = Callable[[int, int], NDArray[Any]]

# Threads that read blocks side by side.
READERS = 4
# How often a block is read again that is being rewritten.
TRIES = 50


@dataclass(frozen=True, eq=False)
class Books:
    """The records of all rows of a feature.

    Attributes
    ----------
    entries : structured ndarray
        One entry per row of the store; zero in damaged blocks.
    generations : ndarray of int
        How often each block has been written; 0 where that is damaged.
    damaged : dict of int to str
        What is wrong with the record of each damaged block.
    """

    entries: Entries
    generations: NDArray[np.int64]
    damaged: dict[int, str]


class Shelf:
    """The blocks of one feature.

    Parameters
    ----------
    objects : Objects
    manifest : Manifest
    key : str
        The feature's key.
    """

    def __init__(self, objects: Objects, manifest: Manifest, key: str) -> None:
        self.objects, self.key = objects, key
        self.attributes = manifest.features[key]
        self.spec: dict[str, Any] = self.attributes["spec"]
        self.canonical = str(self.attributes["canonical"])
        self.name = str(self.spec["name"])
        self.shape = tuple(self.attributes["shape"])
        self.stored_shape = tuple(self.attributes["stored_shape"])
        self.ragged = documents.is_ragged(self.stored_shape)
        self.dtype = np.dtype(self.attributes["dtype"])
        self.block = manifest.shard_clips
        self.blocks = manifest.blocks
        self.layout = blocks.Shape(
            manifest.uid,
            key,
            self.block,
            documents.inner_chunk(manifest.documents[key]),
            documents.shard_pieces(manifest.documents[key]),
            self.ragged,
        )
        self._clips = len(manifest)
        self._written = manifest.written.get(key, [])

    def __repr__(self) -> str:
        return f"Shelf({self.canonical!r}, shape={self.shape}, dtype={self.dtype})"

    def __len__(self) -> int:
        return self._clips

    def rows_of(self, block: int) -> slice:
        """Return the rows of the store that a block holds."""
        return slice(block * self.block, min(len(self), (block + 1) * self.block))

    def least(self, block: int) -> int:
        """Return the generation that a block is known to have reached."""
        return self._written[block] if block < len(self._written) else 0

    def books(self) -> Books:
        """Return the records of all rows, without reading values."""
        entries = np.zeros(self.blocks * self.block, dtype=records.ENTRY)
        generations = np.zeros(self.blocks, dtype=np.int64)
        damaged: dict[int, str] = {}

        def fill(block: int) -> None:
            place, tail = self.layout.place(block), self.layout.tail
            try:
                data = self.objects.get(place, last=tail)
                record, _ = blocks.decode_tail(self.layout, block, data, self.least(block))
            except StoreError as error:
                damaged[block] = str(error)
                return
            entries[block * self.block : (block + 1) * self.block] = record.entries
            generations[block] = record.generation

        self.each_block(fill)
        return Books(entries[: len(self)], generations, dict(sorted(damaged.items())))

    def entries(self) -> Entries:
        """Return the records of all rows.

        Raises
        ------
        StoreError
            If a block's record is damaged.
        """
        books = self.books()
        for block, problem in books.damaged.items():
            raise self.problem(block, problem)
        return books.entries

    def each_block(self, do: Callable[[int], None]) -> None:
        """Call ``do`` with the number of each block, several at a time."""
        with ThreadPoolExecutor(READERS) as pool:
            for _ in pool.map(do, range(self.blocks)):
                pass

    def problem(self, block: int, error: object, clip: int | None = None) -> StoreError:
        """Return an error that says where the damage is and how it is mended."""
        where = f"block {block}" if clip is None else f"clip {clip}"
        return StoreError(
            f"{self.canonical}, {where} of {self.objects.path!r}: {error}; {REPAIR}, and extract "
            "again"
        )

    def read_block(self, block: int) -> Block:
        """Return a block; raise StoreError where its record is damaged or missing.

        A block of several shards that is being rewritten is read again until it is of one piece.
        """
        for attempt in range(TRIES):
            stored = blocks.read(self.layout, block, self.objects.get, self.least(block))
            done = np.flatnonzero(stored.record.entries["status"] == DONE)
            if len(stored.shards) == 1 or attempt == TRIES - 1:
                break
            if not any(isinstance(stored.pieces(int(row)), StoreError) for row in done):
                break
            if self.generation(block) == stored.record.generation:
                break
        return stored

    def generation(self, block: int) -> int:
        """Return how often a block has been written; raise StoreError where it is damaged."""
        data = self.objects.get(self.layout.place(block), last=self.layout.tail)
        return blocks.decode_tail(self.layout, block, data, self.least(block))[0].generation

    def index(self, block: int, stretch: int = 0) -> NDArray[Any]:
        """Return the index of one shard, for `read_row`; raise StoreError where it is damaged."""
        size = shards.table_size(self.block, self.layout.pieces)
        data = self.objects.get(self.layout.place(block, stretch), last=size)
        return shards.table(data or b"", self.block, self.layout.pieces)

    def read_row(self, row: int, entry: Any, tables: Tables) -> Row:
        """Return one row without reading others; raise StoreError where it is not as ``entry``
        says.

        ``entry`` is the row's entry in the record, ``tables(block, stretch)`` gives `index`.
        """
        block, inside = divmod(row, self.block)
        pieces: Pieces = []
        for stretch in range(self.layout.stretches(np.array([entry], dtype=records.ENTRY))):
            for part in shards.places(tables(block, stretch), inside):
                data = self.objects.get(self.layout.place(block, stretch), part=part)
                pieces.append(data or b"")
        good = blocks.checked(pieces, entry)
        if isinstance(good, StoreError):
            raise good
        length = int(entry["length"]) if self.ragged else None
        return shards.join(good, self.layout.chunk, self.dtype, length)

    def failures(self) -> dict[int, dict[str, str]]:
        """Return ``{"stage", "error"}`` for each failed row.

        Raises
        ------
        StoreError
            If a block is damaged.
        """
        failed = np.flatnonzero(self.entries()["status"] == FAILED)
        texts: dict[int, dict[str, str]] = {}
        for block in np.unique(failed // self.block):
            try:
                errors = self.read_block(int(block)).record.errors
            except StoreError as error:
                raise self.problem(int(block), error) from error
            texts |= {int(block) * self.block + i: json.loads(errors[i]) for i in sorted(errors)}
        return texts

    def places(self, entries: Entries) -> Iterator[str]:
        """Return the keys of all objects that rows with these entries take."""
        for block in range(self.blocks):
            part = entries[self.rows_of(block)]
            for stretch in range(self.layout.stretches(part)):
                yield self.layout.place(block, stretch)
