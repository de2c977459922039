import numpy as np
import pytest

from featkit.classifiers._search import selection
from featkit.errors import ParameterError


def test_groups_are_the_folds():
    folds = selection.inner_folds(np.zeros(4), ["b", "a", "b", "c"])
    assert folds.tolist() == [1, 0, 1, 2]


def test_stratified_folds_hold_every_class_once_each():
    y = np.repeat(["a", "b", "c"], 10)
    folds = selection.inner_folds(y, None, 5)
    for fold in range(5):
        assert np.unique(y[folds == fold], return_counts=True)[1].tolist() == [2, 2, 2]


def test_smallest_class_limits_the_folds_and_single_rows_stay_in_training():
    y = np.array(["a"] * 9 + ["b"] * 3 + ["single"])
    folds = selection.inner_folds(y, None, 5)
    assert folds.max() + 1 == 3
    assert folds[-1] == selection.ALWAYS_TRAINING
    for train, held_out in selection.splits(folds):
        assert 12 in train
        assert 12 not in held_out
    assert sorted(np.concatenate([held_out for _, held_out in selection.splits(folds)])) == list(
        range(12)
    )


@pytest.mark.parametrize(
    ("y", "groups", "message"),
    [
        (["a", "b", "c"], None, "single row"),
        (["a"] * 3, [1, 1, 1], "at least 2"),
        (["a"] * 3, [1, 2], "do not match 3 rows"),
    ],
)
def test_folds_that_cannot_be_made_are_named(y, groups, message):
    with pytest.raises(ParameterError, match=message):
        selection.inner_folds(np.array(y), groups)


def test_accuracies_count_each_fold_on_its_own():
    y = np.array([0, 1, 1, 0])
    predicted = np.array([[0, 1, 0, 0], [1, 1, 1, 1]])
    assert selection.accuracies(predicted, y, np.array([0, 0, 1, 1])).tolist() == [
        [1.0, 0.5],
        [0.5, 0.5],
    ]


def test_best_weighs_folds_equally_and_takes_the_first_of_equals():
    third = 1 / 3
    assert selection.best(np.array([[0.5, 0.5], [0.25, 0.75 + 1e-16], [0.5, 0.5]])) == 0
    assert (
        selection.best(
            np.array([[0.1, 0.2, 0.3], [third, third, third], [1 - 2 * third, third, third]])
        )
        == 1
    )


def test_results_have_the_keys_of_scikit_learn():
    table = selection.results(
        [{"C": 1}, {"C": 2}, {"C": 3}], np.array([[0.5, 0.7], [0.9, 0.9], [0.7, 0.5]])
    )
    assert table["rank_test_score"].tolist() == [2, 1, 2]
    np.testing.assert_allclose(table["std_test_score"], [0.1, 0.0, 0.1], atol=1e-15)
    assert table["split1_test_score"].tolist() == [0.7, 0.9, 0.5]
