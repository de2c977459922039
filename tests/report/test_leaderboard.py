import re

import numpy as np
import pytest

from featkit.comparison.labels import short_labels
from featkit.comparison.overview import compare
from featkit.report.figures import Scale
from featkit.report.leaderboard import leaderboard
from featkit.results import Note


@pytest.fixture
def comparison(make_scores, rng):
    cost = {
        "model_bytes": 1_234_567,
        "fit_seconds": 2.5,
        "notes": (Note("leakage", "leakage allowed: 3 clips"),),
    }
    return compare(
        make_scores(rng.random((5, 20)) < 0.6, classifier="knn")
        + make_scores(rng.random((5, 20)) < 0.7, classifier="forest")
        + make_scores(np.ones((5, 20)), classifier="svm", **cost)
    )


def board(comparison):
    members = list(zip(comparison.members, comparison.systems, strict=True))
    return leaderboard(members, Scale(0.0, 1.0), short_labels(comparison.members))


def rows_of(table):
    return re.search(r"<tbody>(.*)</tbody>", table)[1].split("<tr")[1:]


def test_every_heading_is_a_button_and_every_cell_has_a_value_to_sort_by(comparison):
    table = board(comparison)
    headings = re.findall(r'<th scope="col"><button type="button">([^<]+)</button></th>', table)
    assert headings[:4] == ["#", "System", "Accuracy", "95 % interval"]
    rows = rows_of(table)
    assert len(rows) == 3
    assert all(row.count("data-value=") == len(headings) for row in rows)


def test_values_are_those_of_the_comparison(comparison):
    for row, system in zip(rows_of(board(comparison)), comparison.systems, strict=True):
        values = re.findall(r'data-value="([^"]*)"', row)
        assert float(values[0]) == system["rank"]
        assert float(values[2]) == system["mean"]
        assert float(values[3]) == float(values[4]) == system["ci95"][0]


def test_marks_stand_beside_their_system_and_costs_have_units(comparison):
    rows = rows_of(board(comparison))
    assert ["leakage allowed" in row for row in rows] == [True, False, False]
    assert "1.2 MB" in rows[0] and "2.50" in rows[0]


def test_the_axis_is_under_the_intervals(comparison):
    foot = re.search(r"<tfoot>(.*)</tfoot>", board(comparison))[1]
    cells = foot.split("<td>")[1:]
    assert [number for number, cell in enumerate(cells) if "axis" in cell] == [3]
