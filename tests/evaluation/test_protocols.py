import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.neighbors import KNeighborsClassifier

from featkit.evaluation import evaluate


class Grid(ClassifierMixin, BaseEstimator):
    """A small model with candidates, by plain loops."""

    def __init__(self, k=(1, 3, 15), fail=False):
        self.k = k
        self.fail = fail

    def fit(self, X, y, groups=None):
        candidates, predicted = self.candidate_predictions(X, y, groups)
        accuracies = [
            np.mean([(row == y)[groups == fold].mean() for fold in np.unique(groups)])
            for row in predicted
        ]
        self.best_params_ = candidates[int(np.argmax(accuracies))]
        self.model_ = KNeighborsClassifier(self.best_params_["k"]).fit(X, y)
        self.classes_ = self.model_.classes_
        return self

    def predict(self, X):
        return self.model_.predict(X)

    def candidate_predictions(self, X, y, folds):
        if self.fail:
            raise ValueError("no candidates today")
        predicted = np.empty((len(self.k), len(y)), dtype=object)
        for row, number in enumerate(self.k):
            for fold in np.unique(folds):
                held = folds == fold
                predicted[row, held] = (
                    KNeighborsClassifier(number).fit(X[~held], y[~held]).predict(X[held])
                )
        return [{"k": number} for number in self.k], predicted


class Shared(Grid):
    """The same with all folds at once."""

    def nested_fit(self, X, y, folds):
        for fold in np.unique(folds)[::-1]:
            rows = folds != fold
            if self.fail and fold == 2:
                raise ValueError("no fold 2 today")
            yield fold, Grid(self.k).fit(X[rows], y[rows], groups=folds[rows])


def accuracy_of(table, number, fold):
    held = table.folds == fold
    return (
        KNeighborsClassifier(number)
        .fit(table.X[~held], table.y[~held])
        .score(table.X[held], table.y[held])
    )


def test_paper_reports_the_candidate_with_the_best_mean_over_test_folds(make_table):
    table = make_table(n=60, spread=2.0)
    scores = evaluate(table, Grid(), protocol="paper")
    means = {
        number: np.mean([accuracy_of(table, number, fold) for fold in range(1, 6)])
        for number in (1, 3, 15)
    }
    assert np.mean([score.accuracy for score in scores]) == pytest.approx(
        max(means.values()), abs=1e-12
    )
    assert {score.params["k"] for score in scores} == {max(means, key=means.get)}
    assert all(
        [note.kind for note in score.notes] == ["optimistic"]
        and score.optimistic
        and score.log_loss is None
        for score in scores
    )


def test_paper_is_never_below_a_fixed_candidate_and_nested_never_above_the_best_of_each_fold(
    make_table,
):
    table = make_table(n=60, spread=2.0)
    nested = {score.fold: score.accuracy for score in evaluate(table, Grid())}
    paper = np.mean([score.accuracy for score in evaluate(table, Grid(), protocol="paper")])
    best = {
        str(fold): max(accuracy_of(table, number, fold) for number in (1, 3, 15))
        for fold in range(1, 6)
    }
    assert all(nested[fold] <= best[fold] for fold in best)
    assert paper <= np.mean(list(best.values()))
    assert all(
        paper >= np.mean([accuracy_of(table, number, fold) for fold in range(1, 6)])
        for number in (1, 3, 15)
    )


def test_weights_can_change_the_choice(make_table):
    table = make_table(n=63, spread=2.0, seed=50)
    table.folds[:] = [1] * 9 + [2] * 9 + [3] * 45
    means = {}
    for number in (1, 3, 15):
        means[number] = np.array([accuracy_of(table, number, fold) for fold in (1, 2, 3)])
    choices = []
    # As text that is read, not the constant itself.
    for protocol, weights in (("paper", None), ("-".join(("paper", "weighted")), [9, 9, 45])):
        (number,) = {score.params["k"] for score in evaluate(table, Grid(), protocol=protocol)}
        value = {k: np.average(means[k], weights=weights) for k in means}
        assert value[number] == max(value.values())
        choices.append(number)
    assert choices == [15, 3]


def test_paper_without_candidates_is_plain_cross_validation(make_table):
    table = make_table(n=30)
    paper, nested = (
        evaluate(table, KNeighborsClassifier(), protocol=name) for name in ("paper", "nested")
    )
    assert [score.y_pred for score in paper] == [score.y_pred for score in nested]
    assert [note.kind for note in paper[0].notes] == ["unselected"] and paper[0].optimistic


def test_paper_on_a_split_selects_on_the_test_part(make_table):
    table = make_table(
        n=60,
        spread=2.0,
        splits=np.array(["train"] * 40 + [""] * 2 + ["test"] * 18),
        protocol="split",
    )
    (score,) = evaluate(table, Grid(), protocol="paper")
    X, y = table.X, table.y
    by_hand = {
        k: KNeighborsClassifier(k).fit(X[:40], y[:40]).score(X[42:], y[42:]) for k in (1, 3, 15)
    }
    assert score.accuracy == max(by_hand.values())
    assert score.n_test == 18


def test_failing_candidates_fail_every_fold_by_name(make_table):
    scores = evaluate(make_table(n=30), Grid(fail=True), protocol="paper")
    assert [score.error for score in scores] == ["ValueError: no candidates today"] * 5


def test_folds_fitted_at_once_equal_folds_one_by_one(make_table):
    table = make_table(n=60, spread=2.0)
    single = {
        score.fold: (score.y_pred, score.params, score.accuracy)
        for score in evaluate(table, Grid())
    }
    shared = {
        score.fold: (score.y_pred, score.params, score.accuracy)
        for score in evaluate(table, Shared())
    }
    assert shared == single and len(shared) == 5
    part = evaluate(
        table,
        Shared(),
        done={score.cell: score.data for score in evaluate(table, Shared()) if score.fold != "3"},
    )
    assert [(score.fold, score.y_pred) for score in part] == [("3", single["3"][0])]


def test_a_failure_at_once_keeps_the_folds_before_it(make_table):
    scores = {score.fold: score.error for score in evaluate(make_table(n=60), Shared(fail=True))}
    assert {fold: error for fold, error in scores.items() if error} == dict.fromkeys(
        "12", "ValueError: no candidates today"
    )


def test_estimators_are_not_touched(make_table):
    estimator = Grid()
    before = clone(estimator).get_params()
    evaluate(make_table(n=30), estimator)
    assert estimator.get_params() == before and not hasattr(estimator, "model_")


def test_a_fold_that_fails_costs_no_other_fold(make_table):
    y = np.array(["a"] * 40 + ["b"] * 10 + ["a"] * 10)
    folds = np.repeat([1, 2, 3], [20, 20, 20])
    folds[40:50] = 1
    for classifier in ("svm", "elm", "knn"):
        errors = [score.error for score in evaluate(make_table(n=60, y=y, folds=folds), classifier)]
        assert "one class" in errors[0] and errors[1:] == ["", ""], classifier
