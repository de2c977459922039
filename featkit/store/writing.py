"""Writing the blocks of a feature: one object with values and record is replaced at once."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from featkit.errors import StoreError
from featkit.store import blocks, records, shards
from featkit.store.blocks import Block, Pieces
from featkit.store.objects import Write
from featkit.store.records import DONE, FAILED, Entries, Record
from featkit.store.shelf import Row, Shelf


def pieces_of(shelf: Shelf, value: Row) -> Pieces:
    """Return the pieces of a new row."""
    return shards.cut(np.asarray(value, dtype=shelf.dtype), shelf.layout.chunk)


def enter(shelf: Shelf, entries: Entries, row: int, pieces: Pieces, frames: int) -> None:
    """Note in ``entries`` that a row has these values."""
    entries["status"][row] = DONE
    entries["sum"][row] = shards.row_sum(pieces)
    entries["length"][row] = frames if shelf.ragged else 0


def write_block(
    shelf: Shelf,
    block: int,
    rows: Sequence[Pieces],
    entries: Entries,
    errors: Mapping[int, str],
    before: Record,
) -> None:
    """Write a whole block, values and record.

    Parameters
    ----------
    rows : sequence of list of bytes
        Pieces of each row, none where it has no values: those of `pieces_of` for new rows, those
        that are stored for the others.
    entries : structured ndarray
        What each row was made from, as `enter` completes it.
    errors : mapping of int to str
        Why a row without values failed; the others are missing.
    before : Record
        What the block had until now.

    Notes
    -----
    The object with the record is replaced at once. Where rows need further shards, these are
    written before it; valid rows that get other values are marked missing even before that, so that
    a kill in between leaves no row that is damaged.
    """
    generation = max(before.generation, shelf.least(block)) + 1
    record = Record(_whole(shelf, entries), generation, dict(errors))
    old, new = _whole(shelf, before.entries), record.entries
    last, now = shelf.layout.stretches(old), shelf.layout.stretches(new)
    changed = (old["status"] == DONE) & (old["sum"] != new["sum"])
    if max(last, now) > 1 and changed.any():
        record.generation += 1
        _mark_missing(shelf, block, changed)
    objects: list[Write] = [*blocks.encode(shelf.layout, block, _padded(shelf, rows), record)]
    objects += [(shelf.layout.place(block, stretch), None) for stretch in range(now, last)]
    shelf.objects.put(objects)


def revise(shelf: Shelf, block: int, entries: Entries) -> None:
    """Replace the entries of a block's record; rows that are not done in them lose their values.

    Raises
    ------
    StoreError
        If a row that stays is damaged.
    """
    stored = shelf.read_block(block)
    entries = _whole(shelf, entries)
    rows: list[Pieces] = []
    for row in range(shelf.block):
        pieces = stored.pieces(row) if entries["status"][row] == DONE else []
        if isinstance(pieces, StoreError):
            raise shelf.problem(block, pieces, clip=block * shelf.block + row)
        rows.append(pieces)
    failed = np.flatnonzero(entries["status"] == FAILED)
    errors = {int(row): stored.record.errors[int(row)] for row in failed}
    write_block(shelf, block, rows, entries, errors, stored.record)


def set_code(shelf: Shelf, rows: NDArray[np.int64], code: int) -> None:
    """Note that ``rows`` (numbers in the store) are what code with this fingerprint gives."""
    entries = shelf.entries()
    entries["code"][rows] = code
    for block in map(int, np.unique(rows // shelf.block)):
        revise(shelf, block, entries[shelf.rows_of(block)])


def empty(shelf: Shelf, block: int) -> tuple[str, bytes]:
    """Return the object of a block in which nothing has been computed."""
    record = records.empty(shelf.block, shelf.least(block))
    return blocks.encode(shelf.layout, block, [[]] * shelf.block, record)[0]


def _mark_missing(shelf: Shelf, block: int, missing: NDArray[np.bool_]) -> None:
    """Write the first shard of a block again with some rows missing, the others as they are."""
    try:
        stored = blocks.read(shelf.layout, block, shelf.objects.get, shelf.least(block))
    except StoreError:
        shelf.objects.put([empty(shelf, block)])
        return
    entries = stored.record.entries
    entries[missing] = np.zeros((), dtype=records.ENTRY)
    record = Record(entries, stored.record.generation + 1, stored.record.errors)
    rows = [_or_none(stored, row) for row in range(shelf.block)]
    *_, first = blocks.encode(shelf.layout, block, rows, record)
    shelf.objects.put([first])


def _or_none(stored: Block, row: int) -> Pieces:
    if stored.record.entries["status"][row] != DONE:
        return []
    pieces = stored.pieces(row)
    return [] if isinstance(pieces, StoreError) else pieces


def _whole(shelf: Shelf, entries: Entries) -> Entries:
    whole = np.zeros(shelf.block, dtype=records.ENTRY)
    whole[: len(entries)] = entries
    return whole


def _padded(shelf: Shelf, rows: Sequence[Pieces]) -> list[Pieces]:
    return [*rows, *([] for _ in range(shelf.block - len(rows)))]
