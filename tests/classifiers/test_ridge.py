"""Ridge against scikit-learn's `RidgeClassifierCV` and against models fitted one by one."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.linear_model import Ridge as PlainRidge
from sklearn.linear_model import RidgeClassifierCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from featkit.classifiers._search.calibration import inverse_temperature
from featkit.classifiers.base import make_classifier
from featkit.classifiers.ridge import ALPHAS, Ridge
from featkit.errors import ParameterError


def digits(n, d):
    """Noisy digits in d columns: 64 and random combinations of them."""
    X, y = load_digits(return_X_y=True)
    rng = np.random.default_rng(0)
    rows = X[:n] + rng.normal(0, 6, (n, 64))
    rows = rows[:, :d] if d <= 64 else np.tanh(rows @ rng.normal(size=(64, d)) / 50)
    return 3.0 * rows + rng.normal(size=d), np.array([f"digit {label}" for label in y[:n]])


def plain(scale):
    return make_pipeline(
        StandardScaler(with_std=scale), RidgeClassifierCV(alphas=np.logspace(0, 6, 13))
    )


def test_tries_13_penalties_from_1_to_a_million():
    assert len(ALPHAS) == 13 and ALPHAS[0] == 1.0 and ALPHAS[-1] == 1e6
    np.testing.assert_allclose(np.diff(np.log10(ALPHAS)), 0.5)


@pytest.mark.parametrize("d", [40, 64, 900])
@pytest.mark.parametrize("scale", [True, False])
def test_every_fold_equals_scikit_learn(d, scale):
    X, y = digits(300, d)
    folds = np.arange(300) % 4
    penalties = set()
    for fold, model in Ridge(scale=scale).nested_fit(X, y, folds):
        train, test = folds != fold, folds == fold
        expected = plain(scale).fit(X[train], y[train])
        assert model.best_params_["alpha"] == pytest.approx(expected[-1].alpha_)
        np.testing.assert_allclose(
            model.decision_function(X[test]), expected.decision_function(X[test]), atol=1e-7
        )
        assert (model.predict(X[test]) == expected.predict(X[test])).all()
        penalties.add(model.best_params_["alpha"])
    assert min(ALPHAS) < min(penalties) and max(penalties) < max(ALPHAS)


@pytest.mark.parametrize("d", [20, 200])
def test_left_out_errors_are_those_of_models_without_the_row(d):
    X, y = digits(60, d)
    model = Ridge(alphas=(3.0, 300.0)).fit(X, y)
    Z = StandardScaler().fit_transform(X)  # by all rows, as scikit-learn's leave-one-out has it
    targets = np.where(y[:, None] == model.classes_, 1.0, -1.0)
    for alpha, error in zip((3.0, 300.0), model.left_out_errors_, strict=True):
        scores = np.empty_like(targets)
        for row in range(60):
            rest = np.arange(60) != row
            single = PlainRidge(alpha=alpha).fit(Z[rest], targets[rest])
            scores[row] = single.predict(Z[row : row + 1])[0]
        assert error == pytest.approx(np.mean((scores - targets) ** 2), rel=1e-9)
        if alpha == model.best_params_["alpha"]:
            beta = inverse_temperature(scores, targets.argmax(axis=1))
            assert model.beta_ == pytest.approx(beta, rel=1e-4)


@pytest.mark.parametrize("d", [30, 400])
def test_candidates_equal_one_fit_for_each_penalty_and_fold(d):
    X, y = digits(150, d)
    folds = np.arange(150) % 3
    params, predicted = Ridge(alphas=(1.0, 1e3)).candidate_predictions(X, y, folds)
    assert params == [{"alpha": 1.0}, {"alpha": 1e3}]
    for candidate, row in zip(params, predicted, strict=True):
        for fold in range(3):
            train, test = folds != fold, folds == fold
            model = make_pipeline(StandardScaler(), RidgeClassifierCV(alphas=[candidate["alpha"]]))
            assert (row[test] == model.fit(X[train], y[train]).predict(X[test])).all()


def test_nested_fit_equals_one_fit_for_each_fold_also_without_a_class():
    X, y = digits(200, 50)
    folds = np.where(y == "digit 3", 0, np.arange(200) % 3)  # fold 0 holds all of a class
    for label, model in Ridge().nested_fit(X, y, folds):
        rows = folds != label
        expected = clone(Ridge()).fit(X[rows], y[rows])
        assert model.classes_.tolist() == expected.classes_.tolist()
        assert model.best_params_ == expected.best_params_
        np.testing.assert_allclose(model.predict_proba(X), expected.predict_proba(X), atol=1e-7)


def test_probabilities_agree_with_predictions():
    X, y = digits(150, 100)
    model = Ridge().fit(X[:100], y[:100])
    values = model.predict_proba(X[100:])
    np.testing.assert_allclose(values.sum(axis=1), 1.0)
    assert (model.classes_[values.argmax(axis=1)] == model.predict(X[100:])).all()
    assert not hasattr(Ridge(probability=False), "predict_proba")


def test_a_constant_column_and_copies_of_columns_do_no_harm():
    X, y = digits(100, 30)
    model = Ridge().fit(np.column_stack([X, X[:, 0], np.full(100, 7.0)]), y)
    assert np.isfinite(model.coef_).all() and np.abs(model.coef_[-1]).max() < 1e-9
    np.testing.assert_allclose(model.coef_[0], model.coef_[30], rtol=1e-6)


def test_a_column_that_varies_only_in_the_held_out_fold_has_no_weight():
    X, y = digits(100, 30)
    folds = np.arange(100) % 4
    X = np.column_stack([X, np.where(folds == 2, 1e9 * X[:, 0], 0.0)])
    nested = dict(Ridge().nested_fit(X, y, folds))
    assert (nested[2].coef_[-1] == 0).all()
    expected = clone(Ridge()).fit(X[folds != 2], y[folds != 2])
    np.testing.assert_allclose(
        nested[2].decision_function(X), expected.decision_function(X), atol=1e-7
    )


@pytest.mark.parametrize("alphas", [(), (0.0,), (-1.0,), (np.inf,), 3.0])
def test_wrong_penalties_are_named(alphas):
    with pytest.raises(ParameterError, match="alphas"):
        Ridge(alphas=alphas).fit([[0.0], [1.0]], [0, 1])


def test_text_configures_it():
    model = make_classifier("ridge:alphas=1+10,scale=false,probability=false")
    assert model.get_params() == {"alphas": (1.0, 10.0), "scale": False, "probability": False}


@parametrize_with_checks([Ridge(), Ridge(scale=False, probability=False)])
def test_is_a_scikit_learn_estimator(estimator, check):
    check(estimator)
