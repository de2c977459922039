"""Pictures and pages of learned front-ends: filters, predicted log-mels, domains."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from featkit.analysis.domain_transfer import Domain
from featkit.analysis.filters import Filters, Prediction
from featkit.report.transfer import page, picture, table

_BLUE = "#0b5fa5"
_SHOWN = 12


def draw_filters(filters: Filters) -> Figure:
    """Return a figure of the responses of all filters, sorted, and of twelve kernels among them."""
    figure = Figure(figsize=(9, 7), layout="constrained")
    FigureCanvasAgg(figure)
    parts: Any = figure.subfigures(2, 1, height_ratios=(3, 2))
    upper, lower = parts
    place = upper.subplots()
    top = filters.frequencies[-1]
    extent = (0, len(filters.peaks), 0, top)
    levels = 20 * np.log10(np.maximum(filters.responses, 1e-2))
    mesh = place.imshow(levels.T, origin="lower", aspect="auto", extent=extent, cmap="magma")
    at = np.arange(len(filters.peaks)) + 0.5
    place.plot(at, filters.peaks, ".", color="white", markersize=1.5)
    place.set_xlabel("filter, by peak frequency")
    place.set_ylabel("frequency (Hz)")
    upper.colorbar(mesh, ax=place, label="response (dB below the filter's peak)")
    chosen = np.unique(np.linspace(0, len(filters.peaks) - 1, _SHOWN).round().astype(int))
    places = lower.subplots(3, -(-len(chosen) // 3), squeeze=False).ravel()
    for panel, number in zip(places, chosen, strict=False):
        panel.plot(filters.kernels[number], linewidth=0.5, color=_BLUE)
        panel.set_title(f"{filters.peaks[number]:.0f} Hz", fontsize="small")
    for panel in places:
        panel.set_xticks([])
        panel.set_yticks([])
    return figure


def draw_prediction(prediction: Prediction) -> Figure:
    """Return a figure of the predicted and the true log-mel, one above the other."""
    figure = Figure(figsize=(9, 5.4), layout="constrained")
    FigureCanvasAgg(figure)
    places = figure.subplots(2, 1, sharex=True)
    parts = ((prediction.predicted, "predicted", "−1 … 1"), (prediction.target, "target", "dB"))
    for place, (values, title, unit) in zip(places, parts, strict=True):
        extent = (0, prediction.seconds, 0, len(values))
        mesh = place.imshow(values, origin="lower", aspect="auto", extent=extent, cmap="magma")
        place.set_title(f"{title}, correlation {prediction.correlation:.3f}"
                        if title == "predicted" else title, fontsize="medium")  # fmt: skip
        place.set_ylabel("mel band")
        figure.colorbar(mesh, ax=place, label=unit)
    places[-1].set_xlabel("time (s)")
    return figure


def draw_domains(domains: Sequence[Domain]) -> Figure:
    """Return a figure of explained variance and correlation for each domain."""
    figure = Figure(figsize=(8, 0.8 + 0.7 * len(domains)), layout="constrained")
    FigureCanvasAgg(figure)
    place = figure.subplots()
    at = np.arange(len(domains))
    for shift, name, label, colour in (
        (-0.27, "r2_own", "R² against the domain's mean", _BLUE),
        (0, "r2", "R² against the training mean", "#7fb2d9"),
        (0.27, "correlation", "correlation", "#b35a00"),
    ):
        values = [getattr(domain, name) for domain in domains]
        place.barh(at + shift, values, 0.25, label=label, color=colour)
    place.axvline(0, color="black", linewidth=0.6)
    place.set_yticks(at, [domain.name.replace("$", r"\$") for domain in domains])
    place.invert_yaxis()
    place.legend(fontsize="small")
    return figure


def page_of_filters(
    filters: Filters, prediction: Prediction | None = None, command: str = ""
) -> str:
    """Return the page of a first layer and, with a clip, of its predicted log-mel."""
    low, high = filters.peaks[0], filters.peaks[-1]
    note = (
        f"{len(filters.peaks)} filters of {filters.kernels.shape[1]} samples at {filters.sr} Hz, "
        f"sorted by the frequency of their largest response: {low:.0f} to {high:.0f} Hz, half of "
        f"them below {np.median(filters.peaks):.0f} Hz."
    )
    shown = [picture(draw_filters(filters), "Responses and kernels of the first layer")]
    if prediction:
        shown.append(picture(draw_prediction(prediction), "Predicted and true log-mel"))
    return page("Learned filters", [note], shown, command)


def page_of_domains(domains: Sequence[Domain], command: str = "") -> str:
    """Return the page of a domain transfer."""
    rows = [
        (d.name, d.clips, d.segments, f"{d.mse:.4f}", f"{d.r2_own:.3f}", f"{d.r2:.3f}",
         f"{d.correlation:.3f}")
        for d in domains
    ]  # fmt: skip
    head = (
        "Domain",
        "Clips",
        "Segments",
        "MSE",
        "R², own mean",
        "R², training mean",
        "Correlation",
    )
    note = "Log-mels are scaled so that those of the training part span −1 to 1."
    shown = [
        picture(draw_domains(domains), "R² and correlation of each domain"),
        table("Domains", head, rows),
    ]
    return page("Transfer between domains", [note], shown, command)
