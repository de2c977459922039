"""The object of a block: every changed byte is noticed, and so is the object of another block."""

import numpy as np
import pytest

from featkit.errors import StoreError
from featkit.store import blocks, records, shards

SHAPE = blocks.Shape("store", "x-00000000", 4, (3,), 1, False)


@pytest.fixture
def rows(rng):
    return [rng.standard_normal(3).astype(np.float32) for _ in range(2)]


@pytest.fixture
def data(rows):
    record = records.empty(4)
    pieces = [*(shards.cut(row, (3,)) for row in rows), [], []]
    for i in range(2):
        record.entries["status"][i] = records.DONE
        record.entries["sum"][i] = shards.row_sum(pieces[i])
        record.entries["content"][i] = 7
    record.entries["status"][2] = records.FAILED
    record.errors[2] = "a reason"
    return blocks.encode(SHAPE, 5, pieces, record)[0][1]


def values(data, shape=SHAPE, block=5):
    """The record and the values of both valid rows; raises StoreError for damage."""
    stored = blocks.read(shape, block, lambda key: data)
    found = [stored.values(row, np.dtype("f4")) for row in range(2)]
    for row in found:
        if isinstance(row, StoreError):
            raise row
    return stored.record, found


def test_what_is_written_is_read(data, rows):
    record, found = values(data)
    assert np.array_equal(found, rows) and record.errors == {2: "a reason"}
    assert record.entries["status"].tolist() == [1, 1, 2, 0]


def test_every_changed_byte_is_noticed(data):
    for place in range(len(data)):
        broken = bytearray(data)
        broken[place] ^= 0x10
        with pytest.raises(StoreError):
            values(bytes(broken))


@pytest.mark.parametrize("change", [lambda d: d[:-1], lambda d: d[1:], lambda d: d + b"x"])
def test_a_changed_length_is_noticed(data, change):
    with pytest.raises(StoreError):
        values(change(data))


@pytest.mark.parametrize(
    ("shape", "block"),
    [(SHAPE, 4), (blocks.Shape("store", "y-00000000", 4, (3,), 1, False), 5)],
    ids=["block", "feature"],
)
def test_the_object_of_another_block_is_noticed(data, shape, block):
    with pytest.raises(StoreError, match="another block"):
        values(data, shape, block)


def test_a_missing_object_is_an_error():
    with pytest.raises(StoreError, match="missing"):
        blocks.read(SHAPE, 5, lambda key: None)
