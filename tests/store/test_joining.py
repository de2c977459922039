"""Two corpora as one table."""

import numpy as np
import pytest

from featkit.errors import ParameterError
from featkit.store.joining import join


def test_join_trains_on_one_corpus_and_tests_on_the_other(make_table):
    table, test = make_table(n=9), make_table(n=6, dataset="other")
    both = join(table, test)
    assert both.dataset == "toy→other"
    assert both.splits.tolist() == ["train"] * 9 + ["test"] * 6
    assert not set(both.groups[:9]) & set(both.groups[9:])
    assert np.array_equal(both.X, np.concatenate([table.X, test.X]))


def test_join_refuses_other_features_and_labels(make_table):
    with pytest.raises(ParameterError, match=r"different features.*'points'.*'mfcc'"):
        join(make_table(), make_table(feature="mfcc"))
    with pytest.raises(ParameterError, match="class3"):
        join(make_table(), make_table(classes=4))
