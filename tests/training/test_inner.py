"""Inner validation parts."""

import numpy as np
import pytest

from featkit.errors import ParameterError
from featkit.training.inner import fold_split, inner_split, pick


def test_a_share_of_every_class_is_held_out() -> None:
    labels = np.repeat(["a", "b"], [30, 10])
    train, held = inner_split(labels, 0.2, 0)
    assert sorted([*train, *held]) == list(range(40))
    assert {label: int((labels[held] == label).sum()) for label in "ab"} == {"a": 6, "b": 2}
    assert np.array_equal(held, inner_split(labels, 0.2, 0)[1]) and not np.array_equal(
        held, inner_split(labels, 0.2, 1)[1]
    )


def test_the_lowest_fold_is_held_out_and_minus_one_only_trains() -> None:
    train, held = fold_split(np.array([-1, 3, 2, 2, 3, -1]))
    assert held.tolist() == [2, 3] and train.tolist() == [0, 1, 4, 5]


@pytest.mark.parametrize("folds", [[1, 1], [-1, -1]])
def test_a_single_fold_leaves_nothing(folds: list[int]) -> None:
    with pytest.raises(ParameterError, match="leave no part"):
        fold_split(np.array(folds))


def test_small_classes_give_one_row_and_single_rows_are_learned() -> None:
    labels = np.array([*"aabbcccc", "d"])
    train, held = inner_split(labels, 0.2, 0)
    assert sorted(labels[held]) == ["a", "b", "c"] and set(labels[train]) == set("abcd")
    with pytest.raises(ParameterError, match="single row"):
        inner_split(np.array(["a", "b"]), 0.3, 0)


def test_rows_are_picked_from_lists_and_arrays() -> None:
    assert pick([1, 2, 3], np.array([2, 0])) == [3, 1]
    assert pick(np.eye(3), np.array([2])).tolist() == [[0, 0, 1]]
