"""Curves of nets lie beside the predictions."""

import dataclasses
import json

import pytest

from featkit.errors import ParameterError
from featkit.results import append, predictions_path, read

CURVES = ({"epoch": 0, "train_loss": 1.5}, {"epoch": 1, "train_loss": 0.25})


def test_curves_are_stored_beside_the_predictions(make_scores, tmp_path):
    scores = make_scores([[1, 0]], curves=CURVES) + make_scores([[1, 1]], classifier="other")
    append(tmp_path / "r.jsonl", scores)
    assert [score.curves for score in read(tmp_path / "r.jsonl")] == [CURVES, ()]
    assert "train_loss" not in (tmp_path / "r.jsonl").read_text()
    first, second = map(json.loads, predictions_path(tmp_path / "r.jsonl").open())
    assert first["curves"] == list(CURVES) and "curves" not in second


def test_curves_among_the_parameters_are_read(make_scores, tmp_path):
    (score,) = make_scores([[1, 0]])
    old = dataclasses.replace(score, params={"epoch": 1, "curves": list(CURVES)})
    append(tmp_path / "r.jsonl", [old])
    (found,) = read(tmp_path / "r.jsonl")
    assert (found.curves, found.params) == (CURVES, {"epoch": 1})


@pytest.mark.parametrize("curves", [({"train_loss": 1.0},), ({"epoch": "1"},), (1.0,)])
def test_curves_that_are_something_else_are_refused(curves, make_scores, tmp_path):
    append(tmp_path / "r.jsonl", make_scores([[1, 0]], curves=curves))
    with pytest.raises(ParameterError, match="curves"):
        read(tmp_path / "r.jsonl")
