"""Filling a store: what is computed, and what is left alone."""

import shutil

import numpy as np
import pytest
from conftest import LOGMEL, MFCC, counts, files, fill, same

from featkit import audio
from featkit.datasets import get_dataset
from featkit.errors import FeatkitError, ParameterError
from featkit.extraction import extract
from featkit.store import Store


def test_a_second_run_computes_nothing_and_writes_nothing(audio_folder, tmp_path):
    folder = audio_folder(10)
    assert counts(fill(folder, tmp_path / "s")) == {"mfcc_stats": (10, 0, 0), "logmel": (10, 0, 0)}
    before = files(tmp_path / "s")
    assert counts(fill(folder, tmp_path / "s")) == {"mfcc_stats": (0, 10, 0), "logmel": (0, 10, 0)}
    assert files(tmp_path / "s") == before


def test_rows_are_the_feature_of_the_file_in_the_datasets_order(audio_folder, tmp_path):
    from featkit.features import get_feature

    folder = audio_folder(6)
    fill(folder, tmp_path / "s")
    store = Store(tmp_path / "s")
    for text in (MFCC, LOGMEL):
        table = store[text].table()
        for clip, row in zip(get_dataset(str(folder)).clips, table.X, strict=True):
            assert np.array_equal(row, get_feature(text)(audio.load(clip.path)))
        assert list(table.y) == [clip.label for clip in get_dataset(str(folder)).clips]


def test_adding_clips_and_features_touches_no_other_row(audio_folder, tmp_path):
    folder = audio_folder(10)
    late = sorted(folder.rglob("*.wav"))[-1]
    shutil.move(late, tmp_path / "late.wav")
    fill(folder, tmp_path / "s", [MFCC])
    before = files(tmp_path / "s")
    fill(folder, tmp_path / "s", [LOGMEL])
    after = files(tmp_path / "s")
    changed = {path.name for path, data in before.items() if after[path] != data}
    assert changed == {"manifest"}
    shutil.move(tmp_path / "late.wav", late)
    assert counts(fill(folder, tmp_path / "s")) == {"mfcc_stats": (1, 9, 0), "logmel": (1, 9, 0)}
    fill(folder, tmp_path / "fresh")
    a, b = (Store(tmp_path / name)[MFCC].table() for name in ("s", "fresh"))
    order = [list(a.ids).index(name) for name in b.ids]
    assert np.array_equal(a.X[order], b.X)


def test_other_parameters_are_another_array(audio_folder, tmp_path):
    folder = audio_folder(5)
    fill(folder, tmp_path / "s", ["logmel:sr=8000,n_fft=256,n_mels=20"])
    fill(folder, tmp_path / "s", ["logmel:sr=8000,n_fft=256,n_mels=16"])
    store = Store(tmp_path / "s")
    assert sorted(shelf.shape[1] for shelf in store.shelves()) == [16, 20]
    with pytest.raises(ParameterError, match="it has"):
        store["logmel"]


def test_labels_follow_the_dataset(audio_folder, tmp_path):
    folder = audio_folder(4)
    rows = "\n".join(
        f"{path},{label}" for path, label in zip(sorted(folder.rglob("*.wav")), "abab", strict=True)
    )
    table = tmp_path / "t.csv"
    for swap in (("", ""), (",b", ",c")):
        table.write_text("path,label\n" + rows.replace(*swap) if swap[0] else "path,label\n" + rows)
        report = extract(str(table), "mfcc_stats", tmp_path / "s")
    assert next(iter(report.features.values())).computed == 0
    assert set(Store(tmp_path / "s")["mfcc_stats"].table().y) == {"a", "c"}


def test_limit_then_all_equals_all(audio_folder, tmp_path):
    folder = audio_folder(10)
    assert counts(fill(folder, tmp_path / "s", limit=5))["mfcc_stats"] == (5, 0, 0)
    fill(folder, tmp_path / "s")
    fill(folder, tmp_path / "whole")
    same(tmp_path / "s", tmp_path / "whole")


def test_wrong_arguments_touch_nothing(audio_folder, tmp_path):
    folder, target = audio_folder(4), tmp_path / "new"
    full = tmp_path / "full"
    full.mkdir()
    (full / "notes.txt").write_text("mine")
    for features, store, options in (
        (["mfc"], target, {}),
        ([], target, {}),
        (["mfcc_stats:n_mfcc=x"], target, {}),
        (["mfcc_stats"], target, {"jobs": 0}),
        (["mfcc_stats"], target, {"dtype": "int8"}),
        (["mfcc_stats"], target, {"limit": 0}),
        (["mfcc_stats"], target, {"shard_clips": 10**9}),
        (["mfcc_stats"], target, {"device": "tpu"}),
        (["mfcc_stats"], full, {}),
        (["mfcc_stats"], full / "notes.txt", {}),
    ):
        with pytest.raises(FeatkitError):
            extract(str(folder), features, store, **options)
    assert not target.exists() and [path.name for path in full.iterdir()] == ["notes.txt"]


def test_a_store_that_was_left_without_features_is_gone_on_with(audio_folder, tmp_path):
    folder = audio_folder(4)
    Store.create(tmp_path / "s", get_dataset(str(folder)))
    assert counts(fill(folder, tmp_path / "s")) == {"mfcc_stats": (4, 0, 0), "logmel": (4, 0, 0)}
