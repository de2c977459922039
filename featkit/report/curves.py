"""Learning curves as a picture: loss and accuracy over the epochs."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from featkit.errors import ParameterError

PARTS = ("train", "valid", "test")
_COLOURS = {"train": "#0b5fa5", "valid": "#b35a00", "test": "#2b7a3f"}


def draw(curves: Sequence[Mapping[str, Any]]) -> Figure:
    """Return a figure of two panels, loss and accuracy in %, with a line for each part.

    Parameters
    ----------
    curves : sequence of mapping
        One for each epoch, as `featkit.training.loop.Trainer.fit` gives them: ``epoch`` and
        ``train_loss``, ``train_accuracy``, ``valid_loss`` … as far as there are such parts.

    Raises
    ------
    ParameterError
        If there is no epoch.
    """
    if not curves:
        raise ParameterError("there is no epoch to draw")
    figure = Figure(figsize=(8, 3.2), layout="constrained")
    FigureCanvasAgg(figure)
    epochs = [row["epoch"] + 1 for row in curves]
    panels = figure.subplots(1, 2)
    for place, (what, unit, factor) in zip(
        panels, (("loss", "nats", 1), ("accuracy", "%", 100)), strict=True
    ):
        for part in PARTS:
            if f"{part}_{what}" in curves[0]:
                values = [factor * row[f"{part}_{what}"] for row in curves]
                # One epoch has no line, so it gets a dot.
                marker = "o" if len(epochs) == 1 else ""
                place.plot(epochs, values, label=part, color=_COLOURS[part], marker=marker)
        place.set_xlabel("epoch")
        place.set_ylabel(f"{what} ({unit})")
        place.set_ylim(0, 100 if what == "accuracy" else None)
        place.xaxis.set_major_locator(MaxNLocator(integer=True))
        if place.lines:
            place.legend()
    return figure


def save(curves: Sequence[Mapping[str, Any]], path: str | os.PathLike[str], dpi: int = 120) -> None:
    """Write the figure to a PNG file."""
    draw(curves).savefig(path, format="png", dpi=dpi)
