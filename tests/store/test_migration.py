"""Stores of every format that ever was: they open, or one command makes them open."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from featkit.errors import StoreError
from featkit.extraction import extract, failures
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


@pytest.mark.parametrize("number", [1, 2])
def test_a_store_of_an_earlier_format_is_refused_and_migrated(unpacked, number):
    store, expected = unpacked(number)
    with pytest.raises(StoreError, match=f"format {number}.*store migrate"):
        Store(store)
    assert migrate(store) == {"features": 2, "rows": 12, "lost": 0, "unhashed": 0}
    check(store, expected)
    for shelf in Store(store).shelves():
        table = shelf.table()
        assert np.array_equal(table.files, table.contents) and table.warnings == ()
    assert not [path for path in store.iterdir() if path.name.endswith(("_identity", "_error"))]
    assert not any(migrate(store).values())
    check(store, expected)


def test_excerpts_of_format_2_are_hashed_by_the_next_extraction_and_not_computed(tmp_path):
    shutil.unpack_archive(FORMATS / "format2-excerpts.zip", tmp_path)
    store = tmp_path / "excerpts.zarr"
    counts = migrate(store)
    assert counts == {"features": 2, "rows": 8, "lost": 0, "unhashed": 8}
    before = Store(store)["mfcc_stats"].table()
    assert before.files.tolist() == [""] * 4 and "4 clips have no hash" in before.warnings[0]
    assert before.recording_of.tolist() == [0, 0, 0, 1]  # by path alone
    features = [shelf.canonical for shelf in Store(store).shelves()]
    report = extract(str(tmp_path / "excerpts.csv"), features, store)
    assert [count.computed for count in report.features.values()] == [0, 0]
    after = Store(store)["mfcc_stats"].table()
    assert np.array_equal(after.X, before.X) and np.array_equal(after.contents, before.contents)
    assert len(set(after.files)) == 1 and after.files[0] and after.warnings == ()
    assert after.recording_of.tolist() == [0, 0, 0, 0]


def test_a_damaged_block_of_format_2_is_lost_and_no_other(unpacked):
    store, _ = unpacked(2)
    block = next(store.glob("mfcc_stats-????????/c/0/0"))
    data = bytearray(block.read_bytes())
    data[-5] ^= 1  # in the index
    block.write_bytes(data)
    counts = migrate(store)
    assert counts["rows"] == 9 and counts["lost"] == 3
    assert len(Store(store)["mfcc_stats"].table()) == 2
    assert verify(Store(store))["damaged"] == []


def test_a_damaged_manifest_of_format_2_is_replaced_by_its_spare_copy(unpacked):
    store, expected = unpacked(2)
    (store / manifest.PLACE).write_bytes(b"")
    migrate(store)
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
