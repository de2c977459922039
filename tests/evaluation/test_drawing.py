import numpy as np
import pytest

from featkit.errors import ParameterError
from featkit.evaluation.drawing import draw_folds, whole_units


def test_single_rows_are_stratified_exactly(make_table):
    table = make_table(n=60, classes=3)
    folds = draw_folds(table, 5, 0)
    for fold in range(5):
        assert np.unique(table.y[folds == fold], return_counts=True)[1].tolist() == [4, 4, 4]


def test_the_seed_decides(make_table):
    table = make_table(n=60)
    assert np.array_equal(draw_folds(table, 5, 3), draw_folds(table, 5, 3))
    assert not np.array_equal(draw_folds(table, 5, 3), draw_folds(table, 5, 4))


def test_groups_and_equal_recordings_stay_whole(make_table):
    groups = np.array([f"g{row // 6}" for row in range(60)])
    contents = np.array([f"h{row}" for row in range(60)])
    contents[59] = contents[0]
    folds = draw_folds(make_table(n=60, groups=groups, contents=contents), 4, 0)
    assert all(len(set(folds[groups == group])) == 1 for group in set(groups))
    assert folds[59] == folds[0]
    assert len(set(folds)) == 4


def test_units_follow_chains_and_unknown_content_joins_nothing(make_table):
    groups = np.array(["a", "a", "b", "c", "d", "e"])
    contents = np.array(["", "x", "x", "", "y", "y"])
    units = whole_units(make_table(n=6, groups=groups, contents=contents))
    assert [units.tolist().index(unit) for unit in units] == [0, 0, 0, 3, 4, 4]


def test_fewer_folds_where_a_class_has_few_groups(make_table):
    y = np.array(["a"] * 57 + ["b"] * 3)
    assert set(draw_folds(make_table(n=60, y=y), 5, 0)) == {0, 1, 2}


def test_a_class_of_one_group_is_named(make_table):
    y = np.array(["a"] * 59 + ["rare"])
    with pytest.raises(ParameterError, match=r"single group.*rare"):
        draw_folds(make_table(n=60, y=y), 5, 0)


def test_a_thousand_classes(make_table):
    table = make_table(n=3000, classes=1000)
    folds = draw_folds(table, 5, 0)
    assert all(len(set(folds[table.y == label])) == 3 for label in table.classes)


def test_a_single_recording_is_refused_with_what_to_do(make_table):
    table = make_table(n=12, protocol="none", recordings=np.array(["long.wav"] * 12))
    with pytest.raises(ParameterError, match=r"all 12 clips are excerpts of one recording.*fold"):
        draw_folds(table, 3, seed=0)
    table = make_table(n=12, groups=np.array(["one"] * 12))
    with pytest.raises(ParameterError, match="all 12 clips are of one group"):
        draw_folds(table, 3, seed=0)
