"""Stores of format 2: their records, and what they become.

Format 2 had the blocks of today, but no hash of whole files in the records, and neither the store's
own name nor the generations of blocks in the manifest.
"""

import numpy as np
from numpy.typing import NDArray

from featkit.errors import StoreError
from featkit.store import blocks, records, shards
from featkit.store import manifest as manifests
from featkit.store.blocks import Block, Pieces
from featkit.store.manifest import PLACE, SPARE
from featkit.store.objects import Objects
from featkit.store.records import DONE, HEADER, Record
from featkit.store.shelf import Shelf

_ENTRY = np.dtype(
    [
        ("status", "u1"),
        ("device", "u1"),
        ("content", "u1", (16,)),
        ("code", "<u8"),
        ("length", "<i4"),
        ("sum", "<u4"),
        ("size", "<i8"),
        ("mtime", "<i8"),
    ]
)


class Old:
    """A store of format 2.

    Attributes
    ----------
    manifest : Manifest
        What it holds.

    Raises
    ------
    StoreError
        If no copy of its manifest is whole.
    """

    def __init__(self, objects: Objects) -> None:
        copies = (objects.get(place) for place in (PLACE, SPARE))
        good = [copy for copy in copies if manifests.format_of(copy) == 2]
        if not good:
            raise StoreError(f"{objects.path!r}: both copies of the manifest of format 2 are lost")
        self.manifest = manifests.decode(good[0], version=2)

    def block(self, shelf: Shelf, block: int) -> tuple[list[Pieces], Record, int]:
        """Return the rows of a block, their record, and how many of them are lost."""
        try:
            stored = _read(shelf, block)
        except StoreError:
            span = range(*shelf.rows_of(block).indices(len(shelf)))
            return [[] for _ in range(shelf.block)], records.empty(shelf.block), len(span)
        rows, lost = [], 0
        for row in range(shelf.block):
            pieces: Pieces | StoreError = []
            if stored.record.entries["status"][row] == DONE:
                pieces = stored.pieces(row)
            if isinstance(pieces, StoreError):
                stored.record.entries[row] = np.zeros((), dtype=records.ENTRY)
                pieces, lost = [], lost + 1
            rows.append(pieces)
        return rows, stored.record, lost


def _read(shelf: Shelf, block: int) -> Block:
    """Return a block; raise StoreError where its record is damaged."""
    shape, get = shelf.layout, shelf.objects.get
    data = get(shape.place(block)) or b""
    index = shards.table(data, shape.rows, shape.pieces)
    size = HEADER.itemsize + shape.rows * _ENTRY.itemsize + 4
    stop = len(data) - shards.table_size(shape.rows, shape.pieces)
    bookkeeping = data[max(0, stop - size) : stop]
    header, entries = _decoded(bookkeeping, shape.key, block, shape.rows)
    errors = data[shards.values_size(index) : stop - size]
    if len(errors) != int(header["errors"]):
        raise StoreError("the object has too many or too few bytes")
    record = Record(
        entries,
        int(header["generation"]),
        records.decode_errors(errors, int(header["errors_sum"])),
    )
    parts = [
        blocks.further(shape, get(shape.place(block, stretch)))
        for stretch in range(1, shape.stretches(entries))
    ]
    return Block(shape, record, [(data, index), *parts])


def _decoded(data: bytes, key: str, block: int, rows: int) -> tuple[np.void, NDArray[np.void]]:
    """Return the header of a record, and its entries as they are today."""
    if len(data) < 4 or shards.checksum(data[:-4]) != data[-4:]:
        raise StoreError("the block's record is damaged")
    header = np.frombuffer(data[: HEADER.itemsize], dtype=HEADER)[0]
    if not records.names(header, b"featkit2", key, block, rows):
        raise StoreError("the object is that of another block")
    before = np.frombuffer(data[HEADER.itemsize : -4], dtype=_ENTRY)
    entries = np.zeros(rows, dtype=records.ENTRY)
    for name in _ENTRY.names or ():
        entries[name] = before[name]
    return header, entries
