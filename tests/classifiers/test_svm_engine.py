import numpy as np
import pytest
from sklearn.datasets import make_blobs
from sklearn.svm import SVC

from featkit.classifiers._search import kernel_strips
from featkit.classifiers._search.kernel_strips import FreshKernels, SharedKernels
from featkit.classifiers._search.kernels import ProductSource
from featkit.classifiers._search.svm_engine import SVMEngine
from featkit.errors import ParameterError


def _engine(X, y, *, scale=False, n_jobs=1, budget=2**30, max_iter=-1, candidates=None):
    tried = candidates or [{"kernel": "rbf", "C": c, "gamma": 0.1} for c in (0.1, 10.0)] + [
        {"kernel": "linear", "C": 1.0}
    ]
    return SVMEngine(
        ProductSource(X, scale), y, tried, True, {"max_iter": max_iter}, n_jobs, budget
    )


@pytest.fixture(scope="module")
def blobs():
    return make_blobs(90, centers=3, cluster_std=4.0, random_state=0)


def test_every_candidate_is_what_svc_gives(blobs):
    X, y = blobs
    engine = _engine(X, y)
    train, rows = np.arange(60), np.arange(60, 90)
    (outcome,) = engine.held_out(train, [rows])
    for index, params in enumerate(engine.candidates):
        assert (
            outcome.codes[index] == SVC(**params).fit(X[train], y[train]).predict(X[rows])
        ).all()


def test_outcomes_do_not_depend_on_threads_or_on_what_else_is_held_out(blobs):
    X, y = blobs
    train, a, b = np.arange(60), np.arange(60, 75), np.arange(75, 90)
    (alone,) = _engine(X, y, scale=True).held_out(train, [b])
    _, together = _engine(X, y, scale=True, n_jobs=2).held_out(train, [a, b])
    assert (alone.codes == together.codes).all()
    np.testing.assert_array_equal(alone.scores, together.scores)


def test_memory_limits_the_threads_then_the_products_and_then_the_work(blobs):
    X, y = blobs
    train, rows, classes, candidates = np.arange(60), np.arange(60, 90), 3, 3
    t, m, n, d = 60, 30, 90, 2
    always = 8 * n * d + candidates * n * (8 + 4 * classes)
    square, cache = 8 * t * t, 4 * t * t
    shared, fresh = 8 * t * (t + m), 8 * t * d
    strips, models = 2 * square, 8 * t * classes * (1 + 3)

    def kernels(budget):
        threads, kernels = _engine(X, y, n_jobs=2, budget=budget).kernels(train, [rows])
        return threads, type(kernels)

    once = always + shared + 8 * n * n
    assert kernels(once + 2 * (shared + cache)) == (2, SharedKernels)
    assert kernels(once + shared + cache) == (1, SharedKernels)
    once, each = always + fresh, square + cache + strips + models
    assert kernels(once + each) == (1, FreshKernels)
    with pytest.raises(ParameterError, match="memory_budget"):
        kernels(once + each - 1)


@pytest.mark.parametrize("scale", [True, False])
def test_kernels_computed_afresh_give_the_same_outcomes(blobs, scale, monkeypatch):
    X, y = blobs
    monkeypatch.setattr(kernel_strips, "STRIP_BYTES", 8 * 60 * 7)
    train, a, b = np.arange(60), np.arange(60, 75), np.arange(75, 90)
    shared = _engine(X, y, scale=scale).held_out(train, [a, b])
    engine = _engine(X, y, scale=scale, n_jobs=2)
    monkeypatch.setattr(engine, "memory", lambda t, m, shared: (1e18 if shared else 0.0, 1.0))
    for expected, outcome in zip(shared, engine.held_out(train, [a, b]), strict=True):
        assert (outcome.codes == expected.codes).all()
        np.testing.assert_allclose(outcome.scores, expected.scores, rtol=1e-5)


def test_candidates_that_did_not_converge_are_remembered(blobs):
    X, y = blobs
    engine = _engine(
        X,
        y,
        candidates=[{"kernel": "linear", "C": 1e4}, {"kernel": "rbf", "C": 1e-9, "gamma": 1.0}],
        max_iter=40,
    )
    engine.held_out(np.arange(60), [np.arange(60, 90)])
    assert engine.stopped == {0}
    assert engine.complaints() == [
        "not converged within max_iter=40: {'kernel': 'linear', 'C': 10000.0}"
    ]


def test_an_absent_class_is_never_predicted(blobs):
    X, y = blobs
    (outcome,) = _engine(X, y).held_out(np.flatnonzero(y != 1), [np.flatnonzero(y == 1)])
    assert set(np.unique(outcome.codes)) <= {0, 2}
    assert (outcome.scores[..., 1] == -np.inf).all()
    assert np.isfinite(outcome.scores[..., [0, 2]]).all()
