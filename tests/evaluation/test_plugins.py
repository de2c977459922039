"""Classifiers of others: whatever they do is the failure of a fold, with a reason."""

import os
import sys

import cloudpickle
import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin

from featkit.errors import ParameterError
from featkit.evaluation import evaluate, prepare
from featkit.naming import fingerprint
from featkit.results import append, read

BAD = (
    "exit in fit",
    "exit in predict",
    "message",
    "column",
    "short",
    "scalar",
    "label",
    "too probable",
    "nan",
    "two columns",
)


class Silent(Exception):
    """An exception that cannot be shown."""

    def __str__(self):
        raise ValueError("no")

    __repr__ = __str__


class Bad(ClassifierMixin, BaseEstimator):
    """A classifier that misbehaves where ``how`` says."""

    def __init__(self, how=""):
        self.how = how

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        if self.how == "exit in fit":
            sys.exit(3)
        if self.how == "forks":
            os.fork()
        if self.how == "dies":
            os._exit(1)
        return self

    def predict(self, X):
        good = np.full(len(X), "class0")
        if self.how == "exit in predict":
            sys.exit("bye")
        if self.how == "message":
            raise Silent
        shapes = {"column": good[:, None], "short": good[:-1], "scalar": "class0"}
        return [Silent()] * len(X) if self.how == "label" else shapes.get(self.how, good)

    def predict_proba(self, X):
        given = {"too probable": (3, 7.0), "nan": (3, np.nan), "two columns": (2, 0.5)}
        columns, value = given.get(self.how, (3, 1 / 3))
        return np.full((len(X), columns), value)


@pytest.fixture
def by_value():
    """Send this module's classes to workers whole: a worker cannot import every test module."""
    module = sys.modules[__name__]
    cloudpickle.register_pickle_by_value(module)
    yield
    cloudpickle.unregister_pickle_by_value(module)


@pytest.mark.parametrize("how", BAD)
def test_a_fold_fails_with_a_reason_and_the_run_goes_on(how, make_table, tmp_path):
    scores = evaluate(make_table(n=30), Bad(how))
    assert len(scores) == 5 and all(score.error and score.accuracy is None for score in scores)
    append(tmp_path / "r.jsonl", scores)
    assert read(tmp_path / "r.jsonl") == scores


def test_a_fork_does_not_do_the_work_twice(make_table, tmp_path):
    evaluate(make_table(n=30), Bad("forks"), on_score=lambda score: append(tmp_path / "r", [score]))
    assert len((tmp_path / "r").read_text().splitlines()) == 5


def test_a_worker_that_dies_is_a_failure_of_what_is_left(make_table, by_value):
    scores = evaluate(make_table(n=30), Bad("dies"), n_jobs=2)
    assert [score.fold for score in scores] == ["1", "2", "3", "4", "5"]
    assert all("TerminatedWorkerError" in score.error for score in scores)


class Unnamed(Bad):
    """A classifier without a text."""

    def __repr__(self, N_CHAR_MAX=700):
        raise RuntimeError("no")


def test_a_classifier_that_cannot_be_shown_is_called_by_its_type(make_table):
    scores = evaluate(make_table(n=30), Unnamed())
    assert all("Unnamed" in score.classifier and not score.error for score in scores)
    with pytest.raises(ParameterError, match="Unnamed"):
        evaluate(make_table(n=30), Unnamed)


CLASSIFIER = """
from sklearn.neighbors import KNeighborsClassifier

def make(*, seed: int = 0, neighbours: int = 3):
    '''Nearest neighbours.'''
    {more}
    return KNeighborsClassifier(neighbours)
"""


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    """``write(more)``: the module ``nearby`` with a factory that does something more."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(more="pass"):
        (tmp_path / "nearby.py").write_text(CLASSIFIER.replace("{more}", more))
        sys.modules.pop("nearby", None)
        fingerprint.forget()

    yield write
    sys.modules.pop("nearby", None)
    fingerprint.forget()


def test_an_edited_classifier_is_measured_again(plugin, make_table):
    table = make_table(n=30)
    plugin()
    run = prepare(table, "nearby:make")
    done = dict.fromkeys(run.cells, run.data)
    assert prepare(table, "nearby:make").missing(done) == []
    plugin("pass  # a comment")
    assert prepare(table, "nearby:make").missing(done) == []
    plugin("neighbours += 2")
    assert len(prepare(table, "nearby:make").missing(done)) == 5
    assert len(prepare(table, "svm").missing(done)) == 5


def test_so_is_one_of_a_class_outside_featkit(make_table, monkeypatch):
    table = make_table(n=30)
    before = prepare(table, Bad()).data
    assert before != table.fingerprint == prepare(table, "svm").data
    monkeypatch.setattr(fingerprint, "of_module", lambda *names, **options: 7)
    assert prepare(table, Bad()).data != before


@pytest.mark.parametrize("more", ["import sys; sys.exit(0)", "raise KeyError('x')", "1 / 0"])
def test_a_factory_that_fails_is_an_error(more, plugin, make_table):
    plugin(more)
    with pytest.raises(ParameterError, match="nearby:make"):
        evaluate(make_table(n=30), "nearby:make")


def untyped(C=1.0, seed=0):
    """A classifier without types."""
    return Bad()


def test_a_classifier_whose_parameters_have_no_type_is_refused_by_name(make_table):
    with pytest.raises(ParameterError, match="parameters C have no type"):
        evaluate(make_table(n=30), f"{__name__}:untyped")
