import numpy as np
import pytest
import skops.io
from sklearn.base import clone
from sklearn.datasets import make_blobs
from sklearn.exceptions import ConvergenceWarning

from featkit.bundle.trust import untrusted
from featkit.classifiers._search import hinge, interior_svc
from featkit.classifiers._search.interior_svc import InteriorSVC
from featkit.classifiers._search.svm_engine import SVMEngine
from featkit.classifiers.svm import SVMGrid
from featkit.errors import ParameterError

GRIDS = {
    "linear": {"kernel": ("linear",), "C": (0.1, 8.0)},
    "linear or rbf": {"C": (0.1, 8.0), "gamma": (0.01,)},
    "unscaled": {"kernel": ("linear",), "C": (0.1, 8.0), "scale": False},
    "weighted": {"kernel": ("linear",), "C": (1.0,), "class_weight": {"b": 3.0}},
    "two blocks": {"kernel": ("linear",), "C": (1.0,), "blocks": (2, 3), "weight_steps": 2},
}


@pytest.fixture(scope="module")
def blobs():
    X, codes = make_blobs(300, centers=3, n_features=5, cluster_std=7.0, random_state=2)
    X /= 10.0
    return X, np.array(["a", "b", "c"])[codes], np.arange(300) % 4


@pytest.fixture
def many(monkeypatch):
    """Whatever has five rows in a pair for each column counts as many rows."""
    monkeypatch.setattr(interior_svc, "ROWS", 1)


@pytest.mark.parametrize("name", GRIDS)
def test_search_equals_that_of_libsvm(name, blobs, monkeypatch):
    X, y, folds = blobs
    grid = SVMGrid(**GRIDS[name], tol=1e-5)
    expected = dict(grid.nested_fit(X, y, folds))
    monkeypatch.setattr(interior_svc, "ROWS", 1)
    for fold, model in clone(grid).nested_fit(X, y, folds):
        for key, scores in expected[fold].cv_results_.items():
            assert np.array_equal(scores, model.cv_results_[key]), key
        assert model.best_params_ == expected[fold].best_params_
        assert (model.predict(X) == expected[fold].predict(X)).all()
        for method in ("decision_function", "predict_proba"):
            ours, theirs = getattr(model, method)(X), getattr(expected[fold], method)(X)
            np.testing.assert_allclose(ours, theirs, atol=1e-3)
        if model.best_params_["kernel"] == "linear":
            assert isinstance(model.svc_, InteriorSVC)
            assert len(model.support_) == len(model.support_vectors_) == 0


@pytest.mark.usefixtures("many")
def test_no_kernel_matrix_is_needed(blobs, monkeypatch):
    monkeypatch.setattr(SVMEngine, "kernels", None)
    SVMGrid(kernel=("linear",), n_jobs=2).fit(*blobs[:2])


@pytest.mark.usefixtures("many")
def test_bundled_as_a_type_that_is_trusted(blobs):
    X, y, _ = blobs
    model = SVMGrid(kernel=("linear",)).fit(X, y)
    data = skops.io.dumps(model)
    types = skops.io.get_untrusted_types(data=data)
    assert any(name.endswith("InteriorSVC") for name in types)
    assert untrusted(types) == []
    again = skops.io.loads(data, trusted=types)
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))


@pytest.mark.usefixtures("many")
def test_an_open_gap_leaves_the_candidate_to_libsvm_and_says_so(blobs, monkeypatch):
    X, y, folds = blobs
    grid = SVMGrid(kernel=("linear",), C=(0.1, 8.0))
    monkeypatch.setattr(hinge, "STEPS", 4)
    with pytest.warns(ConvergenceWarning, match=r"fitted by libsvm.*'C': 8\.0"):
        model = grid.fit(X, y, groups=folds)
    monkeypatch.setattr(interior_svc, "ROWS", 10**6)
    expected = clone(grid).fit(X, y, groups=folds)
    assert (model.predict(X) == expected.predict(X)).all()
    for key, scores in expected.cv_results_.items():
        assert np.array_equal(scores, model.cv_results_[key])


@pytest.mark.usefixtures("many")
def test_too_little_memory_for_the_others_is_an_error_before_work(blobs, monkeypatch):
    monkeypatch.setattr(InteriorSVC, "fit", None)
    with pytest.raises(ParameterError, match="memory_budget"):
        SVMGrid(memory_budget=1e4).fit(*blobs[:2])


@pytest.mark.usefixtures("many")
def test_features_that_overflow_are_refused_as_for_libsvm(blobs):
    with pytest.raises(ParameterError, match="overflow"), np.errstate(over="ignore"):
        SVMGrid(kernel=("linear",), scale=False).fit(1e200 * blobs[0], blobs[1])
