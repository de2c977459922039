"""A feature of one clip as a picture, with axes in Hz and s as the feature states them.

Nothing here knows a feature: rows of one axis become a curve or stems, of two an image, of three
one image for each entry of the first. Images have one row of pixels for each value, equally high,
and marks where round numbers of Hz lie.
"""

import math
import os
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from featkit.audio import Signal
from featkit.errors import FeatkitError, ParameterError
from featkit.features.base import Array, Axis, Feature

MARKS = 8


def draw(feature: Feature, signal: Signal) -> Figure:
    """Return a matplotlib figure of what ``feature`` stores of ``signal``: canonical name, axes
    with units, colour bar.

    Raises
    ------
    FeatkitError
        What the feature raises for this clip.
    ParameterError
        If a row has more than three axes, or the feature states axes that do not fit its row.
    """
    (row,) = feature.compute([signal])
    if isinstance(row, Exception):
        raise (
            row
            if isinstance(row, FeatkitError)
            else FeatkitError(f"{feature.canonical}: {type(row).__name__}: {row}")
        )
    axes = feature.axes(row, signal.duration)
    if tuple(len(axis.values) for axis in axes) != row.shape or not 1 <= row.ndim <= 3:
        stated = ", ".join(f"{axis.name} of {len(axis.values)}" for axis in axes)
        raise ParameterError(
            f"{feature.canonical}: a row of shape {row.shape} with the axes {stated}"
            " cannot be drawn"
        )
    figure = Figure(figsize=(8, 4 if row.ndim < 3 else 2.4 * len(row)), layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(feature.canonical, wrap=True)
    if row.ndim == 1:
        _curve(figure.subplots(), row, axes[0], feature.units)
    else:
        _images(figure, row, axes, feature.units)
    return figure


def save(feature: Feature, signal: Signal, path: str | os.PathLike[str], dpi: int = 120) -> None:
    """Write `draw` to ``path`` as PNG."""
    draw(feature, signal).savefig(path, format="png", dpi=dpi)


def check_place(path: str | os.PathLike[str]) -> None:
    """Raise ParameterError if ``path`` is not one to which a PNG file can be written."""
    place = Path(path)
    if place.suffix.lower() != ".png":
        raise ParameterError(f"{str(place)!r} does not end in .png; pictures are PNG files")
    if place.is_dir() or not place.parent.is_dir():
        raise ParameterError(
            f"{str(place)!r} cannot be written: it is a folder, or {str(place.parent)!r} is not one"
        )
    if not os.access(place if place.exists() else place.parent, os.W_OK):
        raise ParameterError(f"{str(place)!r} cannot be written: no permission")


def marks(values: Array, most: int = MARKS) -> tuple[Array, list[str]]:
    """Return the places and texts of round values on an axis of equally spaced pixels.

    Evenly spaced values get evenly spaced marks; others, as the frequencies of a mel scale, 1, 2
    and 5 times powers of 10.
    """
    low, high = float(values[0]), float(values[-1])
    if len(values) < 2 or not high > low:
        return np.zeros(1), [f"{low:g}"]
    steps = np.diff(values)
    if np.allclose(steps, steps[0]):
        locator = MaxNLocator(most, steps=[1, 2, 5, 10], integer=bool(high - low >= most))
        ticks = np.asarray(locator.tick_values(low, high), dtype=np.float64)
    else:
        decades = range(math.floor(math.log10(max(low, 1e-6))), math.ceil(math.log10(high)) + 1)
        ticks = np.array([digit * 10.0**decade for decade in decades for digit in (1, 2, 5)])
    ticks = ticks[(ticks >= low) & (ticks <= high)]
    places = np.interp(ticks, values, np.arange(len(values)))
    apart = [0]
    for number in range(1, len(places)):
        if places[number] - places[apart[-1]] >= len(values) / (2 * most):
            apart.append(number)
    return places[apart], [f"{value:g}" for value in ticks[apart]]


def _label(axis: Axis) -> str:
    return f"{axis.name} ({axis.unit})" if axis.unit else axis.name


def _curve(place: Any, row: Array, axis: Axis, units: str) -> None:
    if axis.unit:
        place.plot(axis.values, row, linewidth=0.6)
    else:
        place.vlines(axis.values, 0.0, row, linewidth=max(0.3, min(3.0, 300 / len(row))))
        place.axhline(0.0, color="black", linewidth=0.5)
    place.set_xlabel(_label(axis))
    place.set_ylabel(units)
    place.margins(x=0.01)


def _images(figure: Figure, row: Array, axes: tuple[Axis, ...], units: str) -> None:
    """Draw each two-dimensional part of ``row`` with time to the right; all share one range of
    colours.
    """
    parts = row[None] if row.ndim == 2 else row
    low, high = float(parts.min()), float(parts.max())
    across, up = axes[-2:] if axes[-2].name == "time" else (axes[-1], axes[-2])
    places = figure.subplots(len(parts), 1, squeeze=False, sharex=True)[:, 0]
    for number, (place, part) in enumerate(zip(places, parts, strict=True)):
        image = part.T if across is axes[-2] else part
        drawn = place.imshow(
            image,
            origin="lower",
            aspect="auto",
            interpolation="nearest",
            vmin=low,
            vmax=high,
            cmap="magma",
        )
        place.set_yticks(*marks(up.values))
        place.set_xticks(*marks(across.values))
        place.set_ylabel(_label(up))
        if row.ndim == 3:
            place.set_title(
                f"{axes[0].name} {axes[0].values[number]:g} {axes[0].unit}".rstrip(),
                fontsize="small",
            )
    places[-1].set_xlabel(_label(across))
    figure.colorbar(drawn, ax=list(places), label=units)
