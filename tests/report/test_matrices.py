import dataclasses
import re

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, recall_score

from featkit.comparison.systems import pool
from featkit.report.matrices import (
    clips_table,
    confused_clips,
    confusion,
    confusion_table,
    recall_table,
    recalls,
)


def test_counts_equal_scikit_learn(make_scores, rng):
    (system,) = pool(
        make_scores(rng.random((5, 20)) < 0.6) + make_scores(rng.random((5, 20)) < 0.6, seed=1)
    )
    classes, counts = confusion(system)
    truth = [label for score in system.scores for label in score.y_true]
    predicted = [label for score in system.scores for label in score.y_pred]
    assert classes == ["a", "b"]
    assert np.array_equal(counts, confusion_matrix(truth, predicted))
    assert recalls(counts) == pytest.approx(recall_score(truth, predicted, average=None))


def test_rows_sum_to_the_clips_of_the_class(make_scores, rng):
    (system,) = pool(make_scores(rng.random((5, 20)) < 0.6))
    assert confusion(system)[1].sum(axis=1).tolist() == [50, 50]


def test_a_class_without_clips_has_no_recall(make_scores):
    (system,) = pool(make_scores([[1, 1]], classes=("a", "b", "never")))
    classes, counts = confusion(system)
    assert classes[2] == "never" and np.isnan(recalls(counts)[2])
    assert "–" in recall_table([system], {system.label: "x"})


def test_the_matrix_shows_counts_and_shares_of_the_row(make_scores):
    (system,) = pool(make_scores([[1, 1, 0, 1]]))
    table = confusion_table(system)
    assert re.findall(r"<td[^>]*>(\d*)</td>", table) == ["2", "", "1", "1"]
    assert re.findall(r"--v:([\d.]+)", table) == ["1.000", "0.500", "0.500"]
    assert "b taken for a: 1" in table


def test_clips_are_ordered_by_the_share_of_systems_that_err(make_scores):
    systems = pool(
        make_scores([[1, 0, 0]], classifier="x")
        + make_scores([[1, 1, 0]], classifier="y")
        + make_scores([[1, 1, 1]], classifier="y", seed=1)
    )
    clips = confused_clips(systems)
    assert [(clip["id"], clip["wrong"]) for clip in clips] == [("1-2", 0.75), ("1-1", 0.5)]
    assert clips[0] == {
        "id": "1-2",
        "label": "b",
        "wrong": 0.75,
        "instead": ["a"],
        "confidence": 0.0,
    }
    assert [clip["id"] for clip in confused_clips(systems, most=1)] == ["1-2"]


def test_of_equally_wrong_clips_the_surest_comes_first(make_scores):
    chances = ((0.6, 0.4), (0.1, 0.9), (0.3, 0.7))
    clips = confused_clips(pool(make_scores([[0, 0, 1]], probabilities=chances)))
    assert [(clip["id"], clip["confidence"]) for clip in clips] == [("1-1", 0.9), ("1-0", 0.6)]


def test_without_errors_or_predictions_it_says_so(make_scores):
    assert "No clip was predicted wrong" in clips_table(pool(make_scores([[1, 1]])))
    assert "No errors." in confusion_table(pool(make_scores([[1, 1]]))[0])
    bare = pool(make_scores([[1, 1]], ids=(), groups=(), y_true=(), y_pred=()))
    assert "No predictions" in confusion_table(bare[0])


def test_very_many_classes_leave_the_matrix_out(make_scores):
    (score,) = make_scores([[1, 0]])
    many = dataclasses.replace(score, classes=tuple(f"c{at:03d}" for at in range(100)))
    table = confusion_table(pool([many])[0])
    assert (
        "102 classes: the matrix is left out" in table
        and "taken for" in table
        and "<table" not in table
    )
