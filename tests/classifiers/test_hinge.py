import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.svm import SVC

from featkit.classifiers._search import hinge


def _rows(n=240, d=6, seed=0):
    return np.random.default_rng(seed).normal(size=(n, d)) * [3.0, 1.0, 1.0, 0.3, 1.0, 1.0][:d]


def _signs(truth):
    return np.where(truth, 1.0, -1.0)


def _overlapping():
    X = _rows()
    return X, _signs(X[:, 1] + np.random.default_rng(1).normal(size=len(X)) > 0.4)


def _separable():
    X = _rows()
    return X, _signs(X[:, 0] + X[:, 1] > 0.5)


def _repeated():
    X, y = _overlapping()
    return np.repeat(X[:90], 3, axis=0), np.repeat(y[:90], 3)


def _constant_columns():
    X, y = _overlapping()
    return X * [1.0, 1.0, 0.0, 1.0, 0.0, 1.0] + [0.0, 0.0, 5.0, 0.0, 0.0, 0.0], y


def _unbalanced():
    X = _rows()
    return X, _signs(np.arange(len(X)) < 6)


def _chance():
    X = _rows(90, 6, 3)
    return X, _signs(np.arange(90) % 2 == 0)


def _wide():
    X = np.random.default_rng(2).normal(size=(30, 50))
    return X, _signs(np.arange(30) % 2 == 0)


DATA = {
    "overlapping": _overlapping,
    "separable": _separable,
    "repeated rows": _repeated,
    "constant columns": _constant_columns,
    "unbalanced": _unbalanced,
    "chance": _chance,
    "more columns than rows": _wide,
}


def _objective(X, y, penalties, w, b):
    return 0.5 * w @ w + penalties @ np.maximum(0.0, 1.0 - y * (X @ w + b))


def _svc(X, y, C, tol, weights=None):
    """Return libsvm's solution; it has single-precision kernel values, so it may not reach tol."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = SVC(kernel="linear", C=C, tol=tol, max_iter=300_000)
        return model.fit(X, y, sample_weight=weights)


@pytest.mark.parametrize("C", [0.01, 1.0, 32.0])
@pytest.mark.parametrize("name", DATA)
def test_objective_is_at_most_that_of_libsvm_and_decisions_agree(name, C):
    X, y = DATA[name]()
    penalties = np.full(len(X), C)
    plane = hinge.solve(X, y, penalties)
    assert plane.converged
    tight = _svc(X, y, C, 1e-6)
    theirs = _objective(X, y, penalties, tight.coef_[0], tight.intercept_[0])
    assert _objective(X, y, penalties, plane.w, plane.b) <= theirs * (1.0 + hinge.GAP)
    exact = _svc(X, y, C, 1e-8).decision_function(X)
    # The single precision of libsvm costs decisions in proportion to the multipliers.
    np.testing.assert_allclose(X @ plane.w + plane.b, exact, atol=1e-4 * max(1.0, C))


@pytest.mark.parametrize("C", [0.01, 32.0])
@pytest.mark.parametrize("name", DATA)
def test_conditions_of_optimality_hold(name, C):
    X, y = DATA[name]()
    penalties = C * np.random.default_rng(4).uniform(0.5, 2.0, size=len(X))
    plane = hinge.solve(X, y, penalties)
    a, slack = plane.dual, y * (X @ plane.w + plane.b) - 1.0
    scale = penalties.sum()
    assert ((a > 0) & (a < penalties)).all()
    assert abs(a @ y) <= 1e-9 * scale
    np.testing.assert_allclose(X.T @ (a * y), plane.w, atol=1e-8 * scale)
    # Complementary slackness: what a row beyond the margin, or within it, adds to the gap.
    products = a * np.maximum(slack, 0.0) + (penalties - a) * np.maximum(-slack, 0.0)
    objective = _objective(X, y, penalties, plane.w, plane.b)
    assert products.max() <= 10 * hinge.GAP * (1.0 + objective)


def test_weighted_rows_equal_sample_weights_of_svc():
    X, y = _overlapping()
    weights = np.random.default_rng(5).uniform(0.2, 3.0, size=len(X))
    plane = hinge.solve(X, y, 2.0 * weights)
    exact = _svc(X, y, 2.0, 1e-8, weights)
    np.testing.assert_allclose(X @ plane.w + plane.b, exact.decision_function(X), atol=1e-4)


def test_repeating_a_row_equals_doubling_its_penalty():
    X, y = _overlapping()
    twice = hinge.solve(np.repeat(X, 2, axis=0), np.repeat(y, 2), np.full(2 * len(X), 0.5))
    once = hinge.solve(X, y, np.ones(len(X)))
    np.testing.assert_allclose(twice.w, once.w, atol=1e-6)
    assert twice.b == pytest.approx(once.b, abs=1e-6)


def test_two_points_have_the_closed_form():
    # w = 2(x₁ − x₂)/|x₁ − x₂|² and both multipliers are 2/|x₁ − x₂|², which C = 1 allows.
    X, y = np.array([[3.0, 4.0], [0.0, 0.0]]), np.array([1.0, -1.0])
    plane = hinge.solve(X, y, np.ones(2))
    np.testing.assert_allclose(plane.w, [0.24, 0.32], atol=1e-7)
    assert plane.b == pytest.approx(-1.0, abs=1e-7)
    np.testing.assert_allclose(plane.dual, 0.08, atol=1e-7)


def test_offset_is_the_middle_of_the_interval_that_minimises_the_loss():
    # Loss 2·max(0, 1 − (2 + b)) + 2·max(0, 1 + (−3 + b)): zero for −1 ≤ b ≤ 2.
    f, y, c = np.array([2.0, -3.0]), np.array([1.0, -1.0]), np.array([2.0, 2.0])
    assert hinge.best_offset(f, y, c) == 0.5
    # The heavier class decides: all its rows reach the margin.
    assert hinge.best_offset(np.zeros(3), np.array([1.0, 1.0, -1.0]), np.ones(3)) == 1.0


def test_a_gap_that_does_not_close_is_reported(monkeypatch):
    X, y = _overlapping()
    monkeypatch.setattr(hinge, "STEPS", 3)
    plane = hinge.solve(X, y, np.ones(len(X)))
    assert not plane.converged
    assert plane.gap > hinge.GAP
    assert plane.steps <= 3


@pytest.mark.filterwarnings("error")
def test_values_that_overflow_leave_the_gap_open():
    X, y = _overlapping()
    assert not hinge.solve(1e200 * X, y, np.ones(len(X))).converged
