import numpy as np
import pytest

from featkit.errors import ParameterError
from featkit.evaluation import Folding
from featkit.results import Note
from featkit.store.joining import join


def predicted_rows(divided):
    return np.sort(np.concatenate([split.test for split in divided.splits]))


def test_official_folds_leave_one_out_and_the_rest_are_inner_folds(make_table):
    table = make_table(n=30)
    divided = Folding().plan(table)
    assert divided.scheme == "official folds"
    assert [split.name for split in divided.splits] == ["1", "2", "3", "4", "5"]
    assert np.array_equal(predicted_rows(divided), np.arange(30))
    for split in divided.splits:
        assert set(table.folds[split.test]) == {int(split.name)}
        assert np.array_equal(split.inner, table.folds[split.train])
        assert len(split.train) + len(split.test) == 30
    assert np.array_equal(divided.outer, table.folds)


def test_two_official_folds_draw_their_inner_folds(make_table):
    divided = Folding().plan(make_table(n=60, n_folds=2))
    assert all(len(set(split.inner)) == 5 for split in divided.splits)
    assert divided.outer is None


def test_a_clip_without_fold_is_named(make_table):
    folds = np.arange(12) % 3
    folds[4] = -1
    with pytest.raises(ParameterError, match="without an official fold: clip4"):
        Folding().plan(make_table(n=12, folds=folds))
    with pytest.raises(ParameterError, match="one fold only"):
        Folding().plan(make_table(n=12, n_folds=1))


def test_split_selects_on_valid_and_fits_on_train_only(make_table):
    splits = np.array(["train"] * 12 + ["valid"] * 6 + ["test"] * 6 + [""] * 3)
    divided = Folding().plan(make_table(n=27, splits=splits, protocol="split"))
    (split,) = divided.splits
    assert split.train.tolist() == list(range(12))
    assert split.select.tolist() == list(range(18))
    assert split.inner.tolist() == [-1] * 12 + [0] * 6
    assert split.test.tolist() == list(range(18, 24))
    assert divided.notes == (Note("missing", "3 clips in no split are left out"),)


def test_split_without_valid_draws_inner_folds(make_table):
    splits = np.array(["train"] * 30 + ["test"] * 6)
    # No official folds in the training part, or a single one.
    for fold in (-1, 1):
        table = make_table(n=36, splits=splits, folds=np.full(36, fold), protocol="split")
        (split,) = Folding().plan(table).splits
        assert np.array_equal(split.select, split.train)
        assert sorted(set(split.inner)) == [0, 1, 2, 3, 4]


def test_split_without_valid_takes_the_official_folds_of_the_training_part(make_table):
    splits = np.array(["train"] * 30 + ["test"] * 6)
    table = make_table(n=36, splits=splits, folds=np.arange(36) % 3 + 1, protocol="split")
    (split,) = Folding().plan(table).splits
    assert np.array_equal(split.inner, table.folds[:30])


def test_split_needs_both_parts(make_table):
    with pytest.raises(ParameterError, match="6 clips in split 'train' and 0 in 'test'"):
        Folding().plan(make_table(n=6, splits=np.array(["train"] * 6), protocol="split"))


def test_without_a_protocol_folds_are_drawn(make_table):
    divided = Folding().plan(make_table(n=60, protocol="none"))
    assert divided.scheme == "5 stratified group folds, seed 0"
    assert [split.name for split in divided.splits] == ["1of5", "2of5", "3of5", "4of5", "5of5"]
    assert np.array_equal(predicted_rows(divided), np.arange(60))
    assert [split.name for split in Folding("drawn", 3, 7).plan(make_table(n=60)).splits] == [
        "1of3@7",
        "2of3@7",
        "3of3@7",
    ]


def test_fewer_drawn_folds_are_noted(make_table):
    divided = Folding().plan(make_table(n=9, protocol="none"))
    assert [note.kind for note in divided.notes] == ["folds"] and len(divided.splits) == 3


def test_groups_are_left_out_one_at_a_time(make_table):
    groups = np.array([f"speaker{row % 4}" for row in range(48)])
    divided = Folding("groups").plan(make_table(n=48, groups=groups))
    assert [split.name for split in divided.splits] == [
        f"group speaker{number}" for number in range(4)
    ]
    assert np.array_equal(predicted_rows(divided), np.arange(48))
    for split in divided.splits:
        assert len(set(groups[split.test])) == 1 and not set(groups[split.test]) & set(
            groups[split.train]
        )
    with pytest.raises(ParameterError, match="no groups to leave out"):
        Folding("groups").plan(make_table())


def test_another_corpus_is_tested_with_the_official_folds_inside(make_table):
    divided = Folding("split").plan(join(make_table(n=30), make_table(n=12, dataset="other")))
    assert divided.splits[0].test.tolist() == list(range(30, 42))
    assert np.array_equal(divided.splits[0].inner, make_table(n=30).folds)


def test_classes_too_small_for_inner_folds_leave_them_out(make_table):
    assert all(split.inner is None for split in Folding().plan(make_table(n=6, n_folds=2)).splits)


def test_rotating_folds_validate_on_the_one_before_and_train_on_three(make_table):
    table = make_table(n=50)
    plan = Folding(folds="rotating").plan(table)
    pairs = {}
    for split in plan.splits:
        valid = split.select[split.inner == 0]
        (test_fold,), (valid_fold,) = set(table.folds[split.test]), set(table.folds[valid])
        pairs[split.name] = (int(valid_fold), int(test_fold))
        assert set(table.folds[split.train]) == {1, 2, 3, 4, 5} - {valid_fold, test_fold}
        assert np.array_equal(np.sort(np.concatenate([split.train, valid])), split.select)
        assert set(split.inner[np.isin(split.select, split.train)]) == {-1}
    assert pairs == {"1v5": (5, 1), "2v1": (1, 2), "3v2": (2, 3), "4v3": (3, 4), "5v4": (4, 5)}
    assert np.array_equal(predicted_rows(plan), np.arange(50)) and plan.outer is None


@pytest.mark.parametrize("folds", [np.full(12, -1), np.arange(12) % 2 + 1])
def test_rotating_folds_need_three(make_table, folds):
    with pytest.raises(ParameterError, match="rotating needs at least 3"):
        Folding(folds="rotating").plan(make_table(n=12, folds=folds))
