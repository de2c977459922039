import numpy as np

from featkit.classifiers.base import make_classifier


def test_probabilities_of_two_classes_equal_the_closed_form_of_balanced_data():
    """On x = ±1 with 3 of 4 labels agreeing and next to no penalty, p(right) = 3/4."""
    X, y = np.repeat([[1.0], [-1.0]], 4, axis=0), np.array(["b", "b", "b", "a", "a", "a", "a", "b"])
    model = make_classifier("logistic:C=1e8,scale=false").fit(X, y)
    np.testing.assert_allclose(
        model.predict_proba([[1.0], [-1.0]]), [[0.25, 0.75], [0.75, 0.25]], atol=1e-3
    )


def test_scaling_makes_units_irrelevant(rng):
    X, y = rng.normal(size=(60, 3)), np.arange(60) % 3
    plain, other = (
        make_classifier("logistic").fit(X, y),
        make_classifier("logistic").fit(1e4 * X + 7.0, y),
    )
    np.testing.assert_allclose(
        plain.predict_proba(X), other.predict_proba(1e4 * X + 7.0), atol=1e-3
    )


def test_class_weight_moves_the_prior():
    X, y = np.zeros((40, 1)), np.array(["a"] * 30 + ["b"] * 10)
    np.testing.assert_allclose(
        make_classifier("logistic").fit(X, y).predict_proba([[0.0]]), [[0.75, 0.25]], atol=1e-3
    )
    balanced = make_classifier("logistic:class_weight=balanced").fit(X, y)
    np.testing.assert_allclose(balanced.predict_proba([[0.0]]), [[0.5, 0.5]], atol=1e-3)
