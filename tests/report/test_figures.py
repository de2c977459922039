import re
from xml.etree import ElementTree

import numpy as np
import pytest

from featkit.comparison.labels import short_labels
from featkit.comparison.overview import compare
from featkit.comparison.pooling import pool
from featkit.report.figures import (
    axis,
    critical_difference_diagram,
    dots_strip,
    interval_strip,
    legend,
    scale_of,
)


def places(markup, pattern):
    return [float(value) for value in re.findall(pattern, markup)]


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        ([0.34, 0.87], (0.3, 0.9)),
        ([0.3, 0.9], (0.3, 0.9)),
        ([], (0.0, 1.0)),
        ([1.0], (0.9, 1.0)),
        ([0.0], (0.0, 0.1)),
        ([0.52], (0.5, 0.6)),
    ],
)
def test_the_scale_is_the_smallest_in_tenths(values, scale):
    assert scale_of(values) == pytest.approx(scale)


def test_marks_lie_where_their_value_is(make_scores):
    (system,) = pool(make_scores([[1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0]]))
    drawn = dots_strip(system, (0.0, 1.0))
    assert places(drawn, r'circle cx="([\d.]+)%"') == pytest.approx(
        [2 + 96 * share for share in (0.25, 0.5, 0.75)]
    )
    assert places(drawn, r'x1="([\d.]+)%" x2="[\d.]+%" y1="3"') == pytest.approx([50.0])
    assert "fold 2: 50.0 %" in drawn
    low, high = system.interval[0]
    bar = interval_strip(system, (0.0, 1.0))
    assert places(bar, r'x1="([\d.]+)%" x2="[\d.]+%" y1="12"') == pytest.approx(
        [2 + 96 * low], abs=0.006
    )
    assert places(bar, r'x1="[\d.]+%" x2="([\d.]+)%" y1="12"') == pytest.approx(
        [2 + 96 * high], abs=0.006
    )


def test_seeds_are_another_shape(make_scores):
    (system,) = pool(make_scores(np.eye(2)) + make_scores(np.ones((2, 2)), seed=1))
    drawn = dots_strip(system, (0.0, 1.0))
    assert places(drawn, r'<svg x="([\d.]+)%"') == pytest.approx([50.0, 98.0])
    assert drawn.count('class="seed"') == 2 and drawn.count('class="fold"') == 2
    assert "seeds 50.0, 100.0" in drawn


def test_the_axis_has_round_numbers():
    assert re.findall(r">(\d+)</text>", axis((0.3, 0.9))) == [
        "30",
        "40",
        "50",
        "60",
        "70",
        "80",
        "90",
    ]
    assert re.findall(r">(\d+)</text>", axis((0.2, 1.0))) == ["20", "40", "60", "80", "100"]


def test_the_diagram_joins_what_does_not_differ(make_scores, rng):
    scores = []
    for share, name in ((0.95, "a"), (0.93, "b"), (0.3, "c"), (0.1, "d<&>")):
        scores += make_scores(rng.random((10, 50)) < share, classifier=name)
    comparison = compare(scores)
    (ranking,) = comparison.rankings
    drawn = critical_difference_diagram(ranking, short_labels(comparison.members))
    root = ElementTree.fromstring(drawn)
    cliques = [line for line in root.iter("line") if line.get("class") == "clique"]
    assert len(cliques) == 3
    first = cliques[0]
    left, right = (240 + 320 * (ranking.ranks[at] - 1) / 3 for at in (0, 1))
    assert (float(first.get("x1")), float(first.get("x2"))) == pytest.approx(
        (left - 4, right + 4), abs=0.01
    )
    assert [text.text for text in root.iter("text")][:4] == ["1", "2", "3", "4"]
    assert f"critical difference {ranking.difference:.2f}" in drawn
    assert "d&lt;&amp;&gt;" in drawn


def test_the_legend_names_every_shape():
    assert all(name in legend() for name in ("a fold", "a seed", "mean"))


def test_a_system_without_scores_has_no_interval(make_scores):
    (system,) = pool(make_scores([[1, 1]], error="ValueError: no", accuracy=None))
    assert interval_strip(system, (0.0, 1.0)) == ""
    assert "circle" not in dots_strip(system, (0.0, 1.0))
