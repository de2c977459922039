"""The grid over learning rate and weight decay, P9."""

from typing import Any, ClassVar

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin

from featkit.classifiers import make_classifier
from featkit.classifiers._net import NetClassifier
from featkit.classifiers.net_grid import NetGrid
from featkit.errors import ParameterError


class Told(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Right on every row if its lr is 0.1, else always the first label; remembers what it was
    trained on.
    """

    seen: ClassVar[list[tuple[float, int]]] = []

    def __init__(self, overrides: Any = None) -> None:
        self.overrides = overrides

    def fit(self, X: Any, y: Any, groups: Any = None, eval_set: Any = None) -> "Told":
        self.classes_ = np.unique(y)
        Told.seen.append((self.overrides["lr"], len(y)))
        assert groups is None or len(groups) == len(y)
        return self

    def predict(self, X: Any) -> Any:
        number = X[:, 0].astype(int) if self.overrides["lr"] == 0.1 else np.zeros(len(X), int)
        return self.classes_[number]


@pytest.fixture
def rows() -> tuple[Any, Any]:
    Told.seen.clear()
    numbers = np.arange(30) % 3
    return np.stack([numbers, numbers], axis=1).astype(float), np.array(list("abc"))[numbers]


def test_the_best_on_held_out_rows_is_trained_anew_on_all(rows: tuple[Any, Any]) -> None:
    grid = NetGrid(Told({"epochs": 2}), (1.0, 0.1), (0.0, 1e-3)).fit(*rows)
    assert grid.best_params_ == {"lr": 0.1, "weight_decay": 0.0}
    assert [score["accuracy"] for score in grid.scores_] == [pytest.approx(1 / 3)] * 2 + [1.0] * 2
    assert Told.seen == [(1.0, 24), (1.0, 24), (0.1, 24), (0.1, 24), (0.1, 30)]
    assert grid.net_.overrides == {"epochs": 2, "lr": 0.1, "weight_decay": 0.0}


def test_inner_folds_give_the_held_out_part(rows: tuple[Any, Any]) -> None:
    NetGrid(Told({}), (1.0, 0.1), (0.0,)).fit(*rows, groups=np.repeat([1, 2, 3], 10))
    assert Told.seen == [(1.0, 20), (0.1, 20), (0.1, 30)]


def test_a_single_candidate_is_not_searched(rows: tuple[Any, Any]) -> None:
    grid = NetGrid(Told({}), (0.1,), (0.0,)).fit(*rows)
    assert Told.seen == [(0.1, 30)] and grid.best_params_ == {"lr": 0.1, "weight_decay": 0.0}


def test_candidate_predictions_are_out_of_fold(rows: tuple[Any, Any]) -> None:
    folds = np.array([-1] * 6 + [0] * 12 + [1] * 12)
    candidates, actual = NetGrid(Told({}), (1.0, 0.1), (0.0,)).candidate_predictions(*rows, folds)
    assert candidates == [{"lr": 1.0, "weight_decay": 0.0}, {"lr": 0.1, "weight_decay": 0.0}]
    assert actual.shape == (2, 30) and (actual[1] == rows[1]).all()
    assert (actual[0][6:] == "a").all() and (actual[0][:6] == rows[1][:6]).all()
    assert Told.seen == [(1.0, 18), (0.1, 18)] * 2


def test_it_works_on_nets(patterns: Any) -> None:
    X, y = patterns(30)
    grid = NetGrid(NetClassifier("cnn", overrides={"epochs": 12}), (1e-9, 1e-3), (0.0,)).fit(
        list(X), y
    )
    assert grid.best_params_["lr"] == 1e-3 and (grid.predict(X) == y).mean() > 0.9
    assert np.allclose(grid.predict_proba(X).sum(axis=1), 1)
    assert grid.model_bytes == grid.net_.model_bytes


def test_an_empty_grid_is_refused(rows: tuple[Any, Any]) -> None:
    with pytest.raises(ParameterError, match="at least one value"):
        NetGrid(Told({}), (), (0.0,)).fit(*rows)


@pytest.mark.parametrize("folds", [None, np.arange(24) % 2])
def test_a_grid_goes_on_where_a_candidate_diverges(patterns: Any, folds: Any) -> None:
    X, y = patterns(24)
    with pytest.warns(UserWarning, match=r"lr=1e\+30.* is not chosen"):
        grid = make_classifier("net_grid:net=(net:epochs=1),lr=1e30+1e-3").fit(X, y, groups=folds)
    assert grid.best_params_["lr"] == 1e-3 and grid.scores_[0]["accuracy"] == -1
    with pytest.warns(UserWarning, match="not chosen"):
        candidates, predicted = grid.candidate_predictions(X, y, np.arange(24) % 2)
    assert candidates[0]["lr"] == 1e30 and not (predicted[0] == y).any()


def test_a_grid_of_an_earlier_version_gets_its_fraction(rows: Any) -> None:
    state = NetGrid(Told({}), (0.1,), (0.0,), fraction=0.3).fit(*rows).__getstate__()
    state["share"] = state.pop("fraction")
    grid = NetGrid.__new__(NetGrid)
    grid.__setstate__(state)
    assert grid.get_params()["fraction"] == 0.3 and "share" not in vars(grid)
