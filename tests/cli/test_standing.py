"""What ``evaluate`` says of a store that is older than its dataset, or whose dataset is suspect."""

import warnings
from pathlib import Path

import numpy as np
import pytest

from featkit import audio
from featkit.results import read

MEASURE = ("evaluate", "s.zarr", "-f", "mfcc_stats", "-c", "knn", "--out", "r.jsonl")


@pytest.fixture
def table(featkit, tmp_path, rng):
    """``write(labels, **columns)``: the table clips.csv of 12 recordings of noise, extracted."""

    def write(labels="ab" * 6, columns="label,fold", more=""):
        rows = [
            f"{n}.wav,{label},{1 + n // 2 % 3}{more.format(n=n)}" for n, label in enumerate(labels)
        ]
        (tmp_path / "clips.csv").write_text("\n".join([f"path,{columns}", *rows]) + "\n")

    for number in range(12):
        noise = rng.uniform(-0.5, 0.5, 4000).astype(np.float32)
        audio.write(tmp_path / f"{number}.wav", noise, 8000)
    write()
    assert featkit("extract", "clips.csv", "-f", "mfcc_stats", "--store", "s.zarr").status == 0
    return write


def notes(tmp_path):
    return {note.text for score in read(tmp_path / "r.jsonl") for note in score.notes}


def test_a_store_that_is_up_to_date_says_nothing(featkit, table, tmp_path):
    done = featkit(*MEASURE)
    assert done.status == 0 and "Warning" not in done.err and not notes(tmp_path)


def test_changed_labels_are_reported_and_noted(featkit, table, tmp_path):
    table("ba" + "ab" * 5)
    done = featkit(*MEASURE)
    assert done.status == 0 and "2 clips have another label now: 0.wav, 1.wav" in done.err
    (note,) = notes(tmp_path)
    assert "another label" in note and "featkit extract" in note
    assert featkit("extract", "clips.csv", "-f", "mfcc_stats", "--store", "s.zarr").status == 0
    assert "Warning" not in featkit(*MEASURE).err


def test_changed_and_lost_clips_are_reported(featkit, table, tmp_path):
    audio.write(tmp_path / "3.wav", np.full(4000, 0.1, dtype=np.float32), 16_000)
    table("ab" * 5)
    done = featkit(*MEASURE)
    assert "2 clips are no longer there: 10.wav, 11.wav" in done.err
    assert "audio changed: 1" in done.err
    assert len(notes(tmp_path)) == 2


def test_a_dataset_that_moved_away_says_nothing(featkit, table, tmp_path):
    (tmp_path / "clips.csv").unlink()
    assert "Warning" not in featkit(*MEASURE).err


def test_a_column_of_speakers_that_is_not_used_is_noted(featkit, table, tmp_path):
    table(columns="label,fold,speaker", more=",s{n}")
    assert featkit("extract", "clips.csv", "-f", "mfcc_stats", "--store", "s.zarr").status == 0
    assert featkit(*MEASURE).status == 0
    (note,) = notes(tmp_path)
    assert "speaker" in note and "--group-column" in note
    assert {note.kind for score in read(tmp_path / "r.jsonl") for note in score.notes} == {
        "dataset"
    }


def test_python_warns_as_the_command_does(featkit, table, tmp_path):
    from featkit import Store, evaluate

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not any(score.notes for score in evaluate(Store("s.zarr"), "knn"))
    table("ba" + "ab" * 5)
    with pytest.warns(UserWarning, match="2 clips have another label now") as caught:
        scores = evaluate(Store("s.zarr"), "knn")
    assert Path(caught[0].filename).name == Path(__file__).name
    done = featkit(*MEASURE)
    (line,) = {note.text for score in scores for note in score.notes}
    assert line in done.err and notes(tmp_path) == {line}


def test_python_warns_of_a_column_that_is_not_used(featkit, table, tmp_path):
    from featkit import Store, evaluate, extract

    table(columns="label,fold,speaker", more=",s{n}")
    with pytest.warns(UserWarning, match="'speaker' is ignored"):
        extract("clips.csv", ["mfcc_stats"], "s.zarr")
    with pytest.warns(UserWarning, match="'speaker' is ignored"):
        scores = evaluate(Store("s.zarr"), "knn")
    assert all("speaker" in score.notes[0].text for score in scores)
