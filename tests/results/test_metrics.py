import numpy as np
import pytest
from sklearn import metrics as reference

from featkit.results.metrics import aligned, fold_metrics, log_loss

CLASSES = ["a", "b", "c"]


def test_metrics_of_a_small_fold_by_hand():
    found = fold_metrics(
        np.array(["a", "a", "a", "b"]), np.array(["a", "a", "b", "b"]), None, CLASSES
    )
    assert found["accuracy"] == 0.75
    assert found["macro_accuracy"] == pytest.approx((2 / 3 + 1) / 2)
    assert found["macro_f1"] == pytest.approx((0.8 + 2 / 3) / 2)
    assert found["log_loss"] is None


def test_a_class_absent_from_the_fold_costs_recall_nothing():
    assert (
        fold_metrics(np.array(["a", "b"]), np.array(["a", "b"]), None, CLASSES)["macro_accuracy"]
        == 1.0
    )


def test_log_loss_equals_scikit_learn(rng):
    probabilities = rng.dirichlet(np.ones(3), 50)
    y = np.array(CLASSES)[rng.integers(0, 3, 50)]
    assert log_loss(y, probabilities, CLASSES) == pytest.approx(
        reference.log_loss(y, probabilities, labels=CLASSES), rel=1e-12
    )


def test_a_certain_error_costs_a_finite_loss():
    assert log_loss(np.array(["b"]), np.array([[1.0, 0.0, 0.0]]), CLASSES) == pytest.approx(
        -np.log(np.finfo(float).eps)
    )


def test_columns_find_their_class():
    full = aligned(np.array([[0.25, 0.75]]), ["c", "a"], CLASSES)
    assert full.tolist() == [[0.75, 0.0, 0.25]]


def test_metrics_equal_those_of_scikit_learn(rng):
    for labels in (CLASSES, CLASSES[:2], [f"class {number}" for number in range(40)]):
        y, predicted = np.array(labels)[rng.integers(0, len(labels), (2, 60))]
        found = fold_metrics(y, predicted, None, labels)
        assert found["accuracy"] == reference.accuracy_score(y, predicted)
        assert found["macro_accuracy"] == pytest.approx(
            reference.recall_score(y, predicted, labels=np.unique(y), average="macro"), rel=1e-14
        )
        assert found["macro_f1"] == pytest.approx(
            reference.f1_score(y, predicted, average="macro"), rel=1e-14
        )
