import numpy as np
import pytest
from sklearn.datasets import make_blobs
from sklearn.svm import SVC

from featkit.classifiers._search.svm_margins import interior, lift, mean_margins


@pytest.mark.parametrize("n_classes", [2, 3, 6])
def test_mean_margin_is_the_mean_of_the_pairs_decision_values(n_classes):
    X, y = make_blobs(120, centers=n_classes, cluster_std=4.0, random_state=1)
    kernel = X @ X.T
    model = SVC(kernel="precomputed", C=0.5, decision_function_shape="ovo").fit(kernel, y)
    pairs = model.decision_function(kernel[:50]).reshape(50, -1)
    pairs = -pairs if n_classes == 2 else pairs
    expected = np.zeros((50, n_classes))
    for column, (a, b) in enumerate(zip(*np.triu_indices(n_classes, 1), strict=True)):
        expected[:, a] += pairs[:, column]
        expected[:, b] -= pairs[:, column]
    np.testing.assert_allclose(
        mean_margins(model, kernel[:50]), expected / (n_classes - 1), rtol=1e-9, atol=1e-9
    )


def test_an_interior_solution_is_that_of_every_larger_penalty():
    X, y = make_blobs(60, centers=3, cluster_std=0.5, random_state=0)
    kernel = X @ X.T
    model = SVC(kernel="precomputed", C=10.0).fit(kernel, y)
    assert interior(model)
    larger = SVC(kernel="precomputed", C=1000.0).fit(kernel, y)
    np.testing.assert_allclose(
        model.decision_function(kernel), larger.decision_function(kernel), atol=1e-6
    )
    assert not interior(SVC(kernel="precomputed", C=1e-6).fit(kernel, y))


def test_class_weights_lower_the_bound():
    X, y = make_blobs(60, centers=2, cluster_std=0.5, random_state=0)
    kernel = X @ X.T
    free = SVC(kernel="precomputed", C=10.0).fit(kernel, y)
    smallest = np.abs(free.dual_coef_).max() / 20.0
    assert not interior(
        SVC(kernel="precomputed", C=10.0, class_weight={0: smallest, 1: 1.0}).fit(kernel, y)
    )


def test_lift_exchanges_two_values():
    values = np.array([[1.0, 3.0, 2.0], [1.0, 3.0, 2.0]])
    lift(values, np.array([2, 1]))
    assert values.tolist() == [[1.0, 2.0, 3.0], [1.0, 3.0, 2.0]]
