import numpy as np
import pytest
from sklearn import metrics as reference

from featkit.classifiers import make_classifier
from featkit.results.metrics import aligned, fold_metrics, log_loss, mebibytes

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


@pytest.mark.parametrize(
    ("net", "shape", "members", "mib"),
    [
        ("scene_cnn", "862+40", 1, 18.9),
        ("scene_cnn", "862+64", 4, 75.5),
        ("scene_bands:count=5", "862+64", 1, 94.4),
        ("scene_bands:count=5", "862+64", 4, 377.6),
        ("scene_cnn", "862+64", 24, 453.1),
        ("scene_cnn", "4+64+862", 1, 18.9),
        ("scene_fusion", "4+64+862", 1, 20.2),
        ("scene_fusion:join=late", "4+64+862", 1, 72.5),
    ],
)
def test_the_model_sizes_of_the_table_of_task_1a(net, shape, members, mib):
    size = make_classifier(f"net:arch=({net}),shape={shape},classes=10").size()
    assert mebibytes(members * size["weights"]) == mib


def test_all_trainable_values_do_not_give_the_papers_sizes():
    # Neither rounded (24 nets) nor truncated (one net), which is why weights are counted.
    assert mebibytes(24 * 4_953_930) == 453.5
    assert int(10 * 4 * 4_953_930 / 2**20) / 10 == 18.8


def test_an_ensemble_is_as_large_as_its_members():
    one = "net:arch=scene_cnn,classes=10"
    four = make_classifier(f"net_ensemble:members=4,net=({one})").size()
    assert four["weights"] == 4 * make_classifier(one).size()["weights"] == 4 * 4_949_568
