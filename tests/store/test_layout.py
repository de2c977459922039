"""Objects below a store: our bytes of a per-clip column are those that Zarr writes."""

import numpy as np
import pytest
import zarr

from featkit.store import layout, objects, shards

COLUMNS = {
    "uint8": (np.array([1, 0, 2, 1, 1], dtype=np.uint8), None),
    "int64": (np.array([5, -1, 2**40, 0, 7]), None),
    "uint64": (np.arange(15, dtype=np.uint64).reshape(5, 3) << np.uint64(60), 3),
    "str": (np.array(["a", "", "ü – long text", "b", ""], dtype=object), None),
}


@pytest.fixture
def group(tmp_path):
    return zarr.create_group(str(tmp_path / "g"), zarr_format=3)


@pytest.mark.parametrize("dtype", COLUMNS)
def test_a_column_is_what_zarr_writes(group, dtype, tmp_path):
    values, width = COLUMNS[dtype]
    array = layout.rows_array(group, "x", dtype, 4, 5, width)
    array[:] = values
    tail = "" if width is None else "/0"
    for block in range(2):
        part = values[4 * block : 4 * block + 4]
        assert shards.encode_column(part, 4) == objects.get_bytes(group, f"x/c/{block}{tail}")


def test_an_empty_column_takes_no_object(group):
    layout.rows_array(group, "x", "uint8", 4, 4)
    assert shards.encode_column(np.zeros(4, np.uint8), 4) is None
    assert shards.encode_column(np.array(["", ""], dtype=object), 4) is None
    objects.put_bytes(group, [("x/c/0", b"something"), ("x/c/0", None)])
    assert objects.get_bytes(group, "x/c/0") is None


def test_objects_are_written_in_their_order(group):
    objects.put_bytes(group, [("x", b"first"), ("y", b"other"), ("x", b"second")])
    assert (objects.get_bytes(group, "x"), objects.get_bytes(group, "y")) == (b"second", b"other")


def test_a_store_that_is_not_made_whole_is_not_there(tmp_path, monkeypatch):
    made = []

    def stopped(group, name, *arguments):
        made.append(name)
        if len(made) == 3:
            assert not (tmp_path / "s.zarr").exists() and len(list(tmp_path.iterdir())) == 1
            raise KeyboardInterrupt

    monkeypatch.setattr(layout, "rows_array", stopped)
    with pytest.raises(KeyboardInterrupt):
        layout.create_group(str(tmp_path / "s.zarr"), {"dataset": "d", "shard_clips": 4})
    assert list(tmp_path.iterdir()) == []
    monkeypatch.undo()
    layout.create_group(str(tmp_path / "s.zarr"), {"dataset": "d", "shard_clips": 4})
    assert [path.name for path in tmp_path.iterdir()] == ["s.zarr"]


@pytest.mark.parametrize("stop", range(4))
def test_a_feature_that_was_not_made_whole_is_made_again(group, monkeypatch, stop):
    group.attrs["shard_clips"] = 4
    attributes = {
        "stored_shape": [None, 2],
        "dims": ["frame", "band"],
        "dtype": "float32",
        "spec": {},
    }
    real, made = layout.rows_array, []

    def stopped(parent, name, *arguments):
        if len(made) == stop:
            raise KeyboardInterrupt
        made.append(real(parent, name, *arguments))

    monkeypatch.setattr(layout, "rows_array", stopped)
    with pytest.raises(KeyboardInterrupt):
        layout.create_feature(group, "x", attributes, 5)
    assert "x" not in group and len(list(group.arrays())) == stop
    monkeypatch.undo()
    layout.create_feature(group, "x", attributes, 5)
    assert sorted(name for name, _ in group.arrays()) == [
        "x",
        "x_error",
        "x_identity",
        "x_length",
        "x_status",
    ]
