"""Scores on the clips of one device."""

import dataclasses
import json

import numpy as np
import pytest

from featkit.errors import ParameterError
from featkit.results import Score, append, on_clips
from featkit.results.metrics import fold_metrics

CLASSES = ("bus", "park")
IDS = tuple(f"{scene}-{place}-{device}" for scene in CLASSES for place in "12" for device in "ab")
TRUTH = tuple(name.partition("-")[0] for name in IDS)
# Device a is always right, with 0.9; device b says park, with 0.6.
VOTES = np.array(
    [
        ([0.9, 0.1] if name.startswith("bus") else [0.1, 0.9]) if name.endswith("a") else [0.4, 0.6]
        for name in IDS
    ]
)


def score(**changes):
    predicted = np.array(CLASSES)[VOTES.argmax(axis=1)]
    fields = {
        "scheme": "official split",
        **fold_metrics(np.array(TRUTH), predicted, VOTES, CLASSES),
        "n_test": len(IDS),
        "classes": CLASSES,
        "ids": IDS,
        "groups": tuple(name[:-2] for name in IDS),
        "y_true": TRUTH,
        "y_pred": tuple(predicted.tolist()),
        "probabilities": tuple(map(tuple, VOTES.tolist())),
    }
    return Score("tau", "logmel", "net", "nested", "test", **(fields | changes))


@pytest.mark.parametrize(
    ("pattern", "n", "accuracy", "loss"),
    [
        ("*-a", 4, 1.0, -np.log(0.9)),
        ("*-b", 4, 0.5, -(np.log(0.4) + np.log(0.6)) / 2),
        ("bus-*", 4, 0.5, -(np.log(0.9) + np.log(0.4)) / 2),
        ("*-[ab]", 8, 0.75, -(2 * np.log(0.9) + np.log(0.4) + np.log(0.6)) / 4),
    ],
)
def test_metrics_are_those_of_the_clips_that_fit(pattern, n, accuracy, loss):
    (found,) = on_clips([score()], pattern)
    assert found.n_test == len(found.ids) == len(found.probabilities) == n
    assert found.accuracy == accuracy
    assert found.log_loss == pytest.approx(loss, rel=1e-12)
    assert found.scheme == f"official split, clips {pattern}"
    assert found.cell == score().cell


def test_a_fold_without_such_a_clip_is_left_out_and_a_failure_stays():
    renamed = tuple(f"{name}x" for name in IDS)
    other = score(ids=renamed)
    failed = dataclasses.replace(score(), fold="2", error="it fell over")
    assert [found.fold for found in on_clips([score(), other, failed], "*-a")] == ["test", "2"]


def test_a_pattern_that_fits_nothing_and_missing_predictions_are_refused():
    with pytest.raises(ParameterError, match=r"\*-z"):
        on_clips([score()], "*-z")
    with pytest.raises(ParameterError, match="logmel \\+ net"):
        on_clips([dataclasses.replace(score(), ids=())], "*-a")


def test_the_command_line_scores_one_device(featkit, tmp_path):
    append(tmp_path / "r.jsonl", [score()])
    done = featkit("compare", "r.jsonl", "--clips", "*-a", "--json")
    (system,) = json.loads(done.out)["systems"]
    assert (done.status, system["mean"]) == (0, 1.0) and "'*-a'" in done.err
    assert featkit("compare", "r.jsonl", "--clips", "*-z").status == 2
