"""Our bytes of a shard: read by Zarr itself, equal after a round trip, and damage found."""

import numpy as np
import pytest
import zarr

from featkit.errors import StoreError
from featkit.store import layout, objects, shards

ATTRIBUTES = {"dims": ["frame", "bin"], "dtype": "float32"}


def _group(tmp_path, stored_shape, dtype="float32", n=4):
    group = zarr.create_group(str(tmp_path / "g"), zarr_format=3, attributes={"shard_clips": 4})
    dims = ["frame", "bin"][: len(stored_shape)]
    layout.create_feature(
        group, "x", {"dims": dims, "dtype": dtype, "stored_shape": list(stored_shape)}, n
    )
    return group


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("shape", [(5,), (3, 7), ()])
def test_zarr_reads_what_is_encoded_and_absent_rows_are_nan(tmp_path, rng, shape, dtype):
    rows = [
        rng.standard_normal(shape).astype(dtype),
        None,
        rng.standard_normal(shape).astype(dtype),
        None,
    ]
    group = _group(tmp_path, shape, dtype)
    key = "/".join(["x", "c", "0", *("0" for _ in shape)])
    objects.put_bytes(group, [(key, shards.encode(rows, shape, 1, 4))])
    found = group["x"][:]
    assert found.dtype == dtype
    for number, row in enumerate(rows):
        if row is None:
            assert np.isnan(found[number]).all()
        else:
            assert (found[number] == row).all()


def test_pieces_of_a_long_row_stand_one_after_the_other(tmp_path, rng):
    rows = [rng.standard_normal((length, 2)).astype(np.float32) for length in (1, 3, 4, 8)]
    data = shards.encode(rows, (4, 2), 2, 4)
    found = shards.decode(data, (4, 2), 2, 4, np.dtype("float32"), [0, 1, 2, 3])
    assert [len(values) for values in found] == [
        4,
        4,
        4,
        8,
    ]  # whole pieces; what is beyond the row is NaN
    for row, values in zip(rows, found, strict=True):
        assert (values[: len(row)] == row).all() and np.isnan(values[len(row) :]).all()


def test_a_shard_of_nothing_is_no_object():
    assert shards.encode([None, None], (3,), 1, 2) is None


def test_only_the_wanted_rows_come_back_and_absent_ones_are_none(rng):
    rows = [
        rng.standard_normal(3).astype(np.float32),
        None,
        rng.standard_normal(3).astype(np.float32),
    ]
    found = shards.decode(shards.encode(rows, (3,), 1, 3), (3,), 1, 3, np.dtype("float32"), [2, 1])
    assert (found[0] == rows[2]).all() and found[1] is None


def test_every_changed_byte_is_found(rng):
    rows = [rng.standard_normal(3).astype(np.float32) for _ in range(2)]
    data = shards.encode(rows, (3,), 1, 2)
    for place in range(len(data)):
        broken = bytearray(data)
        broken[place] ^= 0x10
        found = shards.decode(bytes(broken), (3,), 1, 2, np.dtype("float32"), [0, 1])
        assert any(isinstance(values, StoreError) for values in found), place
        for row, values in zip(rows, found, strict=True):
            assert isinstance(values, StoreError) or (values == row).all()


@pytest.mark.parametrize("kept", [0, 3, 20])
def test_a_cut_shard_is_damage(rng, kept):
    data = shards.encode([rng.standard_normal(3).astype(np.float32)], (3,), 1, 1)[:kept]
    (found,) = shards.decode(data, (3,), 1, 1, np.dtype("float32"), [0])
    assert isinstance(found, StoreError)


def test_the_checksum_is_crc32c():
    assert shards.checksum(b"123456789") == (0xE3069283).to_bytes(
        4, "little"
    )  # the check value of CRC-32C
