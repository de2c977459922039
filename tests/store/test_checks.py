"""Damage is found and mended; what nothing refers to is removed."""

import shutil

import numpy as np
import pytest
from conftest import LOGMEL, MFCC, counts, files, fill, same

from featkit.errors import StoreError
from featkit.store import Store, manifest, prune, repair, verify


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


def test_a_damaged_record_is_found_and_mended(audio_folder, tmp_path):
    folder = audio_folder(10)
    fill(folder, tmp_path / "s")
    fill(folder, tmp_path / "whole")
    shelf = Store(tmp_path / "s")["mfcc_stats"]
    blocks = [shelf.layout.place(0), shelf.layout.place(2)]
    for place in blocks:
        file = tmp_path / "s" / place
        data = bytearray(file.read_bytes())
        data[len(data) - shelf.layout.tail + 60] ^= 1
        file.write_bytes(data)
    found = verify(Store(tmp_path / "s"))
    assert [(item["shard"], len(item["clips"])) for item in found["damaged"]] == [
        (blocks[0], 4),
        (blocks[1], 2),
    ]
    assert repair(Store(tmp_path / "s", "r+"), found) == 6
    assert counts(fill(folder, tmp_path / "s"))["mfcc_stats"] == (6, 4, 0)
    same(tmp_path / "s", tmp_path / "whole")


def test_what_is_derived_changes_no_table_and_is_restored(audio_folder, tmp_path):
    folder, store = audio_folder(6), tmp_path / "s"
    fill(folder, store)
    before, table = files(store), Store(store)[LOGMEL].table()
    key = Store(store)[LOGMEL].key
    (store / key / "zarr.json").write_text("{")
    (store / "label" / "c" / "0").unlink()
    (store / "group" / "zarr.json").unlink()
    (store / f"{key}_length" / "c" / "0").write_bytes(b"")
    (store / "zarr.json").write_bytes(b"")
    assert Store(store)[LOGMEL].table().fingerprint == table.fingerprint
    found = verify(Store(store))
    places = ["zarr.json", f"{key}/zarr.json", "group/zarr.json", "label/c/0", f"{key}_length/c/0"]
    assert {item["object"] for item in found["damaged"]} == set(places)
    assert repair(Store(store, "r+"), found) == 0
    assert files(store) == before


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
    before = files(store)
    fill(folder, store)
    shutil.copytree(store, tmp_path / f".s.{'0a' * 16}")
    for place in (manifest.PLACE, manifest.SPARE):  # as if 'store rm' had been killed half-way
        (store / place).write_bytes(before[store / place])
    (store / "id" / "zarr.0.partial").touch()
    (store / Store(store)[MFCC].key / "c" / "9").mkdir()
    (store / Store(store)[MFCC].key / "c" / "9" / "0").touch()
    assert [shelf.canonical for shelf in Store(store).shelves()] == [MFCC]
    removed = prune(Store(store, "r+"))
    assert removed == {"leftover_files": 3, "orphaned_arrays": 3, "rows_cleared": 0}
    assert files(store) == before and not list(tmp_path.glob(".s*"))


def test_an_older_version_of_a_block_is_damage_and_is_computed_again(audio_folder, tmp_path):
    folder, store = audio_folder(4), tmp_path / "s"
    fill(folder, store)
    key = Store(store)["mfcc_stats"].key
    block = store / key / "c" / "0" / "0"
    old, table = block.read_bytes(), Store(store)["mfcc_stats"].table()
    fill(folder, store, overwrite=True)
    block.write_bytes(old)
    with pytest.raises(StoreError, match="an older version of the block"):
        Store(store)["mfcc_stats"].table()
    found = verify(Store(store))
    assert {item.get("shard") for item in found["damaged"]} == {f"{key}/c/0/0"}
    repair(Store(store, "r+"), found)
    fill(folder, store)
    assert np.array_equal(Store(store)["mfcc_stats"].table().X, table.X)
    assert not verify(Store(store))["damaged"]


def test_a_block_of_another_store_is_damage(audio_folder, tmp_path):
    folder = audio_folder(4)
    for name in ("s", "t"):
        fill(folder, tmp_path / name)
    place = f"{Store(tmp_path / 's')['mfcc_stats'].key}/c/0/0"
    shutil.copy(tmp_path / "t" / place, tmp_path / "s" / place)
    with pytest.raises(StoreError, match="another block or store"):
        Store(tmp_path / "s")["mfcc_stats"].table()
