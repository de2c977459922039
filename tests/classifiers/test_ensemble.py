"""The ensemble over classifiers and features."""

import numpy as np
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from featkit.classifiers import make_classifier
from featkit.classifiers.ensemble import Ensemble
from featkit.errors import ParameterError


@pytest.fixture
def problem(rng):
    """Two blocks of four columns: the first tells classes 0 | 1, 2, the second 2 | 0, 1; folds of
    30.
    """
    codes = np.arange(120) % 3
    X = rng.normal(size=(120, 8))
    X[:, 0] += 4.0 * (codes == 0)
    X[:, 4] += 4.0 * (codes == 2)
    return X, np.array(["a", "b", "c"])[codes], np.arange(120) // 30


@parametrize_with_checks([Ensemble(members=("knn", "logistic"), rounds=3)])
def test_it_is_a_scikit_learn_classifier(estimator, check):
    check(estimator)


def test_it_takes_the_features_that_complement_each_other(problem):
    X, y, folds = problem
    model = Ensemble(members=("logistic",), blocks=(4, 4), rounds=10).fit(X, y, groups=folds)
    assert set(model.best_params_) == {"logistic on feature 0", "logistic on feature 1"}
    assert sum(model.best_params_.values()) == pytest.approx(1.0, abs=1e-3)
    assert model.losses_["ensemble"] < min(
        value for key, value in model.losses_.items() if key != "ensemble"
    )
    single = Ensemble(members=("logistic",), blocks=(4, 4), select="best").fit(X, y, groups=folds)
    assert (model.predict(X) == y).mean() > (single.predict(X) == y).mean()


def test_a_feature_of_noise_is_not_taken(problem):
    X, y, folds = problem
    noise = np.random.default_rng(1).normal(size=(120, 4))
    model = Ensemble(members=("logistic",), blocks=(8, 4), rounds=10).fit(
        np.hstack([X, noise]), y, groups=folds
    )
    assert list(model.best_params_) == ["logistic on feature 0"]


def test_all_with_equal_weight_is_the_mean_of_the_members(problem):
    X, y, folds = problem
    model = Ensemble(members=("knn", "logistic"), select="all", rule="mean").fit(X, y, groups=folds)
    parts = [
        make_classifier(name).fit(X, y, **({"groups": folds} if name == "knn" else {}))
        for name in ("knn", "logistic")
    ]
    np.testing.assert_allclose(
        model.predict_proba(X),
        np.mean([part.predict_proba(X) for part in parts], axis=0),
        rtol=1e-9,
    )


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"rule": "vote"}, "rule"),
        ({"select": "some"}, "select"),
        ({"members": ()}, "members"),
        ({"members": ("svn",)}, "svm"),
        ({"blocks": (3, 4)}, "blocks"),
    ],
)
def test_what_is_not_allowed_is_named(problem, params, message):
    X, y, folds = problem
    with pytest.raises(ParameterError, match=message):
        Ensemble(**{"members": ("knn",), **params}).fit(X, y, groups=folds)
