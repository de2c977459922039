"""Strips: small figures, one line high, as inline SVG.

Marks are placed by percentage, so a strip fits any width without shrinking its text or its dots.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from featkit.comparison.systems import System
from featkit.report.markup import Html, tag

HEIGHT = 24


@dataclass(frozen=True)
class Scale:
    """The range of a strip and what its values are multiplied by for reading."""

    low: float
    high: float
    factor: float = 100.0

    def place(self, value: float) -> str:
        """Return where a value lies as a percentage, with room for the marks at both ends."""
        return f"{4 + 92 * (value - self.low) / (self.high - self.low):.2f}%"

    def ticks(self) -> list[float]:
        """Return three to six round values within the range."""
        step = _step((self.high - self.low) * self.factor) / self.factor
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [round(at * step, 12) for at in range(first, last + 1)]


def scale_of(values: Iterable[float], factor: float = 100.0) -> Scale:
    """Return the smallest range between round values that holds some values; 0–1 for none."""
    everything = list(values)
    low, high = min(everything, default=0.0), max(everything, default=1.0)
    step = _step(max((high - low) * factor, 1.0)) / factor
    low = math.floor(low / step + 1e-9) * step
    return Scale(low, max(math.ceil(high / step - 1e-9) * step, low + step), factor)


def interval_strip(system: System, scale: Scale) -> Html:
    """Return the mean as a dot and the 95 % interval as a bar."""
    if system.mean is None or system.interval[0] is None:
        return Html("")
    low, high = system.interval[0]
    text = f"{100 * system.mean:.1f} %, 95 % interval {100 * low:.1f} to {100 * high:.1f} %"
    return _strip(text, scale, [_bar(low, high, scale), _dot(system.mean, scale, "mean")])


def dots_strip(system: System, scale: Scale) -> Html:
    """Return a circle for each fold, a diamond for each seed, and the mean as a line.

    The diamonds lie below the circles; a single seed has none.
    """
    seeds = system.run_means if len(system.runs) > 1 else []
    text = "folds " + ", ".join(
        f"{fold}: {100 * value:.1f}" for fold, value in system.fold_means.items()
    )
    if seeds:
        text += "; seeds " + ", ".join(f"{100 * value:.1f}" for value in seeds)
    middle = 9 if seeds else 12
    marks = []
    if system.mean is not None:
        at = scale.place(system.mean)
        marks.append(tag("line", x1=at, x2=at, y1=2, y2=22, class_="meanline"))
    for fold, value in system.fold_means.items():
        title = tag("title", f"fold {fold}: {100 * value:.1f} %")
        at = scale.place(value)
        marks.append(Html(f'<circle cx="{at}" cy="{middle}" r="4" class="fold">{title}</circle>'))
    for value in seeds:
        title = tag("title", f"seed: {100 * value:.1f} %")
        path = Html(f'<path d="M0 -4L4 0L0 4L-4 0Z" class="seed">{title}</path>')
        marks.append(tag("svg", path, x=scale.place(value), y=19, overflow="visible"))
    return _strip(text, scale, marks)


def range_strip(text: str, value: float, ends: Sequence[float] | None, scale: Scale) -> Html:
    """Return a value as a dot and a range as a bar; ``text`` says it in words."""
    bar = [] if ends is None else [_bar(ends[0], ends[1], scale)]
    return _strip(text, scale, [*bar, _dot(value, scale, "mean")])


def axis(scale: Scale) -> Html:
    """Return the labels of the grid."""
    texts = [
        tag("text", _number(value * scale.factor), x=scale.place(value), y=13, text_anchor="middle")
        for value in scale.ticks()
    ]
    return tag("svg", *texts, class_="strip axis", height=18, aria_hidden="true")


def legend() -> Html:
    """Return what the marks of `dots_strip` mean."""
    box = {"width": 14, "height": 14, "aria_hidden": "true"}
    circle = tag("svg", tag("circle", cx=7, cy=7, r=4, class_="fold"), **box)
    diamond = tag("svg", tag("path", d="M7 3L11 7L7 11L3 7Z", class_="seed"), **box)
    line = tag("svg", tag("line", x1=7, x2=7, y1=0, y2=14, class_="meanline"), **box)
    fold, seed = " a fold (mean of its seeds)  ", " a seed (mean of its folds)  "
    return tag("p", circle, fold, diamond, seed, line, " mean", class_="legend")


def _strip(text: str, scale: Scale, marks: Sequence[Html]) -> Html:
    grid = [
        tag("line", x1=at, x2=at, y1=0, y2=HEIGHT, class_="zero" if value == 0 else "grid")
        for value in scale.ticks()
        for at in (scale.place(value),)
    ]
    box = {"height": HEIGHT, "role": "img", "aria_label": text}
    return tag("svg", tag("title", text), *grid, *marks, class_="strip", **box)


def _bar(low: float, high: float, scale: Scale) -> Html:
    ends = {"x1": scale.place(low), "x2": scale.place(high)}
    return tag("line", **ends, y1=12, y2=12, class_="bar")


def _dot(value: float, scale: Scale, kind: str) -> Html:
    return tag("circle", cx=scale.place(value), cy=12, r=4.5, class_=kind)


def _step(extent: float) -> float:
    """Return the smallest of 1, 2, 5 times a power of ten that divides ``extent`` into up to 5."""
    power = 10.0 ** math.floor(math.log10(extent / 5))
    return next(
        digit * power for digit in (1, 2, 5, 10) if digit * power * 5 >= extent * (1 - 1e-9)
    )


def _number(value: float) -> str:
    return f"{round(value, 6):g}".replace("-", "−")
