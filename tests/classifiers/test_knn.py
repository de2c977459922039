import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from featkit.classifiers.base import make_classifier
from featkit.classifiers.knn import KNN, votes
from featkit.errors import ParameterError


def _digits():
    X, y = load_digits(return_X_y=True)
    return X[:300] + 8.0 * np.random.default_rng(0).normal(size=(300, 64)), np.array(
        [f"digit {label}" for label in y[:300]]
    )


def test_presets_are_those_of_the_reference():
    model = make_classifier("knn:preset=elmarc")
    assert (model.n_neighbors, model.scale) == ((1, 3, 5, 10, 20, 30, 50, 100), False)
    split = make_classifier("knn:preset=elmarc_split")
    assert (split.n_neighbors, split.scale) == ((30,), False)
    assert make_classifier("knn:preset=elmarc,scale=true").scale
    assert KNN().n_neighbors == model.n_neighbors


def test_votes_are_fractions():
    assert votes(np.array([[0, 2, 2, 0], [1, 1, 1, 1]]), 3).tolist() == [
        [0.5, 0.0, 0.5],
        [0.0, 1.0, 0.0],
    ]


@pytest.mark.parametrize("scale", [True, False])
def test_every_candidate_equals_scikit_learn(scale):
    X, y = _digits()
    folds = np.arange(300) % 3
    params, predicted = KNN(scale=scale).candidate_predictions(X, y, folds)
    assert [candidate["n_neighbors"] for candidate in params] == [1, 3, 5, 10, 20, 30, 50, 100]
    for candidate, row in zip(params, predicted, strict=True):
        for fold in range(3):
            pipeline = make_pipeline(
                StandardScaler(with_mean=scale, with_std=scale), KNeighborsClassifier(**candidate)
            )
            expected = pipeline.fit(X[folds != fold], y[folds != fold]).predict(X[folds == fold])
            assert (row[folds == fold] == expected).all()


def test_more_neighbours_than_rows_means_all_rows():
    X, y = np.arange(7.0)[:, None], np.array(["a", "a", "a", "a", "b", "b", "b"])
    assert set(KNN(n_neighbors=(100,)).fit(X, y).predict(X)) == {"a"}


def test_nested_fit_equals_one_fit_for_each_fold():
    X, y = _digits()
    folds = np.arange(300) % 4
    for label, actual in KNN().nested_fit(X, y, folds):
        rows = folds != label
        expected = clone(KNN()).fit(X[rows], y[rows], groups=folds[rows])
        assert actual.best_params_ == expected.best_params_
        np.testing.assert_allclose(actual.predict_proba(X), expected.predict_proba(X), atol=1e-9)


@pytest.mark.parametrize("numbers", [(), (0,), (1.5,), 3])
def test_wrong_numbers_are_named(numbers):
    with pytest.raises(ParameterError, match="n_neighbors"):
        KNN(n_neighbors=numbers).fit([[0.0], [1.0], [0.0], [1.0]], [0, 1, 0, 1])


@parametrize_with_checks([KNN()])
def test_is_a_scikit_learn_estimator(estimator, check):
    check(estimator)
