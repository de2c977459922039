"""Curves and confusion, T9."""

import numpy as np

from featkit.training.curves import confusion, numbers

LINES = [
    {"epoch": 0, "valid_loss": 1.0, "valid_accuracy": 0.4, "test_loss": 1.0, "test_accuracy": 0.5},
    {"epoch": 1, "valid_loss": 0.5, "valid_accuracy": 0.6, "test_loss": 1.0, "test_accuracy": 0.6},
    {"epoch": 2, "valid_loss": 0.6, "valid_accuracy": 0.7, "test_loss": 1.0, "test_accuracy": 0.8},
    {"epoch": 3, "valid_loss": 0.7, "valid_accuracy": 0.5, "test_loss": 1.0, "test_accuracy": 0.7},
]


def test_three_ways_to_choose_the_epoch_stand_side_by_side() -> None:
    found = numbers(LINES)
    assert {
        name: (entry["epoch"], entry["test_accuracy"], entry["optimistic"])
        for name, entry in found.items()
    } == {
        "last": (3, 0.7, False),
        "best_on_valid": (1, 0.6, False),
        "best_on_test": (2, 0.8, True),
    }


def test_only_what_was_measured_is_there() -> None:
    assert numbers([{"epoch": 0, "train_loss": 1.0}]) == {
        "last": {"epoch": 0, "valid_accuracy": None, "test_accuracy": None, "optimistic": False}
    }
    assert numbers([]) == {}


def test_rows_of_the_confusion_matrix_sum_to_the_classes() -> None:
    rng = np.random.default_rng(0)
    truth, found = rng.choice(list("abc"), 60), rng.choice(list("abc"), 60)
    matrix = confusion(truth, found, ["a", "b", "c", "d"])
    assert matrix.sum(axis=1).tolist() == [*(int((truth == name).sum()) for name in "abc"), 0]
    assert matrix[0, 1] == ((truth == "a") & (found == "b")).sum()
    assert np.trace(matrix) == (truth == found).sum()
