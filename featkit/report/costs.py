"""Accuracy against cost, as one SVG figure: the logarithm of the cost to the right, accuracy up."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from featkit.report.figures import scale_of
from featkit.report.markup import Html, tag

WIDTH, HEIGHT = 760, 460
LEFT, RIGHT, TOP, BOTTOM = 56, 150, 20, 46
# Height of a line of labels, and width of a letter.
LINE, LETTER = 13, 6.2
STYLE = (
    "text{font:11px sans-serif;fill:#222}.grid{stroke:#ddd}"
    ".best{fill:#c0392b}.other{fill:#5b7fa6}.front{fill:none;stroke:#c0392b;stroke-dasharray:4 3}"
)


@dataclass(frozen=True)
class Point:
    """One way to describe a clip.

    Attributes
    ----------
    name : str
    cost : float
        Above 0.
    accuracy : float
        0–1.
    """

    name: str
    cost: float
    accuracy: float


def frontier(points: Iterable[Point]) -> list[Point]:
    """Return the points that no cheaper point equals or exceeds in accuracy, the cheapest first."""
    best: list[Point] = []
    for point in sorted(points, key=lambda one: (one.cost, -one.accuracy)):
        if not best or point.accuracy > best[-1].accuracy:
            best.append(point)
    return best


def draw(points: Sequence[Point], cost: str, accuracy: str) -> Html:
    """Return the figure as an SVG document of its own; points of the `frontier` are joined.

    Parameters
    ----------
    points : sequence of Point
        At least one.
    cost, accuracy : str
        Titles of the axes.
    """
    up = scale_of([point.accuracy for point in points])
    low = math.log10(min(point.cost for point in points)) - 0.05
    high = max(math.log10(max(point.cost for point in points)), low + 0.3) + 0.05

    def x(value: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (math.log10(value) - low) / (high - low)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - up.low) / (up.high - up.low)

    front = frontier(points)
    grid = [_across(f"{100 * value:g}", y(value)) for value in up.ticks()]
    grid += [_along(f"{value:g}", x(value)) for value in _round(low, high)]
    line = " ".join(f"{x(point.cost):.1f},{y(point.accuracy):.1f}" for point in front)
    marks = [tag("polyline", points=line, class_="front")]
    taken: list[tuple[float, float, float]] = []
    for point in sorted(points, key=lambda one: -one.accuracy):
        at = x(point.cost), y(point.accuracy)
        kind = "best" if point in front else "other"
        title = tag("title", f"{point.name}: {100 * point.accuracy:.1f} %, {point.cost:g}")
        place = f'cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="4" class="{kind}"'
        marks.append(Html(f"<circle {place}>{title}</circle>"))
        marks.append(_label(point.name, *at, taken))
    titles = [
        tag("text", cost, x=(LEFT + WIDTH - RIGHT) / 2, y=HEIGHT - 8, text_anchor="middle"),
        tag("text", accuracy, x=14, y=TOP + 120, transform=f"rotate(-90 14 {TOP + 120})"),
    ]
    box = {"width": WIDTH, "height": HEIGHT, "viewBox": f"0 0 {WIDTH} {HEIGHT}", "role": "img"}
    parts = [tag("style", STYLE), *grid, *marks, *titles]
    return tag("svg", *parts, xmlns="http://www.w3.org/2000/svg", **box)


def _round(low: float, high: float) -> list[float]:
    """Return 1, 2 and 5 times the powers of ten whose logarithms lie within a range."""
    powers = range(math.floor(low), math.ceil(high))
    values = [digit * 10.0**power for power in powers for digit in (1, 2, 5)]
    return [value for value in values if low <= math.log10(value) <= high]


def _across(text: str, at: float) -> Html:
    line = tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=f"{at:.1f}", y2=f"{at:.1f}", class_="grid")
    return Html(line + tag("text", text, x=LEFT - 6, y=f"{at + 4:.1f}", text_anchor="end"))


def _along(text: str, at: float) -> Html:
    line = tag("line", x1=f"{at:.1f}", x2=f"{at:.1f}", y1=TOP, y2=HEIGHT - BOTTOM, class_="grid")
    return Html(line + tag("text", text, x=f"{at:.1f}", y=HEIGHT - 28, text_anchor="middle"))


def _label(name: str, x: float, y: float, taken: list[tuple[float, float, float]]) -> Html:
    """Return the name beside a point, lower where another label is; note where it is.

    It is to the right unless it would leave the figure there.
    """
    length = LETTER * len(name)
    left = x + 7 if x + 7 + length < WIDTH else x - 7 - length
    end = left + length
    while any(abs(y - other) < LINE and left < to and at < end for at, to, other in taken):
        y += 2
    taken.append((left, end, y))
    place = {"x": f"{x + 7:.1f}"} if left > x else {"x": f"{x - 7:.1f}", "text_anchor": "end"}
    return tag("text", name, **place, y=f"{y + 4:.1f}")
