import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.utils.estimator_checks import parametrize_with_checks

from featkit.audio import Signal
from featkit.classifiers._search.liblinear import LinearSVCGrid
from featkit.classifiers.base import make_classifier
from featkit.errors import ParameterError
from featkit.features import get_feature


def test_is_a_linear_svc_on_features_scaled_by_the_training_rows():
    """Other test rows, or any number of them, change neither the scaler nor a prediction."""
    X, y = load_digits(return_X_y=True)
    train, test = slice(0, 200), slice(200, 300)
    model = make_classifier("linear_svm:C=1").fit(X[train], y[train])
    scaler = StandardScaler().fit(X[train])
    np.testing.assert_allclose(model.scaler_.mean_, scaler.mean_, rtol=1e-12)
    expected = SVC(kernel="linear", C=1.0).fit(scaler.transform(X[train]), y[train])
    assert (model.predict(X[test]) == expected.predict(scaler.transform(X[test]))).all()
    assert (model.predict(1e3 + X[test])[:1] == model.predict(1e3 + X[test][:1])).all()


def test_tries_the_papers_penalties():
    params, _ = make_classifier("linear_svm").candidate_predictions(
        [[0.0], [1.0], [0.1], [1.1]], [0, 1, 0, 1], [0, 0, 1, 1]
    )
    assert params == [{"kernel": "linear", "C": c} for c in (0.1, 1.0, 2.0)]


def noisy_digits():
    X, y = load_digits(return_X_y=True)
    return X[:200] + np.random.default_rng(0).normal(0, 6, (200, 64)), y[:200]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_elmarc_is_linear_svc_on_unscaled_features_with_its_penalties():
    X, y = noisy_digits()
    folds = np.arange(200) % 2
    params, predicted = make_classifier("linear_svm:preset=elmarc").candidate_predictions(
        X, y, folds
    )
    assert params == [{"C": 0.1}, {"C": 1.0}, {"C": 2.0}]
    for candidate, row in zip(params, predicted, strict=True):
        for fold in range(2):
            plain = LinearSVC(**candidate, dual=True, random_state=0)
            plain.fit(X[folds != fold], y[folds != fold])
            assert (row[folds == fold] == plain.predict(X[folds == fold])).all()


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_liblinear_fits_the_best_penalty_and_nests():
    X, y = noisy_digits()
    folds = np.arange(200) % 3
    model = make_classifier("linear_svm:solver=liblinear,max_iter=300")
    fitted = clone(model).fit(X, y, groups=folds)
    scaler = StandardScaler().fit(X)
    plain = LinearSVC(C=fitted.best_params_["C"], dual=True, max_iter=300, random_state=0)
    plain.fit(scaler.transform(X), y)
    np.testing.assert_allclose(
        fitted.decision_function(X), plain.decision_function(scaler.transform(X))
    )
    for label, nested in model.nested_fit(X, y, folds):
        rows = folds != label
        expected = clone(model).fit(X[rows], y[rows], groups=folds[rows])
        assert nested.best_params_ == expected.best_params_
        np.testing.assert_allclose(nested.predict_proba(X), expected.predict_proba(X))


def test_what_has_not_converged_is_named():
    X, y = noisy_digits()
    with pytest.warns(UserWarning, match="max_iter=5: .*'C': 2.0"):
        make_classifier("linear_svm:solver=liblinear,max_iter=5").fit(X, y)


def test_instruments_is_a_plain_linear_svc_on_padded_mfccs(rng):
    feature = get_feature("mfcc:preset=dcase_code,n_frames=20,fill=zero")
    lengths, y = rng.integers(2000, 12000, 30), np.arange(30) % 2
    rows = []
    for n, label in zip(lengths, y, strict=True):
        tone = np.sin(2 * np.pi * (300 + 900 * label) / 22050 * np.arange(n))
        rows.append(feature(Signal((tone + 0.1 * rng.normal(size=n)).astype(np.float32), 22050)))
    X = np.stack(rows).reshape(30, -1)
    model = make_classifier("linear_svm:preset=instruments").fit(X[:20], y[:20])
    scaler = StandardScaler().fit(X[:20])
    plain = SVC(kernel="linear", C=1.0).fit(scaler.transform(X[:20]), y[:20])
    assert (model.predict(X[20:]) == plain.predict(scaler.transform(X[20:]))).all()
    assert model.score(X[20:], y[20:]) > 0.9


@pytest.mark.parametrize("text", ["solver=newton", "solver=liblinear,C=0", "preset=none_such"])
def test_bad_parameters_are_refused(text):
    with pytest.raises(ParameterError):
        make_classifier(f"linear_svm:{text}").fit([[0.0], [1.0], [0.1], [1.1]], [0, 1, 0, 1])


@parametrize_with_checks([LinearSVCGrid()])
def test_is_a_scikit_learn_estimator(estimator, check):
    check(estimator)
