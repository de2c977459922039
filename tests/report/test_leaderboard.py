import re

import numpy as np
import pytest

from featkit.comparison.labels import short_labels
from featkit.comparison.overview import compare
from featkit.report.leaderboard import differences_table, leaderboard


@pytest.fixture
def comparison(make_scores, rng):
    scores = [
        score
        for name in ("knn", "svm")
        for score in make_scores(rng.random((5, 20)) < 0.7, classifier=name)
    ]
    return compare(
        scores
        + make_scores(
            np.ones((5, 20)),
            classifier="svm",
            protocol="paper",
            model_bytes=1_234_567,
            fit_seconds=2.5,
        )
    )


def board(comparison):
    members = list(zip(comparison.members, comparison.systems, strict=True))
    return leaderboard(members, (0.0, 1.0), short_labels(comparison.members))


def test_every_heading_is_a_button_and_every_cell_has_a_value_to_sort_by(comparison):
    table = board(comparison)
    headings = re.findall(r'<th scope="col"><button type="button">([^<]+)</button></th>', table)
    assert headings[:3] == ["Rank", "System", "Accuracy"]
    rows = table.split("<tr")[2:]
    assert len(rows) == 3
    assert all(row.count("data-value=") == len(headings) for row in rows)


def test_values_are_those_of_the_comparison(comparison):
    rows = board(comparison).split("<tr")[2:]
    for row, system in zip(rows, comparison.systems, strict=True):
        values = re.findall(r'data-value="([^"]*)"', row)
        assert float(values[0]) == system["rank"]
        assert float(values[2]) == system["mean"]
        assert float(values[4]) == system["ci95"][0]


def test_paper_rows_are_marked(comparison):
    rows = board(comparison).split("<tr")[2:]
    assert ["optimistic" in row for row in rows] == [False, False, True]
    assert "1.2 MB" in rows[2] and "2.50" in rows[2]


def test_tests_have_short_names_and_significance_is_more_than_a_colour(make_scores, rng):
    scores = make_scores(np.ones((5, 20)), feature="f:a=1,b=1") + make_scores(
        rng.random((5, 20)) < 0.5, feature="f:a=1,b=2"
    )
    comparison = compare(scores)
    table = differences_table(comparison, short_labels(comparison.members))
    assert "f:b=1 + knn" in table and 'title="f:a=1,b=2 + knn"' in table
    assert 'class="num significant"' in table
    assert "nothing to test" in differences_table(compare(scores[:5]), {})
