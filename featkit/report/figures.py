"""Figures as inline SVG.

Strips place marks by percentage, so they fit any width without shrinking their text.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from featkit.comparison.ranking import Ranking
from featkit.comparison.statistics.ranks import cliques
from featkit.comparison.systems import System
from featkit.report.markup import Html, tag

Scale = tuple[float, float]


def scale_of(values: Sequence[float]) -> Scale:
    """Return the smallest range of accuracies, in whole tenths, that holds some values."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    low, high = math.floor(low * 10 + 1e-9) / 10, math.ceil(high * 10 - 1e-9) / 10
    return (low, high) if high > low else (max(0.0, low - 0.1), min(1.0, low + 0.1))


def interval_strip(system: System, scale: Scale) -> Html:
    """Return the mean as a dot and the 95 % interval as a bar."""
    if system.mean is None or system.interval[0] is None:
        return Html("")
    low, high = system.interval[0]
    description = f"{100 * system.mean:.1f} %, 95 % interval {100 * low:.1f} to {100 * high:.1f} %"
    marks = [
        *_grid(scale, 24),
        tag("line", x1=_x(low, scale), x2=_x(high, scale), y1=12, y2=12, class_="bar"),
        tag("circle", cx=_x(system.mean, scale), cy=12, r=4.5, class_="mean"),
    ]
    return tag(
        "svg",
        tag("title", description),
        *marks,
        class_="strip",
        height=24,
        role="img",
        aria_label=description,
    )


def dots_strip(system: System, scale: Scale) -> Html:
    """Return a circle for each fold, a diamond for each seed, and the mean as a line.

    The diamonds lie below the circles; a single seed has none.
    """
    folds = ", ".join(f"{fold}: {100 * value:.1f}" for fold, value in system.fold_means.items())
    seeds = (
        ", ".join(f"{100 * value:.1f}" for value in system.run_means)
        if len(system.runs) > 1
        else ""
    )
    description = f"folds {folds}" + (f"; seeds {seeds}" if seeds else "")
    marks = list(_grid(scale, 36))
    if system.mean is not None:
        marks.append(
            tag(
                "line",
                x1=_x(system.mean, scale),
                x2=_x(system.mean, scale),
                y1=3,
                y2=33,
                class_="meanline",
            )
        )
    for fold, value in system.fold_means.items():
        title = tag("title", f"fold {fold}: {100 * value:.1f} %")
        marks.append(
            Html(f'<circle cx="{_x(value, scale)}" cy="12" r="4.5" class="fold">{title}</circle>')
        )
    if len(system.runs) > 1:
        for value in system.run_means:
            title = tag("title", f"seed: {100 * value:.1f} %")
            path = Html(f'<path d="M0 -5L5 0L0 5L-5 0Z" class="seed">{title}</path>')
            marks.append(tag("svg", path, x=_x(value, scale), y=26, overflow="visible"))
    return tag(
        "svg",
        tag("title", description),
        *marks,
        class_="strip",
        height=36,
        role="img",
        aria_label=description,
    )


def axis(scale: Scale) -> Html:
    """Return the labels of the grid in percent."""
    texts = [
        tag("text", f"{100 * value:.0f}", x=_x(value, scale), y=13, text_anchor="middle")
        for value in _ticks(scale)
    ]
    return tag("svg", *texts, class_="strip axis", height=18, aria_hidden="true")


def critical_difference_diagram(ranking: Ranking, names: dict[str, str]) -> Html:
    """Return the critical-difference diagram of [Demsar2006].

    Mean ranks on a line, the best on the left; bars join systems that do not differ.
    """
    bars = cliques(ranking.ranks, ranking.difference)
    top = 58 + 9 * len(bars)
    height = top + 20 * ((len(ranking.systems) + 1) // 2) + 14
    place = _Line(left=240, right=560, last=len(ranking.systems))
    marks = [*_rank_axis(ranking, place), *_leads(ranking, names, place, top)]
    for at, (first, last) in enumerate(bars):
        ends = {"x1": place(ranking.ranks[first]) - 4, "x2": place(ranking.ranks[last]) + 4}
        marks.append(tag("line", **ends, y1=53 + 9 * at, y2=53 + 9 * at, class_="clique"))
    listed = (
        f"{names[label]} {rank:.2f}"
        for label, rank in zip(ranking.systems, ranking.ranks, strict=True)
    )
    description = f"Mean ranks over {ranking.title}: {', '.join(listed)}"
    box = {"width": 820, "height": height, "viewbox": f"0 0 820 {height}"}
    return tag("svg", *marks, **box, role="img", aria_label=description, class_="diagram")


@dataclass(frozen=True)
class _Line:
    """Where ranks 1 to ``last`` lie between two pixels."""

    left: int
    right: int
    last: int

    def __call__(self, rank: float) -> float:
        """Return the pixel of a rank."""
        return round(self.left + (self.right - self.left) * (rank - 1) / (self.last - 1), 2)


def _rank_axis(ranking: Ranking, place: _Line) -> list[Html]:
    marks = [tag("line", x1=place.left, x2=place.right, y1=44, y2=44, class_="ink")]
    for rank in range(1, place.last + 1):
        marks.append(tag("line", x1=place(rank), x2=place(rank), y1=39, y2=44, class_="ink"))
        marks.append(tag("text", rank, x=place(rank), y=34, text_anchor="middle"))
    reach = place(1 + min(ranking.difference, place.last - 1))
    marks.append(
        tag("path", d=f"M{place.left} 10V18M{place.left} 14H{reach}M{reach} 10V18", class_="cd")
    )
    more = "" if ranking.difference <= place.last - 1 else " (longer than the axis)"
    return [
        *marks,
        tag("text", f"critical difference {ranking.difference:.2f}{more}", x=reach + 8, y=18),
    ]


def _leads(ranking: Ranking, names: dict[str, str], place: _Line, top: int) -> list[Html]:
    """Return a line from each mean rank to its name, the better half on the left."""
    marks = []
    for at, (label, rank) in enumerate(zip(ranking.systems, ranking.ranks, strict=True)):
        on_left = at < (place.last + 1) // 2
        y = top + 20 * (at if on_left else place.last - 1 - at)
        end = place.left - 8 if on_left else place.right + 8
        name = _cut(names[label])
        text = f"{name}  {rank:.2f}" if on_left else f"{rank:.2f}  {name}"
        where = {
            "x": end + (-4 if on_left else 4),
            "y": y + 4,
            "text_anchor": "end" if on_left else "start",
        }
        marks.append(tag("path", d=f"M{place(rank)} 44V{y}H{end}", class_="lead"))
        marks.append(tag("text", tag("title", f"{label}: mean rank {rank:.2f}"), text, **where))
    return marks


def _cut(text: str, most: int = 27) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _x(value: float, scale: Scale) -> str:
    """Return the place of a value as a percentage, with room for the marks at both ends."""
    fraction = (value - scale[0]) / (scale[1] - scale[0])
    return f"{2 + 96 * fraction:.2f}%"


def _ticks(scale: Scale) -> list[float]:
    tenths = round(10 * (scale[1] - scale[0]))
    step = 1 if tenths <= 6 else 2
    return [round(scale[0] + 0.1 * at, 1) for at in range(0, tenths + 1, step)]


def _grid(scale: Scale, height: int) -> list[Html]:
    return [
        tag("line", x1=_x(value, scale), x2=_x(value, scale), y1=0, y2=height, class_="grid")
        for value in _ticks(scale)
    ]


def legend() -> Html:
    """Return what the marks of `dots_strip` mean."""
    circle = tag(
        "svg",
        tag("circle", cx=7, cy=7, r=4.5, class_="fold"),
        width=14,
        height=14,
        aria_hidden="true",
    )
    diamond = tag(
        "svg",
        tag("path", d="M7 2L12 7L7 12L2 7Z", class_="seed"),
        width=14,
        height=14,
        aria_hidden="true",
    )
    line = tag(
        "svg",
        tag("line", x1=7, x2=7, y1=0, y2=14, class_="meanline"),
        width=14,
        height=14,
        aria_hidden="true",
    )
    return tag(
        "p",
        circle,
        " a fold (mean of its seeds)  ",
        diamond,
        " a seed (mean of its folds)  ",
        line,
        " mean",
        class_="legend",
    )
