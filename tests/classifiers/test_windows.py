"""Nets that read windows of rows and vote."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin

from featkit.classifiers import make_classifier
from featkit.classifiers.windows import WindowVoting
from featkit.errors import ParameterError
from featkit.training.recipes import Recipe


class Told(ClassifierMixin, BaseEstimator):
    """A net that says what it was told, and keeps what it was given."""

    def __init__(self, says=(), valid=0.0, random_state=0):
        self.says, self.valid, self.random_state = says, valid, random_state

    def settled(self):
        return Recipe(valid=self.valid)

    def fit(self, X, y, groups=None):
        self.given, self.classes_ = (X, y, groups), np.unique(y)
        return self

    def predict_proba(self, X):
        return np.asarray(self.says)[: len(X)]


def rows(n, frames=10):
    return np.repeat(np.arange(n, dtype=np.float32), frames).reshape(n, frames)


def test_each_window_has_the_label_of_its_row():
    X, y = rows(4), np.array(["a", "b", "b", "a"])
    model = WindowVoting(Told(), length=4, hop=3).fit(X, y)
    windows, labels, groups = model.net_.given
    assert windows.shape == (12, 4) and model.n_windows_ == 12 and groups is None
    assert (labels == y[windows[:, 0].astype(int)]).all()


@pytest.mark.parametrize(("rule", "label", "first"), [("majority", "a", 0.6), ("mean", "b", 0.4)])
def test_windows_decide_once_each(rule, label, first):
    # Two windows say a with 0.51, one says b with 0.82: the vote is a, the mean 0.4 for a.
    says = ((0.51, 0.49), (0.51, 0.49), (0.18, 0.82))
    model = WindowVoting(Told(says), 4, 3, rule).fit(rows(2), ["a", "b"])
    assert model.predict(rows(1)).tolist() == [label]
    assert model.predict_proba(rows(1))[0] == pytest.approx([first, 1 - first])


@pytest.mark.parametrize("folds", [None, [0, 0, 1, 1, 2, 2]])
def test_rows_stay_whole_between_training_and_validation(folds):
    X, y = rows(6), np.array(["a", "b"] * 3)
    model = WindowVoting(Told(valid=0.34), 4, 3).fit(X, y, groups=folds)
    windows, _, inner = model.net_.given
    held = {row: set(inner[windows[:, 0] == row]) for row in range(6)}
    assert all(len(values) == 1 for values in held.values())
    lowest = [row for row, values in held.items() if values == {0}]
    assert lowest == [0, 1] if folds else sorted(y[lowest]) == ["a", "b"]


def test_a_net_learns_from_windows_of_maps(patterns):
    X, y = patterns(n=24, shape=(24, 8))
    tiled = [np.concatenate([row, row, row[: k % 5]]) for k, row in enumerate(X)]
    text = "windows:length=24,hop=12,net=(net:arch=cnn,epochs=8)"
    model = make_classifier(text).fit(tiled, y)
    assert model.n_windows_ == 24 * 3
    assert model.net_.shape_ == (24, 8)
    assert (model.predict(tiled) == y).mean() > 0.9


@pytest.mark.parametrize(
    "text", ["windows:length=0", "windows:hop=-1", "windows:net=(net_grid:lr=1e-3+1e-4)"]
)
def test_what_does_not_go_together_is_refused(text):
    with pytest.raises(ParameterError):
        make_classifier(text)


def test_windows_do_not_overlap_by_default():
    assert make_classifier("windows:length=50").hop == 50
