"""Damage is found and mended; what nothing refers to is removed."""

import shutil

import numpy as np
import pytest
from conftest import LOGMEL, MFCC, counts, files, fill, same

from featkit.errors import StoreError
from featkit.store import Store, prune, repair, verify


@pytest.mark.parametrize("damage", ["delete", "flip"])
def test_a_lost_or_damaged_shard_is_found_and_mended(audio_folder, tmp_path, damage):
    folder = audio_folder(10)
    fill(folder, tmp_path / "s")
    fill(folder, tmp_path / "whole")
    shard = tmp_path / "s" / Store(tmp_path / "s")["mfcc_stats"].key / "c" / "1" / "0"
    if damage == "delete":
        shard.unlink()
    else:
        data = bytearray(shard.read_bytes())
        data[10] ^= 1
        shard.write_bytes(data)
    with pytest.raises(StoreError, match="verify"):
        Store(tmp_path / "s")["mfcc_stats"].table()
    found = verify(Store(tmp_path / "s"))
    assert [len(item["clips"]) for item in found["damaged"]] == [4 if damage == "delete" else 1]
    if damage == "flip":
        repair(Store(tmp_path / "s", "r+"), found)
    fill(folder, tmp_path / "s")
    assert not verify(Store(tmp_path / "s"))["damaged"]
    same(tmp_path / "s", tmp_path / "whole")


def test_damaged_bookkeeping_is_found_and_mended(audio_folder, tmp_path):
    folder = audio_folder(10)
    fill(folder, tmp_path / "s")
    fill(folder, tmp_path / "whole")
    key = Store(tmp_path / "s")["mfcc_stats"].key
    for place in (f"{key}_status/c/0", f"{key}_identity/c/2/0"):
        file = tmp_path / "s" / place
        file.write_bytes(file.read_bytes()[::-1])
    found = verify(Store(tmp_path / "s"))
    assert {item["shard"] for item in found["damaged"]} == {
        f"{key}_status/c/0",
        f"{key}_identity/c/2",
    }
    repair(Store(tmp_path / "s", "r+"), found)
    assert counts(fill(folder, tmp_path / "s"))["mfcc_stats"] == (6, 4, 0)
    same(tmp_path / "s", tmp_path / "whole")


def test_a_clip_that_left_is_in_no_table_and_its_values_can_be_pruned(audio_folder, tmp_path):
    folder = audio_folder(9)
    fill(folder, tmp_path / "s")
    (folder / "low" / "02.wav").unlink()
    fill(folder, tmp_path / "s")
    table = Store(tmp_path / "s")["mfcc_stats"].table()
    assert len(table) == 8 and "low/02.wav" not in table.ids
    assert prune(Store(tmp_path / "s", "r+"))["rows_cleared"] == 2
    assert np.array_equal(Store(tmp_path / "s")["mfcc_stats"].table().X, table.X)
    assert not verify(Store(tmp_path / "s"))["damaged"]


def test_what_kills_leave_is_pruned(audio_folder, tmp_path):
    folder, store = audio_folder(6), tmp_path / "s"
    fill(folder, store, [MFCC])
    before = set(files(store))
    fill(folder, store)
    shutil.copytree(store, tmp_path / f".s.{'0a' * 16}")
    (store / Store(store)[LOGMEL].key / "zarr.json").unlink()
    (store / "id" / "zarr.0.partial").touch()
    with pytest.warns(UserWarning, match="not recognized"):
        assert [shelf.canonical for shelf in Store(store).shelves()] == [MFCC]
        found = prune(Store(store, "r+"))
    assert found == {"leftover_files": 2, "orphaned_arrays": 5, "rows_cleared": 0}
    assert set(files(store)) == before and not list(tmp_path.glob(".s*"))
