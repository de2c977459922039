"""What a store knows of copies: by content, one name for all that are connected."""

import numpy as np
import pytest

from featkit.errors import StoreError
from featkit.extraction import extract
from featkit.store import Store, duplicates, merge
from featkit.store.changes import set_duplicates
from featkit.store.objects import Objects


@pytest.fixture
def store(audio_folder, tmp_path):
    extract(str(audio_folder(6)), ["mfcc_stats"], tmp_path / "s.zarr")
    return Store(tmp_path / "s.zarr")


def test_connected_copies_have_one_name_and_are_one_recording(store):
    table = store.table("mfcc_stats")
    assert len(set(table.recording_of)) == 6 and set(table.duplicates) == {""}
    a, b, c, d = table.contents[[0, 3, 5, 1]]
    set_duplicates(store, [(a, b), (c, b), (d, d)])
    known = store.table("mfcc_stats")
    assert known.duplicates[0] == known.duplicates[3] == known.duplicates[5] != ""
    assert known.recording_of[0] == known.recording_of[3] == known.recording_of[5]
    assert len(set(known.recording_of)) == 4
    assert known.fingerprint != table.fingerprint
    assert known.select(np.array([0, 3])).duplicates.tolist() == known.duplicates[[0, 3]].tolist()
    set_duplicates(store, [])
    assert store.table("mfcc_stats").fingerprint == table.fingerprint


def test_the_same_pairs_are_not_written_again(store):
    place = f"{store.path}/{duplicates.PLACE}"
    set_duplicates(store, [("b", "a")])
    with open(place) as file:
        assert file.read() == '[["a", "b"]]'
    with open(place, "w") as file:
        file.write("half a li")
    with pytest.raises(StoreError):
        duplicates.read(Objects(store.path))
    set_duplicates(store, [("a", "b"), ("b", "a")])
    assert duplicates.read(Objects(store.path)) == [("a", "b")]


def test_a_merged_store_knows_the_copies_of_all(store, tmp_path):
    set_duplicates(store, [tuple(store.table("mfcc_stats").contents[:2])])
    merge([store.path], tmp_path / "whole.zarr")
    merge([tmp_path / "whole.zarr"], tmp_path / "published.zarr", published=True)
    known = Store(tmp_path / "published.zarr").table("mfcc_stats").duplicates
    assert known[0] == known[1] != "" and set(known[2:]) == {""}
