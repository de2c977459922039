"""Validation names what is missing, unreadable, too short, there twice or misfolded."""

import dataclasses
import json
import shutil

from featkit.datasets import Clip, Dataset, get_dataset
from featkit.datasets.validation import Duplicate, misfolded, validate


def test_a_sound_dataset_is_ok_and_progress_counts(tmp_path, write_wav):
    for name in ("a/1.wav", "a/2.wav", "b/3.wav"):
        write_wav(tmp_path / name)
    seen = []
    report = validate(
        get_dataset(tmp_path), progress=lambda done, total: seen.append((done, total))
    )
    assert report.ok
    assert report.classes == {"a": 2, "b": 1}
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert json.loads(json.dumps(report.to_dict()))["ok"] is True


def test_each_fault_is_named_once(tmp_path, write_wav):
    good = write_wav(tmp_path / "good.wav")
    shutil.copy(good, tmp_path / "copy.wav")
    (tmp_path / "empty.wav").write_bytes(b"")
    (tmp_path / "text.wav").write_text("not audio")
    (tmp_path / "cut.wav").write_bytes(write_wav(tmp_path / "whole.wav").read_bytes()[:-100])
    names = ["good", "copy", "empty", "text", "cut", "gone"]
    clips = tuple(
        Clip(name, str(tmp_path / f"{name}.wav"), "x", fold=k % 2) for k, name in enumerate(names)
    )
    report = validate(Dataset("d", clips))
    assert report.missing == (("gone", str(tmp_path / "gone.wav")),)
    assert [(clip_id, reason.partition(":")[0]) for clip_id, _, reason in report.unreadable] == [
        ("empty", "the file is empty (0 bytes)"),
        ("text", "not readable as audio"),
        ("cut", "cut short"),
    ]
    assert report.duplicates == (Duplicate(("good", "copy"), crosses_folds=True, labels=("x",)),)
    assert not report.ok


def test_excerpts_are_checked_against_the_length_that_the_table_gives(tmp_path, write_wav):
    path = str(write_wav(tmp_path / "a.wav"))
    clips = (
        Clip("fits", path, "x", start=0.02, duration=0.08),
        Clip("short", path, "x", start=0.025, duration=0.5),
        Clip("beyond", path, "x", start=2.0, duration=0.5),
    )
    report = validate(Dataset("d", clips))
    assert report.durations == (("short", 0.5, 0.075),)
    assert [clip_id for clip_id, _, _ in report.unreadable] == ["beyond"]
    assert report.duplicates == ()


def test_duplicates_in_one_fold_with_two_labels(tmp_path, write_wav):
    path = write_wav(tmp_path / "a.wav")
    clips = (
        Clip("1", str(path), "x", fold=1),
        Clip("2", str(shutil.copy(path, tmp_path / "b.wav")), "y", fold=1),
    )
    assert validate(Dataset("d", clips)).duplicates == (Duplicate(("1", "2"), False, ("x", "y")),)


def test_misfolded_groups():
    clips = [
        ("1", 1, "g", ""),
        ("2", 2, "g", ""),
        ("3", 1, "h", ""),
        ("4", 1, "h", ""),
        ("5", 2, "", ""),
        ("6", None, "s", "train"),
    ]
    dataset = Dataset(
        "d", tuple(Clip(i, "p", "x", fold, group, split=split) for i, fold, group, split in clips)
    )
    assert misfolded(dataset) == (("g", ("fold 1", "fold 2")),)
    split = dataclasses.replace(
        dataset, clips=(*dataset.clips, Clip("7", "p", "x", group="s", split="test"))
    )
    assert misfolded(split)[1] == ("s", ("test", "train"))


def test_counts_that_differ_from_the_whole_corpus_are_for_information(tmp_path, write_wav):
    clips = (Clip("1", str(write_wav(tmp_path / "a.wav")), "x", split="train"),)
    report = validate(
        Dataset("d", clips, expected={"clips": 1, "train": 2, "test": 3}, remarks=("odd",))
    )
    assert report.unexpected == (("train", 2, 1), ("test", 3, 0))
    assert report.remarks == ("odd",)
    assert report.ok
