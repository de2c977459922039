"""The clips of a store: brought up to date with a dataset, row by row."""

import os
from dataclasses import replace

import numpy as np
import pytest

from featkit.datasets import Clip, Dataset
from featkit.errors import StoreError
from featkit.store import Store, index
from featkit.store.changes import update


def dataset(*names, label="a", **changes):
    clips = tuple(Clip(name, f"/data/{name}.wav", label) for name in names)
    return replace(Dataset("toy", clips, root="/data"), **changes)


@pytest.fixture
def store(tmp_path):
    return Store.create(tmp_path / "s", dataset("x"), 4)


def test_clips_become_rows_in_their_order(store):
    assert update(store, dataset("b", "a"), whole=True).tolist() == [0, 1]
    found = store.index()
    assert found["id"].tolist() == ["b", "a"]
    assert found["path"].tolist() == ["b.wav", "a.wav"]
    assert found["fold"].tolist() == [-1, -1] and found["active"].tolist() == [1, 1]
    assert np.isnan(found["duration"]).all()
    assert found.location(1) == os.path.join("/data", "a.wav")


def test_new_clips_are_appended_and_old_ones_keep_their_rows(store):
    update(store, dataset("b", "a"), whole=True)
    assert update(store, dataset("c", "a", "b"), whole=True).tolist() == [2, 1, 0]
    assert store.index()["id"].tolist() == ["b", "a", "c"]


def test_a_changed_label_is_updated(store):
    update(store, dataset("a", "b"), whole=True)
    update(store, dataset("a", "b", label="z"), whole=True)
    assert store.index()["label"].tolist() == ["z", "z"]


def test_clips_that_the_whole_dataset_lost_become_inactive_and_can_return(store):
    update(store, dataset("a", "b"), whole=True)
    update(store, dataset("b"), whole=True)
    assert store.index()["active"].tolist() == [0, 1]
    update(store, dataset("a", "b"), whole=True)
    assert store.index()["active"].tolist() == [1, 1]


def test_the_first_clips_of_a_dataset_take_no_other_away(store):
    update(store, dataset("a", "b"), whole=True)
    assert update(store, dataset("a"), whole=False).tolist() == [0]
    assert store.index()["active"].tolist() == [1, 1]


def test_another_dataset_is_refused(store):
    update(store, dataset("a"), whole=True)
    index.check_same(store.manifest, dataset("a", "z"))
    with pytest.raises(StoreError, match="holds the dataset 'toy', not 'other'"):
        index.check_same(store.manifest, dataset("a", name="other"))
    with pytest.raises(StoreError, match="none of its 1 clips"):
        index.check_same(store.manifest, dataset("q"))


@pytest.mark.parametrize(
    ("path", "root", "kept"),
    [
        ("/data/x/a.wav", "/data", "x/a.wav"),
        ("/database/a.wav", "/data", "/database/a.wav"),
        ("s3://bucket/set/a.wav", "s3://bucket/set", "a.wav"),
        ("/data/a.wav", "", "/data/a.wav"),
    ],
)
def test_paths_below_the_root_are_kept_relative(path, root, kept):
    assert index.relative(path, root) == kept
    assert kept == path or index.join(root, kept) == path
