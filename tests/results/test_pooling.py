"""Windows pooled to clips: numbers that can be derived by hand."""

import json
from dataclasses import replace

import pytest

from featkit.errors import ParameterError
from featkit.results import Scores, on_clips, pooled, read
from featkit.results.metrics import fold_metrics
from featkit.results.pooling import per_clip, summary
from featkit.results.scores import Score

# Clip x: windows for a with 0.9, and twice for b with 0.6; clip y: one window for b.
PROBABILITIES = ((0.9, 0.1), (0.4, 0.6), (0.4, 0.6), (0.2, 0.8))


@pytest.fixture
def score():
    import numpy as np

    truth, predicted = np.array(["a", "a", "a", "a"]), np.array(["a", "b", "b", "b"])
    classes = ("a", "b")
    metrics = fold_metrics(truth, predicted, np.array(PROBABILITIES), classes)
    return Score(
        *("set", "mfcc", "knn", "nested", "1"),
        scheme="official folds",
        **metrics,
        n_train=40,
        n_test=4,
        window=1.0,
        hop=0.5,
        n_train_clips=8,
        classes=classes,
        ids=("x@0-1", "x@0.5-1.5", "x@1-2", "y@0-end"),
        groups=("x", "x", "x", "ann"),
        y_true=tuple(truth.tolist()),
        y_pred=tuple(predicted.tolist()),
        probabilities=PROBABILITIES,
    )


def test_the_mean_of_probabilities_decides(score):
    clips = pooled(score)
    assert clips.ids == ("x", "y") and clips.groups == ("x", "ann")
    assert clips.y_true == ("a", "a") and clips.y_pred == ("a", "b")
    assert clips.probabilities[0] == pytest.approx((1.7 / 3, 1.3 / 3))
    assert (clips.accuracy, clips.n_test, clips.n_train) == (0.5, 2, 8)
    assert clips.scheme == "official folds, windows pooled per clip"
    assert clips.cell == score.cell and not clips.window


def test_a_vote_decides_otherwise(score):
    clips = pooled(score, "vote")
    assert clips.y_pred == ("b", "b") and clips.accuracy == 0.0
    assert clips.probabilities is None and clips.log_loss is None
    assert clips.scheme.endswith("by vote")


def test_ties_of_a_vote_go_to_the_higher_mean(score):
    one = {name: getattr(score, name)[:2] for name in ("ids", "groups", "y_true", "y_pred")}
    tied = replace(score, **one, probabilities=PROBABILITIES[:2])
    assert pooled(tied, "vote").y_pred == ("a",)
    # Without probabilities, to the first class by name.
    assert pooled(replace(tied, probabilities=None), "vote").y_pred == ("a",)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"window": 0.0}, "mean"),
        ({"ids": ()}, "mean"),
        ({"probabilities": None}, "mean"),
        ({}, "median"),
    ],
)
def test_what_cannot_be_pooled_is_refused(score, changes, rule):
    with pytest.raises(ParameterError):
        pooled(replace(score, **changes), rule)


def test_without_probabilities_windows_vote_and_a_note_says_so(score):
    (clips,) = per_clip([replace(score, probabilities=None, log_loss=None)])
    assert [note.kind for note in clips.notes] == ["vote"]
    assert clips.scheme == pooled(score).scheme and clips.y_pred == ("b", "b")
    failed = replace(score, error="no", ids=())
    assert per_clip([failed])[0].error == "no"
    assert per_clip([replace(score, window=0.0)]) == []


def test_results_hold_both(score, tmp_path):
    scores = Scores([score])
    scores.save(tmp_path / "r.jsonl")
    line = json.loads((tmp_path / "r.jsonl").read_text())
    assert line["accuracy"] == 0.25 and line["window"] == 1.0 and line["n_train_clips"] == 8
    assert line["per_clip"] == summary(score)
    assert {rule: values["accuracy"] for rule, values in line["per_clip"].items()} == {
        "mean": 0.5,
        "vote": 0.0,
    }
    assert read(tmp_path / "r.jsonl") == [score]
    assert Scores.load(tmp_path / "r.jsonl").pooled() == [pooled(score)]
    assert "windows pooled per clip" in scores._repr_html_()
    assert scores.pooled().to_frame().accuracy.tolist() == [0.5]


def test_a_subset_is_of_clips(score):
    (some,) = on_clips([score], "x")
    assert some.ids == score.ids[:3] and pooled(some).accuracy == 1.0
