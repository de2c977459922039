import re

import numpy as np
import pytest

from featkit.comparison.pooling import pool
from featkit.report.figures import (
    Scale,
    axis,
    dots_strip,
    interval_strip,
    legend,
    range_strip,
    scale_of,
)

WHOLE = Scale(0.0, 1.0)


def places(markup, pattern):
    return [float(value) for value in re.findall(pattern, markup)]


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [
        ([0.34, 0.87], 0.2, 1.0),
        ([0.3, 0.9], 0.2, 1.0),
        ([0.5, 0.9], 0.5, 0.9),
        ([], 0.0, 1.0),
        ([1.0], 1.0, 1.002),
        ([0.0, -0.13, 0.31], -0.2, 0.4),
    ],
)
def test_the_scale_ends_at_round_numbers_around_the_values(values, low, high):
    scale = scale_of(values)
    assert (scale.low, scale.high) == pytest.approx((low, high))


def test_places_leave_room_for_marks_at_both_ends():
    assert [WHOLE.place(value) for value in (0.0, 0.5, 1.0)] == ["4.00%", "50.00%", "96.00%"]


def test_marks_lie_where_their_value_is(make_scores):
    (system,) = pool(make_scores([[1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0]]))
    drawn = dots_strip(system, WHOLE)
    assert places(drawn, r'circle cx="([\d.]+)%"') == pytest.approx([27.0, 50.0, 73.0])
    assert places(drawn, r'x1="([\d.]+)%" x2="[\d.]+%" y1="2"') == pytest.approx([50.0])
    assert "fold 2: 50.0 %" in drawn
    low, high = system.interval[0]
    bar = interval_strip(system, WHOLE)
    ends = re.search(r'x1="([\d.]+)%" x2="([\d.]+)%" y1="12" y2="12" class="bar"', bar)
    assert [float(end) for end in ends.groups()] == pytest.approx(
        [4 + 92 * low, 4 + 92 * high], abs=0.006
    )


def test_seeds_are_another_shape(make_scores):
    (system,) = pool(make_scores(np.eye(2)) + make_scores(np.ones((2, 2)), seed=1))
    drawn = dots_strip(system, WHOLE)
    assert places(drawn, r'<svg x="([\d.]+)%"') == pytest.approx([50.0, 96.0])
    assert drawn.count('class="seed"') == 2 and drawn.count('class="fold"') == 2
    assert "seeds 50.0, 100.0" in drawn


def test_the_axis_has_round_numbers():
    def texts(scale):
        return re.findall(r">([−\d.]+)</text>", axis(scale))

    assert texts(Scale(0.2, 1.0)) == ["20", "40", "60", "80", "100"]
    assert texts(Scale(-0.1, 0.3)) == ["−10", "0", "10", "20", "30"]
    assert texts(Scale(0.3, 6.7, 1.0)) == ["2", "4", "6"]


def test_a_range_is_a_bar_and_a_dot_with_words():
    drawn = range_strip("+25 points", 0.25, (0.0, 0.5), WHOLE)
    assert 'aria-label="+25 points"' in drawn and 'cx="27.00%"' in drawn
    assert 'x1="4.00%" x2="50.00%" y1="12"' in drawn
    assert "bar" not in range_strip("alone", 0.25, None, WHOLE)


def test_the_legend_names_every_shape():
    assert all(name in legend() for name in ("a fold", "a seed", "mean"))


def test_a_system_without_scores_has_no_interval(make_scores):
    (system,) = pool(make_scores([[1, 1]], error="ValueError: no", accuracy=None))
    assert interval_strip(system, WHOLE) == ""
    assert "circle" not in dots_strip(system, WHOLE)
