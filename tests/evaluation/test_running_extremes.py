"""Degenerate tables through every classifier: an exact result, or an error that names the cause."""

import warnings
from pathlib import Path

import numpy as np
import pytest

from featkit.errors import DatasetError, ParameterError
from featkit.evaluation import Folding, evaluate

FAST = ("knn", "elm", "logistic", "sgd", "mlp", "linear_svm", "svm")
ALL = (*FAST, "random_forest:n_estimators=10")
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.mark.parametrize("classifier", ALL)
def test_constant_features_give_the_fraction_of_one_class(make_table, classifier):
    scores = evaluate(make_table(n=30, X=np.ones((30, 5), np.float32)), classifier)
    assert [score.error for score in scores] == [""] * 5
    assert all(
        score.accuracy == pytest.approx(1 / 3) and len(set(score.y_pred)) == 1 for score in scores
    )


@pytest.mark.parametrize("classifier", ALL)
def test_a_class_that_training_never_saw_is_never_predicted_and_has_probability_zero(
    make_table, classifier
):
    y = np.array([f"class{row % 3}" for row in range(30)])
    y[6:12] = "new"  # all of fold 2
    folds = np.arange(30) // 6 + 1
    score = next(
        score
        for score in evaluate(make_table(n=30, y=y, folds=folds), classifier)
        if score.fold == "2"
    )
    assert (score.accuracy, score.error) == (0.0, "") and "new" in score.classes
    column = score.classes.index("new")
    assert all(row[column] == 0 and sum(row) == pytest.approx(1) for row in score.probabilities)
    assert score.log_loss == pytest.approx(-np.log(np.finfo(float).eps))


@pytest.mark.parametrize("classifier", ALL)
def test_a_class_of_one_clip_is_wrong_in_its_fold_and_known_in_the_others(make_table, classifier):
    y = np.array([f"class{row % 3}" for row in range(30)])
    y[0] = "single"
    scores = evaluate(make_table(n=30, y=y, folds=np.arange(30) // 3 % 5 + 1), classifier)
    assert [score.error for score in scores] == [""] * 5
    assert scores[0].y_pred[scores[0].y_true.index("single")] != "single"


@pytest.mark.parametrize("classifier", ALL)
def test_one_class_in_a_training_part_is_named(make_table, classifier):
    y = np.array(["a"] * 10 + ["b"] * 10)
    scores = evaluate(make_table(n=20, y=y, folds=np.repeat([1, 2], 10)), classifier)
    assert [score.accuracy for score in scores] == [None, None]
    assert "10 training clips are of one class, 'b'" in scores[0].error and "'a'" in scores[1].error


@pytest.mark.parametrize("classifier", ALL)
def test_one_class_and_nan_are_refused_before_anything_runs(make_table, classifier):
    with pytest.raises(ParameterError, match="one class only"):
        evaluate(make_table(n=10, classes=1), classifier)
    X = np.ones((30, 5), np.float32)
    X[3, 2], X[7, 0] = np.nan, np.inf
    with pytest.raises(DatasetError, match="NaN or infinite values: clip3, clip7"):
        evaluate(make_table(n=30, X=X), classifier)


@pytest.mark.parametrize("classifier", ALL)
def test_fewer_clips_than_folds_are_as_many_folds_as_there_can_be(make_table, classifier):
    scores = evaluate(
        make_table(n=6, classes=2, folds=np.full(6, -1), protocol="none"),
        classifier,
        folding=Folding(n_folds=5),
    )
    assert [score.n_test for score in scores] == [2, 2, 2] and not any(
        score.error for score in scores
    )
    with pytest.raises(ParameterError, match="cannot be both trained and tested: class0"):
        evaluate(make_table(n=2, classes=2, folds=np.full(2, -1), protocol="none"), classifier)


def test_two_clips_of_each_class_cannot_be_selected_on_and_say_so(make_table):
    for score in evaluate(make_table(n=4, classes=2, folds=np.array([1, 1, 2, 2])), "svm"):
        assert "every class has a single row among 2" in score.error


@pytest.mark.parametrize("classifier", ["knn", pytest.param("elm", marks=pytest.mark.slow)])
def test_a_thousand_classes_far_apart_are_told_apart(make_table, classifier):
    n, rng = 3000, np.random.default_rng(0)
    centres = 10 * rng.standard_normal((1000, 32))
    X = (centres[np.arange(n) % 1000] + 0.01 * rng.standard_normal((n, 32))).astype(np.float32)
    table = make_table(n=n, classes=1000, n_folds=3, X=X)
    for score in evaluate(table, classifier):
        assert (score.accuracy, score.error, len(score.classes), score.n_test) == (
            1.0,
            "",
            1000,
            1000,
        )


@pytest.mark.parametrize("classifier", ["svm", "elm", "sgd", "mlp"])
def test_two_processes_give_what_one_gives(make_table, classifier):
    table = make_table(n=30, folds=np.full(30, -1), protocol="none")
    one, two = (
        evaluate(table, classifier, n_jobs=jobs, folding=Folding(n_folds=3)) for jobs in (1, 2)
    )
    for a, b in zip(one, two, strict=True):
        assert (a.cell, a.params, a.y_pred, a.probabilities) == (
            b.cell,
            b.params,
            b.y_pred,
            b.probabilities,
        )
