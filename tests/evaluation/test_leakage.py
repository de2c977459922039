import numpy as np
import pytest

from featkit.errors import DatasetError
from featkit.evaluation.folding import plan
from featkit.evaluation.leakage import guard
from featkit.results.scores import LEAKAGE


def test_clean_folds_pass(make_table):
    table = make_table(n=30, contents=np.array([f"h{row}" for row in range(30)]))
    assert guard(table, plan(table)) == ()


def test_a_group_in_two_folds_is_refused_by_name(make_table):
    groups = np.array([f"g{row}" for row in range(30)])
    groups[[0, 3]] = "song"
    table = make_table(n=30, groups=groups)
    with pytest.raises(
        DatasetError, match="2 test clips share their group with a training clip: clip0, clip3"
    ):
        guard(table, plan(table))


def test_equal_audio_in_two_folds_is_refused_and_unknown_audio_is_not(make_table):
    contents = np.array([""] * 28 + ["same", "same"])
    table = make_table(n=30, folds=np.arange(30) % 5, contents=contents)
    with pytest.raises(DatasetError, match=r"2 test clips hold the same audio.*clip28, clip29"):
        guard(table, plan(table))


def test_leakage_can_be_allowed_and_is_noted(make_table):
    table = make_table(n=30, groups=np.array(["one"] * 30))
    (note,) = guard(table, plan(table), allow=True)
    assert note.startswith(LEAKAGE) and "30 test clips" in note and "(30 in all)" in note


def test_test_part_and_validation_part_are_kept_from_what_is_learned(make_table):
    splits = np.array(["train"] * 6 + ["valid"] * 6 + ["test"] * 6)
    groups = np.array([f"g{row}" for row in range(18)])
    table = make_table(n=18, splits=splits, groups=groups.copy(), protocol="split")
    assert guard(table, plan(table)) == ()
    groups[[0, 6]] = "train and valid"
    table = make_table(n=18, splits=splits, groups=groups.copy(), protocol="split")
    with pytest.raises(DatasetError, match=r"1 validation clips share their group.*clip6"):
        guard(table, plan(table))
    groups[[0, 6, 12]] = "g0", "valid and test", "valid and test"
    with pytest.raises(DatasetError, match=r"1 test clips share their group.*clip12"):
        guard(make_table(n=18, splits=splits, groups=groups, protocol="split"), plan(table))
