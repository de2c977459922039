"""Rows, their lengths, and which are held out."""

import numpy as np
import pytest

from featkit.errors import ParameterError
from featkit.training.rows import Rows, even, fold_split, inner_split, pick, usual_length

VALUES = np.arange(7 * 2 * 3, dtype=np.float32).reshape(7, 2, 3)


def test_subsets_of_subsets_point_at_the_source() -> None:
    rows = Rows(VALUES).subset(np.array([6, 4, 2])).subset(np.array([2, 0]))
    assert np.array_equal(rows.take(np.arange(2)), VALUES[[2, 6]])
    assert np.array_equal(np.concatenate(list(rows.chunks(1))), VALUES[[2, 6]])


def test_rows_of_any_length_become_even_by_repeating() -> None:
    rows = [np.arange(3.0), np.arange(7.0), np.arange(5.0)]
    assert usual_length(rows) == 5
    assert even(rows, 5).tolist() == [[0, 1, 2, 0, 1], [0, 1, 2, 3, 4], [0, 1, 2, 3, 4]]
    with pytest.raises(ParameterError, match="row 1 has no frames"):
        even([np.ones(2), np.ones(0)], 3)


def test_labels_are_not_rows() -> None:
    with pytest.raises(ParameterError, match=r"\(7,\)"):
        Rows(np.zeros(7))


def test_a_fraction_of_every_class_is_held_out() -> None:
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
