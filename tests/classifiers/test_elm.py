import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.utils.estimator_checks import parametrize_with_checks

from featkit.classifiers._search.elm_engine import activations
from featkit.classifiers.base import make_classifier
from featkit.classifiers.elm import ELM, PAPER_SIZES
from featkit.errors import ParameterError


def _digits(n=240):
    X, y = load_digits(return_X_y=True)
    return X[:n], np.array([f"digit {label}" for label in y[:n]])


def test_pinv_fits_the_training_targets_exactly_with_many_hidden_units():
    X, y = _digits(100)
    model = ELM(n_hidden=(1000,), ridge_alpha=None, probability=False).fit(X, y)
    targets = np.where(y[:, None] == model.classes_, 1.0, -1.0)
    np.testing.assert_allclose(model.decision_function(X), targets, atol=1e-8)


def test_pinv_dips_where_hidden_units_are_as_many_as_rows():
    """The interpolation peak: at h = n the readout passes through every noisy target with huge
    weights.
    """
    rng = np.random.default_rng(0)
    n = 100
    y = np.arange(600) % 2
    X = 0.6 * rng.normal(size=(600, 8)) + 0.5 * (2 * y[:, None] - 1) * rng.uniform(size=8)
    accuracy = {}
    for h in (20, n, 1500):
        models = [
            ELM(n_hidden=(h,), ridge_alpha=None, probability=False, random_state=seed)
            for seed in range(5)
        ]
        accuracy[h] = np.mean([model.fit(X[:n], y[:n]).score(X[n:], y[n:]) for model in models])
    assert accuracy[n] < accuracy[20] - 0.05
    assert accuracy[n] < accuracy[1500] - 0.05


def test_selects_by_inner_folds_and_refits_with_the_same_units():
    X, y = _digits()
    folds = np.arange(len(y)) % 4
    model = ELM(n_hidden=(10, 300), random_state=2).fit(X, y, groups=folds)
    params, predicted = ELM(n_hidden=(10, 300), random_state=2).candidate_predictions(X, y, folds)
    assert params == [{"n_hidden": 10}, {"n_hidden": 300}]
    shares = [np.mean([(row == y)[folds == fold].mean() for fold in range(4)]) for row in predicted]
    np.testing.assert_allclose(model.cv_results_["mean_test_score"], shares, rtol=1e-12)
    assert model.best_params_ == {"n_hidden": 300}
    single = ELM(n_hidden=(300,), random_state=2).fit(X, y)
    assert (single.predict(X) == model.predict(X)).all()
    assert "cv_results_" in vars(single)
    assert not hasattr(ELM(n_hidden=(300,), probability=False).fit(X, y), "cv_results_")


@pytest.mark.parametrize("scale", [True, False])
def test_nested_fit_equals_one_fit_for_each_fold(scale):
    X, y = _digits()
    folds = np.arange(len(y)) % 4
    model = ELM(n_hidden=(50, 120, 300), scale=scale)
    for label, actual in model.nested_fit(X, y, folds):
        rows = folds != label
        expected = clone(model).fit(X[rows], y[rows], groups=folds[rows])
        assert actual.best_params_ == expected.best_params_
        assert (actual.predict(X) == expected.predict(X)).all()
        np.testing.assert_allclose(actual.predict_proba(X), expected.predict_proba(X), atol=1e-6)


def test_the_unit_of_the_features_matters_only_through_the_bias():
    X, y = _digits()
    X = 100.0 * (X + np.random.default_rng(0).normal(size=X.shape))
    small, large = (ELM(n_hidden=(100,), scale=False).fit(factor * X, y) for factor in (1.0, 1e3))
    assert np.mean(small.predict(X) == large.predict(1e3 * X)) > 0.99


def test_the_model_is_what_it_says():
    X, y = _digits()
    model = ELM(n_hidden=(60,)).fit(X, y)
    hidden = activations(model.scaler_.transform(X), model.units_)
    np.testing.assert_allclose(
        model.decision_function(X), hidden @ model.coef_, rtol=1e-9, atol=1e-9
    )
    assert model.units_.shape == (60, 65)
    assert model.coef_.shape == (60, 10)


def test_probabilities_agree_with_predict():
    X, y = _digits()
    model = ELM().fit(X[:150], y[:150])
    shares = model.predict_proba(X[150:])
    np.testing.assert_allclose(shares.sum(axis=1), 1.0, rtol=1e-12)
    assert (model.classes_[shares.argmax(axis=1)] == model.predict(X[150:])).all()
    assert model.score(X[150:], y[150:]) > 0.8


def test_seeds():
    X, y = _digits()
    one, again, other = (
        ELM(n_hidden=(40,), random_state=seed).fit(X, y).decision_function(X) for seed in (0, 0, 1)
    )
    assert (one == again).all()
    assert not np.allclose(one, other)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"n_hidden": ()}, "n_hidden"),
        ({"n_hidden": (0,)}, "n_hidden"),
        ({"n_hidden": (5, 5)}, "different"),
        ({"n_hidden": (1.5,)}, "whole"),
        ({"ridge_alpha": 0.0}, "ridge_alpha"),
        ({"ridge_alpha": -1.0}, "ridge_alpha"),
    ],
)
def test_wrong_parameters_are_named(params, message):
    with pytest.raises(ParameterError, match=message):
        ELM(**params).fit([[0.0], [1.0], [0.0], [1.0]], [0, 1, 0, 1])


def test_text_configures_the_papers_version():
    model = make_classifier("elm:scale=false,ridge_alpha=none,seed=4")
    assert (model.n_hidden, model.scale, model.ridge_alpha, model.random_state) == (
        PAPER_SIZES,
        False,
        None,
        4,
    )
    assert vars(make_classifier("elm:preset=elmarc,seed=4")) == vars(model)
    assert make_classifier("elm:n_hidden=10+20").n_hidden == (10, 20)


@parametrize_with_checks(
    [ELM(n_hidden=(20, 100)), ELM(n_hidden=(50,), ridge_alpha=None, probability=False)]
)
def test_is_a_scikit_learn_estimator(estimator, check):
    check(estimator)
