import dataclasses

import numpy as np

from featkit.comparison.crosstab import crosstab
from featkit.comparison.overview import compare


def test_rows_are_ordered_by_mean_place_and_optimistic_ones_come_last(make_scores):
    right = {"x": np.eye(2, 4), "y": np.ones((2, 4)), "z": np.zeros((2, 4))}
    scores = [
        score
        for dataset in ("d1", "d2")
        for name in "xyz"
        for score in make_scores(right[name], classifier=name, dataset=dataset)
    ]
    scores += make_scores(right["y"], classifier="y", dataset="d1", protocol="paper")
    crossed = crosstab(compare(scores))
    assert crossed.columns == ("d1", "d2")
    rows = [(row["d1"].classifier, row["d1"].protocol, len(row)) for row in crossed.rows]
    assert rows == [("y", "nested", 2), ("x", "nested", 2), ("z", "nested", 2), ("y", "paper", 1)]
    assert crossed.best("d1", "nested") == 1.0 and crossed.best("d2", "paper") is None


def test_folds_made_in_two_ways_are_two_columns(make_scores):
    scores = make_scores(np.eye(2))
    drawn = [dataclasses.replace(score, scheme="drawn", fold=f"d{score.fold}") for score in scores]
    assert crosstab(compare([*scores, *drawn])).columns == ("toy, drawn", "toy, official folds")
