"""The object of one block of one feature: the values of its rows, and their record.

    pieces of row 0 | pieces of row 1 | … | errors | record | index of the shard

Zarr reads it as a shard and sees values and index only. Where rows are longer than a shard has
room for, their further pieces lie in further shards, which have no record; the checksums in the
record tell whether they belong to it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from featkit.errors import StoreError
from featkit.store import records, shards
from featkit.store.records import Record

Pieces = list[bytes]


@dataclass(frozen=True)
class Shape:
    """How the rows of one feature are cut.

    Attributes
    ----------
    store : str
        The store's own name (`featkit.store.manifest.Manifest.uid`).
    key : str
    rows : int
        Rows of a block.
    chunk : tuple of int
        Shape of one piece.
    pieces : int
        Pieces of a row in one shard.
    ragged : bool
        Whether rows differ in length.
    """

    store: str
    key: str
    rows: int
    chunk: tuple[int, ...]
    pieces: int
    ragged: bool

    @property
    def owner(self) -> str:
        """What the records of its blocks belong to."""
        return f"{self.store}/{self.key}"

    @property
    def tail(self) -> int:
        """Bytes of the record and the index at the end of an object."""
        return records.size(self.rows) + shards.table_size(self.rows, self.pieces)

    def place(self, block: int, stretch: int = 0) -> str:
        """Return the key of the object with the pieces from ``stretch`` · `pieces` on."""
        tail = [stretch, *([0] * (len(self.chunk) - 1))] if self.chunk else []
        return "/".join([self.key, "c", str(block), *map(str, tail)])

    def stretches(self, entries: records.Entries) -> int:
        """Return how many shards the longest of some rows takes; at least one."""
        if not self.ragged:
            return 1
        frames = self.chunk[0] * self.pieces
        return max(1, -(-int(entries["length"].max(initial=0)) // frames))


def encode(
    shape: Shape, block: int, rows: Sequence[Pieces], record: Record
) -> list[tuple[str, bytes]]:
    """Return the objects of a block, in the order in which they must be written: the record last.

    Parameters
    ----------
    rows : sequence of list of bytes
        All pieces of each row, none where it has no values.
    record : Record
        Its ``sum`` fields must be those of the rows.
    """
    objects = []
    for stretch in reversed(range(shape.stretches(record.entries))):
        part = slice(stretch * shape.pieces, (stretch + 1) * shape.pieces)
        extra = b"" if stretch else records.encode(record, shape.owner, block)
        data = shards.assemble([row[part] for row in rows], shape.pieces, shape.rows, extra)
        objects.append((shape.place(block, stretch), data))
    return objects


def decode_tail(
    shape: Shape, block: int, data: bytes | None, least: int = 0
) -> tuple[Record, NDArray[Any]]:
    """Return the record, without its errors, and the index that end an object.

    ``least`` is the generation that the block is known to have reached.

    Raises
    ------
    StoreError
        If they are damaged, or the object is that of another block, of another store, or older.
    """
    if data is None:
        raise StoreError("the object is missing")
    index = shards.table(data, shape.rows, shape.pieces)
    at = len(data) - shape.tail
    record, _, _ = records.decode(
        data[max(0, at) : max(0, at) + records.size(shape.rows)], shape.owner, block, shape.rows
    )
    if record.generation < least:
        raise StoreError("the object is an older version of the block")
    return record, index


@dataclass(frozen=True, eq=False)
class Block:
    """The objects of a block as they were read.

    Attributes
    ----------
    shape : Shape
    record : Record
    shards : list of (bytes, ndarray)
        The bytes of each shard and its index; no bytes where one is missing or damaged.
    """

    shape: Shape
    record: Record
    shards: list[tuple[bytes, NDArray[Any]] | None]

    def pieces(self, row: int) -> Pieces | StoreError:
        """Return the intact pieces of a row, or what is wrong with them."""
        pieces = self._pieces(row)
        if not isinstance(pieces, StoreError) and not all(map(shards.intact, pieces)):
            return StoreError("checksum mismatch")
        return pieces

    def values(self, row: int, dtype: np.dtype[Any]) -> NDArray[Any] | StoreError:
        """Return the values of a row, or what is wrong with them."""
        pieces = self._pieces(row)
        if isinstance(pieces, StoreError):
            return pieces
        length = int(self.record.entries["length"][row]) if self.shape.ragged else None
        try:
            return shards.join(pieces, self.shape.chunk, dtype, length)
        except StoreError as error:
            return error

    def _pieces(self, row: int) -> Pieces | StoreError:
        pieces: Pieces = []
        for shard in self.shards[: self.shape.stretches(self.record.entries[row : row + 1])]:
            if shard is None:
                return StoreError("a shard of the row is missing or damaged")
            data, index = shard
            pieces += [data[start:stop] for start, stop in shards.places(index, row)]
        return checked(pieces, self.record.entries[row])


def checked(pieces: Pieces, entry: Any) -> Pieces | StoreError:
    """Return the pieces of a valid row if they are those of its record's entry."""
    if not pieces:
        return StoreError("the row is not in its shard")
    if shards.row_sum(pieces) != int(entry["sum"]):
        return StoreError("the row's checksum is not that of its record")
    return pieces


def read(shape: Shape, block: int, get: Callable[[str], bytes | None], least: int = 0) -> Block:
    """Return a block; ``get`` returns the bytes of an object, or None.

    ``least`` is the generation that the block is known to have reached.

    Raises
    ------
    StoreError
        If the object with the record is missing, damaged or older.
    """
    data = get(shape.place(block))
    if data is None:
        raise StoreError("the object is missing")
    record, index = decode_tail(shape, block, data, least)
    at = len(data) - shape.tail
    errors = data[shards.values_size(index) : at]
    _, length, sum32 = records.decode(
        data[at : at + records.size(shape.rows)], shape.owner, block, shape.rows
    )
    if shards.values_size(index) + length != at:
        raise StoreError("the object has too many or too few bytes")
    record.errors = records.decode_errors(errors, sum32)
    parts: list[tuple[bytes, NDArray[Any]] | None] = [(data, index)]
    for stretch in range(1, shape.stretches(record.entries)):
        parts.append(further(shape, get(shape.place(block, stretch))))
    return Block(shape, record, parts)


def further(shape: Shape, data: bytes | None) -> tuple[bytes, NDArray[Any]] | None:
    """Return a further shard and its index; None where it is missing or damaged."""
    if data is None:
        return None
    try:
        index = shards.table(data, shape.rows, shape.pieces)
    except StoreError:
        return None
    size = shards.table_size(shape.rows, shape.pieces)
    return (data, index) if len(data) == shards.values_size(index) + size else None
