"""Stores of every format that ever was: they open, or one command makes them open."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from featkit.errors import StoreError
from featkit.extraction import failures
from featkit.store import Store, manifest, migrate, verify

FORMATS = Path(__file__).parent / "formats"


@pytest.fixture
def unpacked(tmp_path):
    """A function that unpacks the fixture of a format and returns its store and its tables."""

    def unpack(number):
        shutil.unpack_archive(FORMATS / f"format{number}.zip", tmp_path)
        return tmp_path / "s.zarr", dict(np.load(tmp_path / "expected.npz"))

    return unpack


def check(store, expected):
    """Assert that a store holds the tables ``expected`` and nothing in it is damaged."""
    opened = Store(store)
    assert verify(opened)["damaged"] == []
    shelves = sorted(opened.shelves(), key=lambda shelf: shelf.name != "mfcc_stats")
    assert len(shelves) == 2 and shelves[1].ragged
    for number, shelf in enumerate(shelves):
        table = shelf.table()
        for column in ("y", "folds", "groups", "ids", "contents", "splits"):
            assert np.array_equal(getattr(table, column), expected[f"{number}_{column}"]), column
        for i, row in enumerate(table.X):
            assert np.array_equal(row, expected[f"{number}_row{i}"])
    assert len(table) == 5
    assert {Path(line.path).name for line in failures(opened)} == {"1.wav", "6.wav"}


def test_a_store_of_this_format_opens(unpacked):
    check(*unpacked(manifest.FORMAT))


def test_a_store_of_format_1_is_refused_and_migrated(unpacked):
    store, expected = unpacked(1)
    with pytest.raises(StoreError, match=r"format 1.*store migrate"):
        Store(store)
    assert migrate(store) == {"features": 2, "rows": 12, "lost": 0}
    check(store, expected)
    assert not [path for path in store.iterdir() if path.name.endswith(("_identity", "_error"))]
    assert migrate(store) == {"features": 0, "rows": 0, "lost": 0}
    check(store, expected)


@pytest.mark.parametrize("sidecar", ["status", "identity", "length"])
@pytest.mark.parametrize("damage", ["flip", "delete"])
def test_rows_whose_old_bookkeeping_is_damaged_are_lost_and_no_others(unpacked, sidecar, damage):
    store, expected = unpacked(1)
    key = next(path.name for path in store.glob("logmel-????????"))
    chunks = sorted((store / f"{key}_{sidecar}" / "c").rglob("*"))
    chunk = next(path for path in chunks if path.is_file())
    if damage == "delete":
        chunk.unlink()
    else:
        data = bytearray(chunk.read_bytes())
        data[-1] ^= 1
        chunk.write_bytes(data)
    counts = migrate(store)
    # The first block has three clips; without a status they are missing rather than lost.
    assert counts["rows"] == 9 and counts["lost"] == (0 if sidecar == "status" else 3)
    table = Store(store)[key].table()
    ids = expected["1_ids"].tolist()
    assert len(table) == 2
    for name, row in zip(table.ids, table.X, strict=True):
        assert np.array_equal(row, expected[f"1_row{ids.index(name)}"])
    assert verify(Store(store))["damaged"] == []


def test_nothing_is_not_migrated(tmp_path):
    with pytest.raises(StoreError, match="no store"):
        migrate(tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()
