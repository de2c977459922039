"""What is not believed when results are read."""

import dataclasses
import json

import pytest

from featkit.errors import ParameterError
from featkit.results import Score, append, predictions_path, read

SCORE = Score(
    "toy",
    "mfcc",
    "knn",
    "nested",
    "1",
    accuracy=0.75,
    macro_accuracy=0.75,
    # Classes a: 2 of 3 predictions, both clips; b: 1 of 1, of two clips.
    macro_f1=(0.8 + 2 / 3) / 2,
    n_test=4,
    classes=("a", "b"),
    ids=("w", "x", "y", "z"),
    groups=("w", "x", "y", "z"),
    y_true=("a", "a", "b", "b"),
    y_pred=("a", "a", "a", "b"),
)


def edit(path, line, **changes):
    """Change some values of one line of a file; a number of JSON's may be given as its text."""
    lines = path.read_text().splitlines()
    row = json.loads(lines[line - 1])
    lines[line - 1] = json.dumps(row | changes)
    path.write_text("\n".join(lines) + "\n")


@pytest.fixture
def results(tmp_path):
    append(tmp_path / "r.jsonl", [dataclasses.replace(SCORE, fold=fold) for fold in "123"])
    assert len(read(tmp_path / "r.jsonl")) == 3
    return tmp_path / "r.jsonl"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(
            (name, value)
            for name in ("accuracy", "macro_accuracy", "macro_f1")
            for value in (1e300, 1.1, -0.1, True, "0.75", [0.75], float("nan"), float("inf"))
        ),
        ("accuracy", None),
        ("log_loss", -1.0),
        ("log_loss", 37.0),
        ("n_test", 4.5),
        ("n_train", -1),
        ("seed", "0"),
        ("model_bytes", 10**30),
        ("fit_seconds", -1.0),
        ("predict_seconds", float("inf")),
        ("dataset", 3),
        ("fold", None),
        ("fold", ["1"]),
        ("params", [1]),
        ("data", "0123456789abcdeg"),
        ("notes", 3),
        ("notes", [{"kind": "warning"}]),
    ],
)
def test_values_outside_their_range_are_refused_by_file_and_line(name, value, results):
    edit(results, 2, **{name: value})
    with pytest.raises(ParameterError, match=r"r\.jsonl, line 2: "):
        read(results)


@pytest.mark.parametrize(
    "changes",
    [
        {"accuracy": 0.95},
        {"macro_accuracy": 0.8},
        {"macro_f1": 0.76},
        {"log_loss": 0.5},
        {"n_test": 5},
    ],
)
def test_edited_results_that_contradict_their_predictions_are_refused(changes, results):
    edit(results, 3, **changes)
    with pytest.raises(ParameterError, match=r"r\.jsonl, line 3: .*contradicts"):
        read(results)


@pytest.mark.parametrize(
    "changes",
    [
        {"y_pred": ["a", "a", "b", "b"]},
        {"y_true": ["a", "b", "b", "b"]},
        {"y_true": ["a", "a", "b", "c"]},
        {"ids": ["w", "x", "y"]},
        {"ids": ["w", "x", "y", 4]},
        {"classes": ["a", "b", "b"]},
        {"classes": "ab"},
        {"probabilities": [[0.5, 0.5]] * 3},
        {"probabilities": [[0.5, 1.5]] * 4},
        {"probabilities": [["x", "y"]] * 4},
    ],
)
def test_edited_predictions_are_refused(changes, results):
    edit(predictions_path(results), 3, **changes)
    with pytest.raises(ParameterError, match=r"r\.jsonl, line 3: .*contradicts"):
        read(results)


def test_predictions_that_a_killed_process_wrote_before_its_score_are_passed_over(results):
    newer = dataclasses.replace(SCORE, y_pred=("a", "a", "b", "b"), accuracy=1.0)
    before, kept = read(results), results.read_bytes()
    append(results, [newer])
    results.write_bytes(kept)
    assert read(results) == before


def test_results_whose_predictions_are_lost_are_read_without(results):
    predictions_path(results).unlink()
    assert [(score.accuracy, score.ids) for score in read(results)] == [(0.75, ())] * 3


def test_later_formats_name_the_version_that_they_need(results):
    edit(results, 1, format=4, needs="0.9.0")
    with pytest.raises(ParameterError, match=r"line 1: .*format 4.*0\.9\.0"):
        read(results)
