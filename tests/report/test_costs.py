import itertools
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from featkit.report.costs import Point, draw, frontier

POINTS = [
    Point("cheap", 0.01, 0.75),
    Point("dear and worse", 0.5, 0.74),
    Point("dear", 0.3, 0.94),
    Point("middling <&>", 0.1, 0.85),
    Point("as good, dearer", 0.2, 0.85),
]


def test_the_frontier_has_what_no_cheaper_point_reaches():
    assert [point.name for point in frontier(POINTS)] == ["cheap", "middling <&>", "dear"]


def test_the_figure_is_a_document_in_which_cost_goes_right_and_accuracy_up():
    root = ElementTree.fromstring(draw(POINTS, "CPU seconds a clip", "accuracy, %"))
    space = {"s": "http://www.w3.org/2000/svg"}
    places = {
        circle.find("s:title", space).text.split(":")[0]: (
            float(circle.get("cx")),
            float(circle.get("cy")),
        )
        for circle in root.findall("s:circle", space)
    }
    assert len(places) == 5
    for one in POINTS:
        for other in POINTS:
            if one.cost < other.cost:
                assert places[one.name][0] < places[other.name][0]
            if one.accuracy < other.accuracy:
                assert places[one.name][1] > places[other.name][1]
    # Equal ratios are equal distances: 0.1 to 0.2 is log 2 of 0.01 to 0.1.
    across = {name: place[0] for name, place in places.items()}
    double = across["as good, dearer"] - across["middling <&>"]
    assert across["middling <&>"] - across["cheap"] == pytest.approx(double / np.log10(2), abs=0.3)


def test_labels_do_not_cover_each_other():
    crowd = [Point(f"point {number}", 0.1, 0.9) for number in range(6)]
    texts = re.findall(r'y="([\d.]+)">point', draw(crowd, "cost", "accuracy"))
    heights = sorted(map(float, texts))
    assert min(b - a for a, b in itertools.pairwise(heights)) >= 13
