"""Copies of clips as rows to learn from."""

from dataclasses import replace

import numpy as np
import pytest
from conftest import with_copies
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from featkit.classifiers.base import make_classifier
from featkit.errors import ParameterError
from featkit.evaluation import Folding, evaluate, prepare

KNN = KNeighborsClassifier(1)


def training_rows(table, fold):
    return table.folds != int(fold)


def test_copies_of_training_clips_train_and_originals_are_tested(make_table):
    table = with_copies(make_table(n=60))
    for score in evaluate(table, KNN):
        train, test = training_rows(table, score.fold), ~training_rows(table, score.fold)
        test &= table.copy == 0
        assert (score.n_train, score.n_test) == (48, 12)  # clips: tests of significance count them
        assert score.ids == tuple(table.ids[test])
        model = KNeighborsClassifier(1).fit(table.X[train], table.y[train])
        assert model.n_samples_fit_ == 3 * 48
        assert score.y_pred == tuple(model.predict(table.X[test]))


def test_without_a_vote_the_copies_of_test_clips_change_nothing(make_table):
    table = with_copies(make_table(n=60))
    other = replace(table, X=table.X.copy())
    other.X[(table.folds == 2) & (table.copy > 0)] = 1e3
    one, two = (
        evaluate(part, "svm:C=1+8", folding=Folding(only_folds=("2",))) for part in (table, other)
    )
    assert [(s.y_pred, s.probabilities, s.params) for s in one] == [
        (s.y_pred, s.probabilities, s.params) for s in two
    ]


def test_with_a_vote_a_clip_has_the_mean_over_itself_and_its_copies(make_table):
    table = with_copies(make_table(n=60), vote=True)
    for score in evaluate(table, LogisticRegression()):
        train = training_rows(table, score.fold)
        model = LogisticRegression().fit(table.X[train], table.y[train])
        rows = np.flatnonzero(~train).reshape(3, -1)
        mean = np.mean([model.predict_proba(table.X[part]) for part in rows], axis=0)
        assert np.allclose(score.probabilities, mean, atol=1e-12)
        assert score.y_pred == tuple(model.classes_[mean.argmax(axis=1)])


def test_a_vote_needs_probabilities_and_the_nested_protocol(make_table):
    table = with_copies(make_table(n=60), vote=True)
    assert all("no probabilities" in score.error for score in evaluate(table, SVC()))
    with pytest.raises(ParameterError, match="averages over copies"):
        prepare(table, "svm", protocol="paper")


@pytest.mark.parametrize("only", [(), ("3",)])
def test_the_svm_grid_is_that_of_a_search_whose_inner_folds_hold_out_originals(make_table, only):
    table = with_copies(make_table(n=60, spread=1.5))
    scores = evaluate(
        table, "svm:C=0.5+2+8,gamma=0.01+0.1,kernel=rbf", folding=Folding(only_folds=only)
    )
    for score in scores:
        train = np.flatnonzero(training_rows(table, score.fold))
        folds, copy = table.folds[train], table.copy[train]
        inner = [
            (np.flatnonzero(folds != fold), np.flatnonzero((folds == fold) & (copy == 0)))
            for fold in np.unique(folds)
        ]
        grid = {"svc__gamma": [0.01, 0.1], "svc__C": [0.5, 2.0, 8.0]}
        search = GridSearchCV(make_pipeline(StandardScaler(), SVC()), grid, cv=inner)
        search.fit(table.X[train].astype(float), table.y[train])
        chosen = {f"svc__{key}": score.params[key] for key in ("C", "gamma")}
        means = dict(
            zip(
                map(str, search.cv_results_["params"]),
                search.cv_results_["mean_test_score"],
                strict=True,
            )
        )
        assert means[str(dict(sorted(chosen.items())))] == pytest.approx(search.best_score_)
        best = search.best_estimator_.set_params(**chosen).fit(
            table.X[train].astype(float), table.y[train]
        )
        rows = (table.folds == int(score.fold)) & (table.copy == 0)
        assert score.y_pred == tuple(best.predict(table.X[rows].astype(float)))


@pytest.mark.parametrize(
    "name", ["svm:C=1+8", "elm:n_hidden=20+40", "knn:n_neighbors=1+5", "ridge"]
)
def test_all_folds_at_once_are_the_folds_one_by_one(make_table, name):
    table = with_copies(make_table(n=60, spread=1.5))
    together = evaluate(table, name)
    alone = [
        score
        for fold in range(1, 6)
        for score in evaluate(table, name, folding=Folding(only_folds=(str(fold),)))
    ]
    for one, other in zip(together, alone, strict=True):
        assert (one.fold, one.y_pred, one.params) == (other.fold, other.y_pred, other.params)
        assert one.inner.ids == other.inner.ids
        assert np.allclose(one.inner.probabilities, other.inner.probabilities, atol=1e-9)


def test_ridge_leaves_a_clip_out_with_all_of_its_copies(make_table):
    table = with_copies(make_table(n=40, n_folds=4, spread=2.0), n=2, spread=0.2)
    X, clips = table.X.astype(float), table.clip_of
    model = make_classifier("ridge:alphas=1+10").fit(X, table.y, clips=clips)
    from sklearn.linear_model import Ridge

    Z = StandardScaler().fit_transform(X)
    targets = np.where(table.y[:, None] == model.classes_, 1.0, -1.0)
    for alpha, error in zip((1.0, 10.0), model.left_out_errors_, strict=True):
        squares = []
        for clip in range(40):
            out = clips == clip
            fitted = Ridge(alpha=alpha).fit(Z[~out], targets[~out])
            first = np.flatnonzero(out)[0]
            squares.append((fitted.predict(Z[[first]])[0] - targets[first]) ** 2)
        assert error == pytest.approx(np.mean(squares), rel=1e-9)


def test_copies_that_are_no_different_leave_the_nearest_neighbours_choice_alone(make_table):
    # With exact copies in training, each neighbour counts three times: 3k neighbours are k.
    table = make_table(n=60, spread=2.0)
    scores = evaluate(with_copies(table, spread=0.0), "knn:n_neighbors=3+15,probability=false")
    plain = evaluate(table, "knn:n_neighbors=1+5,probability=false")
    assert [score.params["n_neighbors"] // 3 for score in scores] == [
        score.params["n_neighbors"] for score in plain
    ]
    assert [score.y_pred for score in scores] == [score.y_pred for score in plain]


def test_validation_parts_have_no_copies(make_table):
    table = with_copies(make_table(n=60))
    run = prepare(table, "svm", folding=Folding(folds="rotating"))
    for split in run.plan.splits:
        held = np.setdiff1d(split.select, split.train)
        assert (table.copy[held] == 0).all() and len(held) == 12
        assert not set(table.ids[held]) & set(table.ids[split.train])
        assert len(split.train) == 3 * 36


def test_the_paper_protocol_leaves_the_copies_of_test_clips_out(make_table):
    # Exact copies of a test clip would make one neighbour right in every case.
    table = make_table(n=60, spread=3.0)
    text = "knn:n_neighbors=3+15"
    scores = evaluate(with_copies(table, spread=0.0), text, protocol="paper")
    plain = evaluate(table, "knn:n_neighbors=1+5", protocol="paper")
    assert [score.y_pred for score in scores] == [score.y_pred for score in plain]
    assert np.mean([score.accuracy for score in scores]) < 0.9


def test_a_copy_without_its_clip_is_refused(make_table):
    table = with_copies(make_table(n=60))
    with pytest.raises(ParameterError, match="copies without their clip: clip0"):
        prepare(table.select(np.arange(len(table)) > 0), "ridge")


@pytest.mark.parametrize("name", ["ensemble:members=ridge+knn", "random_forest:n_estimators=10"])
def test_other_classifiers_learn_from_copies_too(make_table, name):
    for score in evaluate(with_copies(make_table(n=60, spread=0.3)), name):
        assert not score.error and score.n_train == 48 and score.accuracy > 0.9
