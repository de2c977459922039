import numpy as np
import pytest
from sklearn.datasets import make_blobs
from sklearn.svm import SVC

from featkit.classifiers._search import hinge
from featkit.classifiers._search.interior_svc import ROWS, InteriorSVC, pays
from featkit.classifiers._search.svm_margins import mean_margins


@pytest.fixture(scope="module")
def blobs():
    X, y = make_blobs([150, 90, 60, 30], n_features=4, cluster_std=6.0, random_state=1)
    return X / X.std(axis=0), y


@pytest.mark.parametrize("weight", [None, "balanced", {0: 0.3, 1: 2.5}])
@pytest.mark.parametrize("n_classes", [2, 4])
def test_equals_svc(blobs, n_classes, weight):
    X, y = (part[blobs[1] < n_classes] for part in blobs)
    model = InteriorSVC(1.0, weight).fit(X, y)
    expected = SVC(kernel="linear", C=1.0, tol=1e-7, class_weight=weight).fit(X, y)
    assert model.converged_
    assert (model.predict(X) == expected.predict(X)).all()
    np.testing.assert_allclose(model.decision_function(X), expected.decision_function(X), atol=1e-4)
    by_kernel = SVC(kernel="precomputed", C=1.0, tol=1e-7, class_weight=weight).fit(X @ X.T, y)
    np.testing.assert_allclose(mean_margins(model, X), mean_margins(by_kernel, X @ X.T), atol=1e-4)


def test_pairs_are_those_of_svc(blobs):
    X, y = blobs
    model = InteriorSVC(0.5).fit(X, y)
    expected = SVC(kernel="linear", C=0.5, tol=1e-7, decision_function_shape="ovo").fit(X, y)
    np.testing.assert_allclose(model.pairwise(X), expected.decision_function(X), atol=1e-4)
    np.testing.assert_allclose(model.coef_, expected.coef_, atol=1e-4)


def test_ties_of_votes_go_to_the_first_class():
    # Each of the three classes wins one of its two pairs.
    model = InteriorSVC()
    model.classes_ = np.array(["a", "b", "c"])
    model.coef_, model.intercept_ = np.zeros((3, 1)), np.array([-1.0, 1.0, -1.0])
    assert model.predict(np.zeros((2, 1))).tolist() == ["a", "a"]
    # A decision value of exactly 0 is a vote for the second of the pair, as in libsvm.
    model.intercept_ = np.zeros(3)
    assert model.predict(np.zeros((1, 1))).tolist() == ["c"]


def test_an_open_gap_of_one_pair_is_reported(blobs, monkeypatch):
    monkeypatch.setattr(hinge, "STEPS", 4)
    assert not InteriorSVC().fit(*blobs).converged_


def test_used_for_many_rows_per_pair_and_column():
    assert pays(ROWS * 5, 10, 200)
    assert not pays(ROWS * 5 - 5, 10, 200)
    assert not pays(ROWS * 5, 10, 201)
    assert pays(ROWS, 2, 1)
