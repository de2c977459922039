import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from featkit.classifiers import make_classifier
from featkit.evaluation.inside import model_bytes, objects


class Holder:
    """Holds what it is given."""

    def __init__(self, **parts):
        vars(self).update(parts)


def test_every_object_is_found_once_however_deep():
    array, inner = np.arange(3), Holder(text="x")
    outer = Holder(listed=[array, (inner,)], named={"again": array, "method": inner.__repr__})
    inner.back = outer
    actual = list(objects(outer))
    assert sum(part is array for part in actual) == 1
    assert sum(part is inner for part in actual) == 1
    assert not any(isinstance(part, (str, type)) or callable(part) for part in actual)


def test_model_bytes_count_each_array_once(make_table):
    table = make_table(n=60)
    model = LogisticRegression().fit(table.X, table.y)
    own = (
        model.coef_.nbytes + model.intercept_.nbytes + model.classes_.nbytes + model.n_iter_.nbytes
    )
    assert model_bytes(model) == own
    model.again_ = model.coef_
    assert model_bytes(model) == own
    model.model_bytes = 5
    assert model_bytes(model) == 5


def test_model_bytes_reach_into_compiled_trees(make_table):
    table = make_table(n=60)
    small, large = (
        RandomForestClassifier(count, random_state=0).fit(table.X, table.y) for count in (2, 20)
    )
    nodes = sum(tree.tree_.__getstate__()["nodes"].nbytes for tree in large.estimators_)
    assert model_bytes(large) > nodes > model_bytes(small)


def test_a_larger_model_is_larger_by_its_arrays(make_table):
    table = make_table(n=60, classes=3)
    small, large = (
        make_classifier("elm", n_hidden=(units,)).fit(table.X, table.y) for units in (50, 550)
    )
    # Weights and bias of each unit, and its readout of three classes, in double precision.
    grown = 8 * 500 * (table.X.shape[1] + 1 + 3)
    assert model_bytes(large) - model_bytes(small) == grown
