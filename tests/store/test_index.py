"""The clips of a store: brought up to date with a dataset, row by row."""

import os
from dataclasses import replace

import numpy as np
import pytest

from featkit.datasets import Clip, Dataset
from featkit.errors import StoreError
from featkit.store import Store, index


def dataset(*names, label="a", **changes):
    clips = tuple(Clip(name, f"/data/{name}.wav", label) for name in names)
    return replace(Dataset("toy", clips, root="/data"), **changes)


@pytest.fixture
def store(tmp_path):
    return Store.create(tmp_path / "s", dataset("x"), 4)


def test_clips_become_rows_in_their_order(store):
    assert index.sync(store.group, dataset("b", "a"), [], whole=True).tolist() == [0, 1]
    found = index.read(store.group)
    assert found["id"].tolist() == ["b", "a"]
    assert found["path"].tolist() == ["b.wav", "a.wav"]
    assert found["fold"].tolist() == [-1, -1] and found["active"].tolist() == [1, 1]
    assert np.isnan(found["duration"]).all()
    assert found.location(1) == os.path.join("/data", "a.wav")


def test_new_clips_are_appended_and_old_ones_keep_their_rows(store):
    index.sync(store.group, dataset("b", "a"), [], whole=True)
    assert index.sync(store.group, dataset("c", "a", "b"), [], whole=True).tolist() == [2, 1, 0]
    assert index.read(store.group)["id"].tolist() == ["b", "a", "c"]


def test_a_changed_label_is_updated(store):
    index.sync(store.group, dataset("a", "b"), [], whole=True)
    index.sync(store.group, dataset("a", "b", label="z"), [], whole=True)
    assert index.read(store.group)["label"].tolist() == ["z", "z"]


def test_clips_that_the_whole_dataset_lost_become_inactive_and_can_return(store):
    index.sync(store.group, dataset("a", "b"), [], whole=True)
    index.sync(store.group, dataset("b"), [], whole=True)
    assert index.read(store.group)["active"].tolist() == [0, 1]
    index.sync(store.group, dataset("a", "b"), [], whole=True)
    assert index.read(store.group)["active"].tolist() == [1, 1]


def test_the_first_clips_of_a_dataset_take_no_other_away(store):
    index.sync(store.group, dataset("a", "b"), [], whole=True)
    assert index.sync(store.group, dataset("a"), [], whole=False).tolist() == [0]
    assert index.read(store.group)["active"].tolist() == [1, 1]


def test_another_dataset_is_refused(store):
    index.sync(store.group, dataset("a"), [], whole=True)
    found = index.read(store.group)
    index.check_same(store.group, dataset("a", "z"), found)
    with pytest.raises(StoreError, match="holds the dataset 'toy', not 'other'"):
        index.check_same(store.group, dataset("a", name="other"), found)
    with pytest.raises(StoreError, match="none of its 1 clips"):
        index.check_same(store.group, dataset("q"), found)


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
