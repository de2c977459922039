import shutil
from dataclasses import replace

import numpy as np
import pytest

from featkit import audio, extract
from featkit.datasets import get_dataset
from featkit.errors import DatasetError
from featkit.evaluation import Folding, evaluate
from featkit.evaluation.leakage import guard
from featkit.store import Store


def plan(table):
    """The table's folds, whether they leak or not."""
    return Folding(allow_leakage=True).plan(table)


def test_clean_folds_pass(make_table):
    table = make_table(n=30, contents=np.array([f"h{row}" for row in range(30)]))
    assert guard(table, plan(table)) == ()


def test_a_group_in_two_folds_is_refused_by_name(make_table):
    groups = np.array([f"g{row}" for row in range(30)])
    groups[[0, 3]] = "song"
    table = make_table(n=30, groups=groups)
    with pytest.raises(
        DatasetError, match="2 test clips share their group with a training clip: clip0, clip3"
    ):
        guard(table, plan(table))


def test_equal_audio_in_two_folds_is_refused_and_unknown_audio_is_not(make_table):
    contents = np.array([""] * 28 + ["same", "same"])
    table = make_table(n=30, folds=np.arange(30) % 5, contents=contents)
    with pytest.raises(
        DatasetError, match=r"2 test clips are from the same recording.*clip28, clip29"
    ):
        guard(table, plan(table))


def test_leakage_can_be_allowed_and_is_noted(make_table):
    table = make_table(n=30, groups=np.array(["one"] * 30))
    (note,) = guard(table, plan(table), allow=True)
    assert note.kind == "leakage" and "30 test clips" in note.text and "(30 in all)" in note.text


def test_test_part_and_validation_part_are_kept_from_what_is_learned(make_table):
    splits = np.array(["train"] * 6 + ["valid"] * 6 + ["test"] * 6)
    groups = np.array([f"g{row}" for row in range(18)])
    table = make_table(n=18, splits=splits, groups=groups.copy(), protocol="split")
    assert guard(table, plan(table)) == ()
    groups[[0, 6]] = "train and valid"
    table = make_table(n=18, splits=splits, groups=groups.copy(), protocol="split")
    with pytest.raises(DatasetError, match=r"1 validation clips share their group.*clip6"):
        guard(table, plan(table))
    groups[[0, 6, 12]] = "g0", "valid and test", "valid and test"
    with pytest.raises(DatasetError, match=r"1 test clips share their group.*clip12"):
        guard(make_table(n=18, splits=splits, groups=groups, protocol="split"), plan(table))


@pytest.mark.parametrize("excerpts", [((0, 1.2), (0.2, 1.2)), ((0, None), (0, 1.5))])
def test_overlapping_excerpts_of_one_recording_may_not_be_on_both_sides(excerpts, tmp_path):
    rng, lines = np.random.default_rng(0), ["path,label,fold,start,duration"]
    for number in range(6):
        audio.write(
            tmp_path / f"{number}.wav", rng.uniform(-0.5, 0.5, 12_000).astype(np.float32), 8000
        )
        for fold, (start, duration) in enumerate(excerpts, start=1):
            lines.append(f"{number}.wav,{'ab'[number % 2]},{fold},{start},{duration or ''}")
    (tmp_path / "clips.csv").write_text("\n".join(lines))
    dataset = get_dataset(str(tmp_path / "clips.csv"))
    assert {clip.group for clip in dataset.clips} == {f"{number}.wav" for number in range(6)}
    extract(dataset, "mfcc_stats", tmp_path / "s.zarr")
    with pytest.raises(DatasetError, match=r"0\.wav"):
        evaluate(Store(tmp_path / "s.zarr").table("mfcc_stats"), "knn")


def test_the_same_audio_in_training_and_validation_is_refused(make_table):
    table = make_table(n=30)
    splits = np.array(["train"] * 12 + ["valid"] * 6 + ["test"] * 12)
    contents = np.array([str(number) for number in range(30)])
    contents[12] = contents[0]
    with pytest.raises(
        DatasetError, match="1 validation clips are from the same recording as a training clip"
    ):
        Folding("split").plan(replace(table, splits=splits, contents=contents))


@pytest.fixture
def excerpts(tmp_path):
    """``make(name, starts, count)``: a store of a table of 1-s excerpts, with groups that say
    nothing, of ``count`` recordings of noise in the folder ``audio``.
    """
    rng = np.random.default_rng(0)
    (tmp_path / "audio").mkdir()
    for number in range(12):
        noise = rng.uniform(-0.5, 0.5, 24_000).astype(np.float32)
        audio.write(tmp_path / "audio" / f"{number}.wav", noise, 8000)

    def make(name, starts, count=12):
        lines = ["path,label,group,start,duration"]
        for number in range(count):
            for start in starts:
                own = f"{number}-{start}"
                length = "" if start is None else 1
                lines.append(f"audio/{number}.wav,{'ab'[number % 2]},{own},{start or 0},{length}")
        (tmp_path / f"{name}.csv").write_text("\n".join(lines))
        extract(get_dataset(str(tmp_path / f"{name}.csv")), "mfcc_stats", tmp_path / f"{name}.zarr")
        return Store(tmp_path / f"{name}.zarr").table("mfcc_stats")

    return make


def test_drawn_folds_keep_recordings_whole(excerpts):
    table = excerpts("train", (0, 1.5))
    assert len(set(table.groups)) == len(set(table.contents)) == 24
    assert len(set(table.recording_of)) == 12
    for split in Folding("drawn", 4).plan(table).splits:
        train, test = (set(table.recordings[rows]) for rows in (split.train, split.test))
        assert test and not train & test


@pytest.mark.parametrize("starts", [(1.5,), (None,)])
def test_another_corpus_may_not_hold_other_excerpts_of_the_recordings(excerpts, starts):
    table, test = excerpts("train", (0,)), excerpts("test", starts, 6)
    with pytest.raises(DatasetError, match="6 test clips are from the same recording"):
        evaluate(table, "knn", test=test)
    (score,) = evaluate(table, "knn", test=test, folding=Folding(allow_leakage=True))
    assert score.leaky


def test_copies_and_links_of_a_recording_are_that_recording(excerpts, tmp_path):
    table = excerpts("train", (0, None))
    (tmp_path / "audio" / "0.wav").rename(tmp_path / "moved.wav")
    (tmp_path / "audio" / "0.wav").symlink_to(tmp_path / "moved.wav")
    linked = excerpts("linked", (1.5,), 2)
    with pytest.raises(DatasetError, match="2 test clips are from the same recording"):
        evaluate(excerpts("again", (0,)), "knn", test=linked)
    # The bytes of the whole file tie its excerpts to excerpts of a copy elsewhere.
    copied = replace(linked, recordings=np.array(["x", "y"]))
    with pytest.raises(DatasetError, match="2 test clips are from the same recording"):
        evaluate(table, "knn", test=copied)


@pytest.fixture
def copies(excerpts, tmp_path):
    """``make(folder, start)``: a table of one excerpt of each of 12 recordings, copied to a folder
    under other names.
    """
    excerpts("first", (0,))

    def make(folder, start):
        (tmp_path / folder).mkdir()
        lines = ["path,label,group,start,duration"]
        for number in range(12):
            place = f"{folder}/{folder}{11 - number:02}.wav"
            shutil.copy(tmp_path / "audio" / f"{number}.wav", tmp_path / place)
            lines.append(f"{place},{'ab'[number % 2]},{place},{start},1")
        return lines

    return make


def table_of(tmp_path, name, lines):
    (tmp_path / f"{name}.csv").write_text("\n".join(lines))
    extract(get_dataset(str(tmp_path / f"{name}.csv")), "mfcc_stats", tmp_path / f"{name}.zarr")
    return Store(tmp_path / f"{name}.zarr").table("mfcc_stats")


def test_excerpts_of_copies_are_one_recording_in_drawn_folds(copies, tmp_path):
    table = table_of(tmp_path, "both", copies("one", 0) + copies("two", 1.5)[1:])
    assert len(set(table.contents)) == len(set(table.recordings)) == len(set(table.groups)) == 24
    assert len(set(table.files)) == len(set(table.recording_of)) == 12
    for split in Folding("drawn", 4).plan(table).splits:
        train, test = (set(table.files[rows]) for rows in (split.train, split.test))
        assert test and not train & test


def test_official_folds_and_test_stores_may_not_hold_excerpts_of_copies(copies, tmp_path):
    lines = copies("one", 0) + copies("two", 1.5)[1:]
    train, test = (
        table_of(tmp_path, name, [lines[0], *part])
        for name, part in (("train", lines[1:13]), ("test", lines[13:19]))
    )
    with pytest.raises(DatasetError, match="6 test clips are from the same recording"):
        evaluate(train, "knn", test=test)
    lines = [f"{line},{'fold' if not row else 1 + row % 5}" for row, line in enumerate(lines)]
    with pytest.raises(DatasetError, match="test clips are from the same recording"):
        evaluate(table_of(tmp_path, "folds", lines), "knn")


def test_where_recordings_lie_is_not_part_of_the_fingerprint(make_table):
    paths = np.array([f"/one/{row // 2}.wav" for row in range(60)])
    here, there = (make_table(recordings=np.char.replace(paths, "one", to)) for to in ("a", "b"))
    assert here.fingerprint == there.fingerprint != make_table().fingerprint
    alone = np.array([f"/one/{row}.wav" for row in range(60)])
    assert make_table(recordings=alone).fingerprint == make_table().fingerprint


def test_copies_of_an_inspection_are_kept_from_what_is_learned(tmp_path):
    """Coded, cut and quieter copies in other folds, labels at random: no bytes are shared."""
    from featkit.analysis.inspection.inspecting import inspect

    rng, sr, lines = np.random.default_rng(0), 16000, ["path,label,fold"]
    for number in range(12):
        pieces = [
            np.convolve(rng.normal(size=2000), rng.normal(size=32), "same") for _ in range(24)
        ]
        samples = np.concatenate(pieces)
        samples = (0.4 * samples / np.abs(samples).max()).astype(np.float32)
        audio.write(tmp_path / f"{number}.wav", samples, sr)
        audio.write(tmp_path / f"{number}.ogg", 0.5 * samples[4000:], sr)
        for fold, suffix in enumerate(("wav", "ogg"), start=1):
            lines.append(f"{number}.{suffix},{'ab'[rng.integers(2)]},{(number + fold) % 4}")
    (tmp_path / "set.csv").write_text("\n".join(lines))
    extract(get_dataset(str(tmp_path / "set.csv")), "mfcc_stats", tmp_path / "s.zarr")
    assert evaluate(Store(tmp_path / "s.zarr").table("mfcc_stats"), "knn")
    pairs = inspect(tmp_path / "s.zarr", "mfcc_stats").duplicates
    assert {(row["a"][:-4], row["b"][:-4]) for row in pairs} == {
        (str(number), str(number)) for number in range(12)
    }
    table = Store(tmp_path / "s.zarr").table("mfcc_stats")
    with pytest.raises(DatasetError, match="24 test clips are from the same recording"):
        evaluate(table, "knn")
    scores = evaluate(table, "knn", folding=Folding(allow_leakage=True))
    assert all(score.leaky for score in scores)
    assert not any(score.leaky for score in evaluate(table, "knn", folding=Folding("drawn")))
