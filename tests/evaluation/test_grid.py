import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from featkit.errors import DatasetError, ParameterError
from featkit.evaluation import Folding, Grid, evaluate, measure
from featkit.results import read

ONE = "knn:n_neighbors=1,scale=false"


def knn_accuracy(table, fold):
    held = table.folds == fold
    return (
        KNeighborsClassifier(1)
        .fit(table.X[~held], table.y[~held])
        .score(table.X[held], table.y[held])
    )


def alone(table):
    return lambda: (table, None)


def test_a_grid_is_every_classifier_protocol_and_seed(make_table):
    grid = Grid(
        classifiers=("random_forest:n_estimators=2", "logistic:seed=7"),
        seeds=2,
        protocol=("nested", "paper"),
    )
    runs = [
        (run.label.partition(":")[0], run.protocol, run.seed) for run in grid.runs(make_table())
    ]
    # A seed in the text is the only one that this classifier runs with.
    assert runs == [
        ("random_forest", "nested", 0),
        ("random_forest", "nested", 1),
        ("random_forest", "paper", 0),
        ("random_forest", "paper", 1),
        ("logistic", "nested", 7),
        ("logistic", "paper", 7),
    ]


def test_what_the_results_have_is_not_computed_again(make_table, tmp_path):
    table, path, grid = (
        make_table(),
        tmp_path / "r.jsonl",
        Grid(classifiers=(ONE,), folding=Folding(only_folds=("2", "4"))),
    )
    first = measure([(alone(table), grid)], path)
    assert [score.fold for score in first.computed] == ["2", "4"]
    assert [score.accuracy for score in first.computed] == [
        knn_accuracy(table, 2),
        knn_accuracy(table, 4),
    ]
    seen = []

    def progress(title, cells, left):
        seen.append((title, cells, left))
        return lambda score: seen.append(score.fold)

    whole = measure([(alone(table), Grid(classifiers=(ONE,)))], path, progress=progress)
    assert [score.fold for score in whole.computed] == ["1", "3", "5"]
    assert seen == [(f"toy: points + {ONE}", 5, 3), "1", "3", "5"]
    again = measure([(alone(table), grid)] * 2, path)
    assert again.computed == () and len(again.cells) == 2 and len(read(path)) == 5


def test_a_cell_that_is_asked_for_twice_is_computed_once(make_table, tmp_path):
    work = [(alone(make_table()), Grid(classifiers=(ONE, ONE)))] * 2
    assert len(measure(work, tmp_path / "r.jsonl").computed) == 5


def test_other_data_is_measured_again(make_table, tmp_path):
    grid, path = Grid(classifiers=(ONE,)), tmp_path / "r.jsonl"
    measure([(alone(make_table(seed=0)), grid)], path)
    assert len(measure([(alone(make_table(seed=1)), grid)], path).computed) == 5


def test_tables_are_read_one_after_the_other(make_table, tmp_path):
    order = []

    def source(name):
        def read():
            order.append(name)
            return make_table(n=30, feature=name), None

        return read

    def progress(title, cells, left):
        order.append(title)
        return lambda score: None

    measure(
        [(source(name), Grid(classifiers=(ONE,))) for name in "ab"],
        tmp_path / "r.jsonl",
        progress=progress,
    )
    assert order == ["a", f"toy: a + {ONE}", "b", f"toy: b + {ONE}"]


def test_a_table_that_cannot_be_divided_stops_the_rest_only_where_asked(make_table, tmp_path):
    leaky, whole = make_table(groups=np.full(60, "same"), feature="leaky"), make_table()
    work = [(alone(table), Grid(classifiers=(ONE,))) for table in (leaky, whole)]
    with pytest.raises(DatasetError, match="share their group"):
        measure(work, tmp_path / "r.jsonl")
    errors = []
    measured = measure(work, tmp_path / "r.jsonl", on_error=errors.append)
    assert len(errors) == 1 and "share their group" in str(errors[0])
    assert {score.feature for score in measured.computed} == {"points"} and len(
        measured.computed
    ) == 5


def test_only_folds_are_the_folds_of_a_whole_run(make_table):
    table = make_table()
    whole = {score.fold: score for score in evaluate(table, "svm")}
    for fold in ("5", "2"):
        (score,) = evaluate(table, "svm", folding=Folding(only_folds=[fold]))
        assert (score.cell, score.y_pred, score.params) == (
            whole[fold].cell,
            whole[fold].y_pred,
            whole[fold].params,
        )


def test_paper_chooses_over_all_folds_whichever_are_reported(make_table):
    table = make_table(spread=2.5)
    whole = {score.fold: score for score in evaluate(table, "knn", protocol="paper")}
    (score,) = evaluate(table, "knn", protocol="paper", folding=Folding(only_folds=["3"]))
    assert (score.params, score.accuracy) == (whole["3"].params, whole["3"].accuracy)


def test_another_dataset_of_the_same_name_is_not_written_into_its_results(make_table, tmp_path):
    grid, path = Grid(classifiers=("knn",)), tmp_path / "r.jsonl"
    first = make_table(n=30)
    measure([(lambda: (first, None), grid)], path)
    changed = make_table(n=30, seed=1)
    assert len(measure([(lambda: (changed, None), grid)], path).computed) == 5, (
        "the same clips with other values are measured again"
    )
    names = np.array([f"other{row}" for row in range(30)])
    with pytest.raises(ParameterError, match="another dataset that is also called 'toy'"):
        measure([(lambda: (make_table(n=30, ids=names), None), grid)], path)


@pytest.mark.parametrize("seeds", [0, 10_001, 99_999_999_999])
def test_seeds_have_bounds(seeds):
    with pytest.raises(ParameterError, match=f"seeds={seeds}"):
        Grid(classifiers=("knn",), seeds=seeds)
