"""Our bytes of a shard: read by Zarr itself, equal after a round trip, and damage found."""

import numpy as np
import pytest
import zarr

from featkit.errors import StoreError
from featkit.store import blocks, documents, records, shards
from featkit.store.objects import Objects


def encoded(rows, chunk):
    return [[] if row is None else shards.cut(row, chunk) for row in rows]


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("shape", [(5,), (3, 7), ()])
def test_zarr_reads_a_block_and_absent_rows_are_nan(tmp_path, rng, shape, dtype):
    rows = [rng.standard_normal(shape).astype(dtype) if i % 2 == 0 else None for i in range(4)]
    attributes = {"dims": ["frame", "bin"][: len(shape)], "dtype": dtype, "stored_shape": shape}
    document = documents.of_feature("x", attributes, 4, 4)
    (tmp_path / "g").mkdir()
    objects = Objects(str(tmp_path / "g"))
    layout = blocks.Shape("store", "x", 4, documents.inner_chunk(document), 1, False)
    record = records.Record(records.empty(4).entries, 1, {1: "a reason"})
    objects.put([("x/zarr.json", documents.to_bytes(document))])
    objects.put(blocks.encode(layout, 0, encoded(rows, shape), record))
    values = zarr.open_array(str(tmp_path / "g" / "x"), mode="r")[:]
    assert values.dtype == dtype
    for row, value in zip(rows, values, strict=True):
        assert np.isnan(value).all() if row is None else (value == row).all()


@pytest.mark.parametrize(
    "values",
    [
        np.array([1, 0, 2, 1, 1], dtype=np.uint8),
        np.array([5, -1, 2**30, 0, 7], dtype=np.int32),
        np.array([0.5, np.nan, 0, 1, -2]),
        np.array(["a", "", "ü – long text", "b", ""], dtype=object),
    ],
    ids=lambda values: values.dtype.name,
)
def test_a_column_is_what_zarr_writes(tmp_path, values):
    document = documents.of_column("str" if values.dtype == object else values.dtype.name)
    document = documents.resized(document, (5,))
    objects = Objects(str(tmp_path))
    objects.put([("x/zarr.json", documents.to_bytes(document))])
    zarr.open_array(str(tmp_path / "x"), mode="r+")[:] = values
    data = objects.get("x/c/0")
    assert shards.encode_column(values, documents.COLUMN_CHUNK) == data
    back = shards.decode_column(data, values.dtype, documents.COLUMN_CHUNK)[:5]
    assert np.array_equal(back, values, equal_nan=values.dtype.kind == "f")


def test_an_empty_column_takes_no_object():
    assert shards.encode_column(np.zeros(4, np.uint8), 4) is None
    assert shards.encode_column(np.array(["", ""], dtype=object), 4) is None


@pytest.mark.parametrize("length", [1, 3, 4, 8, 9])
def test_pieces_of_a_long_row_join_to_the_row(rng, length):
    row = rng.standard_normal((length, 2)).astype(np.float32)
    pieces = shards.cut(row, (4, 2))
    assert len(pieces) == -(-length // 4)
    assert np.array_equal(shards.join(pieces, (4, 2), row.dtype, length), row)
    whole = shards.join(pieces, (4, 2), row.dtype, None)
    assert np.isnan(whole[length:]).all()


def test_the_sum_of_a_row_tells_its_pieces_apart(rng):
    row = rng.standard_normal((8, 2)).astype(np.float32)
    first, second = shards.cut(row, (4, 2))
    sums = {shards.row_sum(pieces) for pieces in ([first], [second], [first, second])}
    assert len(sums) == 3 and shards.row_sum([second, first]) not in sums


@pytest.mark.parametrize("kept", [0, 3, 20])
def test_a_cut_index_is_damage(rng, kept):
    data = shards.assemble(encoded([rng.standard_normal(3)], (3,)), 1, 1)
    with pytest.raises(StoreError):
        shards.table(data[:kept], 1, 1)


def test_the_checksum_is_crc32c():
    # The check value of CRC-32C.
    assert shards.checksum(b"123456789") == (0xE3069283).to_bytes(4, "little")
