import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, recall_score

from featkit.comparison.confusion import confused_clips, confusion, errors, recalls
from featkit.comparison.pooling import pool


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


def test_clips_are_ordered_by_the_fraction_of_systems_that_err(make_scores):
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


def test_ties_go_to_the_most_confident_errors(make_scores):
    chances = ((0.6, 0.4), (0.1, 0.9), (0.3, 0.7))
    clips = confused_clips(pool(make_scores([[0, 0, 1]], probabilities=chances)))
    assert [(clip["id"], clip["confidence"]) for clip in clips] == [("1-1", 0.9), ("1-0", 0.6)]


def test_errors_are_counted_over_runs_with_the_probability_of_what_was_predicted(make_scores):
    first = make_scores([[0, 0, 1]], probabilities=((0.6, 0.4), (0.1, 0.9), (0.3, 0.7)))
    second = make_scores([[0, 1, 1]], probabilities=((0.8, 0.2), (0.5, 0.5), (0.3, 0.7)), seed=1)
    (system,) = pool(first + second)
    rows = errors(system)
    assert [(row["id"], row["label"], row["predicted"], row["runs"]) for row in rows] == [
        ("1-0", "b", "a", 2),
        ("1-1", "a", "b", 1),
    ]
    assert [row["probability"] for row in rows] == pytest.approx([0.7, 0.9])
