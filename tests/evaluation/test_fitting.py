import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier

from featkit.errors import ParameterError
from featkit.evaluation import Folding, fitting
from featkit.evaluation.fitting import Samples


class Remembering(ClassifierMixin, BaseEstimator):
    """Keeps what it was fitted with."""

    def fit(self, X, y, groups=None):
        self.rows_, self.groups_ = np.asarray(X), groups
        self.classes_ = np.unique(y)
        return self


def test_inner_folds_reach_an_estimator_that_takes_groups(make_table):
    table = make_table(n=30)
    split = Folding().plan(table).splits[0]
    model, notes = fitting.fit(Remembering(), Samples(table.X, table.y), split)
    assert np.array_equal(model.groups_, split.inner)
    assert np.array_equal(model.rows_, table.X[split.train])
    assert notes == ()


def test_a_search_of_scikit_learn_uses_the_inner_folds(make_table):
    table = make_table(n=60)
    split = Folding().plan(table).splits[0]
    search = GridSearchCV(KNeighborsClassifier(), {"n_neighbors": [1, 5]})
    model, _ = fitting.fit(search, Samples(table.X, table.y), split)
    assert model.n_splits_ == 4
    held = split.inner == 2
    X, y = table.X[split.train], table.y[split.train]
    by_hand = KNeighborsClassifier(1).fit(X[~held], y[~held]).score(X[held], y[held])
    assert model.cv_results_["split1_test_score"][0] == by_hand


@pytest.fixture
def valid_table(make_table):
    splits = np.array(["train"] * 30 + ["valid"] * 15 + ["test"] * 15)
    return make_table(n=60, spread=2.0, splits=splits, protocol="split")


def test_the_final_model_never_sees_the_validation_part(valid_table):
    split = Folding().plan(valid_table).splits[0]
    model, notes = fitting.fit(Remembering(), Samples(valid_table.X, valid_table.y), split)
    assert np.array_equal(model.rows_, valid_table.X[:30])
    assert [note.kind for note in notes] == ["unselected"]


def test_a_search_chooses_on_the_validation_part(valid_table):
    X, y = valid_table.X, valid_table.y
    search = GridSearchCV(KNeighborsClassifier(), {"n_neighbors": [1, 3, 9, 25]})
    model, _ = fitting.fit(search, Samples(X, y), Folding().plan(valid_table).splits[0])
    on_valid = {
        k: KNeighborsClassifier(k).fit(X[:30], y[:30]).score(X[30:45], y[30:45])
        for k in (1, 3, 9, 25)
    }
    assert on_valid[model.n_neighbors] == max(on_valid.values())
    assert model.n_samples_fit_ == 30


class Neighbours(KNeighborsClassifier):
    """Chooses among numbers of neighbours given as a tuple, as featkit's own estimators do."""

    def fit(self, X, y, groups=None):
        (self.best_params_,) = ({"n_neighbors": number} for number in self.n_neighbors)
        self.model_ = KNeighborsClassifier(self.n_neighbors[0]).fit(X, y)
        return self

    def candidate_predictions(self, X, y, folds):
        candidates = [{"n_neighbors": number} for number in self.n_neighbors]
        predicted = np.full((len(candidates), len(y)), "", dtype=y.dtype)
        for row, candidate in enumerate(candidates):
            for fold in set(folds.tolist()):
                held = folds == fold
                predicted[row, held] = (
                    KNeighborsClassifier(**candidate).fit(X[~held], y[~held]).predict(X[held])
                )
        return candidates, predicted


def test_a_candidate_is_chosen_on_the_validation_part_and_fitted_on_train(valid_table):
    X, y = valid_table.X, valid_table.y
    model, _ = fitting.fit(
        Neighbours(n_neighbors=(14, 1, 3)), Samples(X, y), Folding().plan(valid_table).splits[0]
    )
    on_valid = {
        k: KNeighborsClassifier(k).fit(X[:30], y[:30]).score(X[30:45], y[30:45]) for k in (14, 1, 3)
    }
    assert on_valid[model.best_params_["n_neighbors"]] == max(on_valid.values())
    assert model.model_.n_samples_fit_ == 30


def test_a_candidate_that_cannot_be_fixed_is_refused():
    with pytest.raises(ParameterError, match="LogisticRegression has no parameter gamma"):
        fitting.with_candidate(LogisticRegression(), {"gamma": 1.0})
