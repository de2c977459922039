"""Pictures and pages of the transfer analyses: a curve over prefixes, and what training changed."""

import base64
import io
from collections.abc import Sequence

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from featkit.analysis.transfer import Curve
from featkit.analysis.weights_change import Change
from featkit.report.document import document
from featkit.report.markup import Html, breakable, scroll, tag

_TITLES = {
    "weight-fusion": ("Weight fusion", "pre-trained through"),
    "freeze": ("Weight freeze", "frozen through"),
    "cutoff": ("Cutoff", "net ends behind"),
}
_NOTES = {
    "weight-fusion": "The stem and the blocks through the one named start from the pre-trained "
    "weights, the rest from random ones; everything is then trained.",
    "freeze": "All starts from the pre-trained weights; the stem and the blocks through the one "
    "named stay as they are, statistics of batch normalisation included.",
    "cutoff": "What follows the block named is removed; the head reads the block's output.",
}
_BLUE, _ORANGE, _GREY = "#0b5fa5", "#b35a00", "#777777"


def draw_curve(curve: Curve) -> Figure:
    """Return a figure of accuracy in % over prefixes: means with 95 % intervals, and seeds as dots.

    An interval that leaves 0 to 100 % is cut off there.
    """
    title, axis = _TITLES[curve.study]
    figure = Figure(figsize=(6.4, 3.6), layout="constrained")
    FigureCanvasAgg(figure)
    place = figure.subplots()
    at = range(len(curve.points))
    means = [100 * point.mean for point in curve.points]
    for x, point in zip(at, curve.points, strict=True):
        place.plot([x] * len(point.accuracies), [100 * value for value in point.accuracies], "o",
                   color=_GREY, markersize=3)  # fmt: skip
        if point.interval:
            place.vlines(x, *(100 * end for end in point.interval), color=_BLUE, linewidth=1.5)
    place.plot(at, means, "-s", color=_BLUE, markersize=5)
    place.set_xticks(at, [point.level for point in curve.points])
    low = min(100 * value for point in curve.points for value in point.accuracies)
    place.set_ylim(max(0, low - 15), 102)
    place.set_xlabel(axis)
    place.set_ylabel("accuracy (%)")
    place.set_title(f"{title}, {curve.dataset}", parse_math=False)
    place.grid(axis="y", linewidth=0.4)
    return figure


def draw_changes(changes: Sequence[Change]) -> Figure:
    """Return a figure of SVCCA and CKA over blocks, a panel each, with a line for each start."""
    figure = Figure(figsize=(8, 3.4), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, 2, sharey=True)
    starts = dict.fromkeys(row.start for row in changes)
    for panel, (name, title) in zip(panels, (("svcca", "SVCCA"), ("cka", "CKA")), strict=True):
        for start, colour in zip(starts, (_BLUE, _ORANGE), strict=False):
            own = [row for row in changes if row.start == start]
            labels = [row.block for row in own]
            panel.plot(labels, [getattr(row, name) for row in own], "-s", color=colour, label=start)
            if name == "svcca":
                chance = [row.chance for row in own]
                panel.plot(labels, chance, ":", color=colour, label=f"{start}, clips mixed up")
        panel.set_title(title)
        panel.set_ylim(0, 1.02)
        panel.grid(axis="y", linewidth=0.4)
        panel.legend(fontsize="small")
    panels[0].set_ylabel("before against after training")
    return figure


def page_of_curve(curve: Curve, command: str = "") -> str:
    """Return the page of a curve: picture, table, what was measured."""
    title, axis = _TITLES[curve.study]
    rows = [
        (
            point.level,
            f"{100 * point.mean:.2f}",
            _interval(point.interval),
            ", ".join(f"{100 * value:.2f}" for value in point.accuracies),
            breakable(point.classifier),
        )
        for point in curve.points
    ]
    head = (axis.capitalize(), "Mean accuracy %", "95 % interval", "Seeds", "Classifier")
    folds = f"{curve.feature}, test folds {', '.join(curve.folds)}."
    interval = "Intervals are Student's over seeds: they leave out that other clips would differ."
    shown = [
        picture(draw_curve(curve), f"{title}: accuracy over prefixes"),
        table(title, head, rows),
    ]
    notes = [f"{folds} {_NOTES[curve.study]} {interval}"]
    return page(f"{title}: {curve.dataset}", notes, shown, command)


def page_of_changes(changes: Sequence[Change], command: str = "") -> str:
    """Return the page of what training changed: picture and table."""
    rows = [
        (row.start, row.block, f"{row.svcca:.3f}", f"{row.chance:.3f}", f"{row.cka:.3f}",
         row.points, row.units)
        for row in changes
    ]  # fmt: skip
    head = ("Start", "Block", "SVCCA", "SVCCA, clips mixed up", "CKA", "Points", "Channels")
    note = (
        "Outputs of each block for the same clips before and after training; 1: one is the other "
        "but for rotation and scale. With few points for many channels SVCCA is high for unrelated "
        "outputs too: compare with the column of clips mixed up."
    )
    shown = [
        picture(draw_changes(changes), "SVCCA and CKA over blocks"),
        table("Blocks", head, rows),
    ]
    return page("What training changed", [note], shown, command)


def page(title: str, notes: Sequence[str], shown: Sequence[Html], command: str) -> str:
    """Return the page of an analysis: title, what to know, pictures and tables, the command."""
    header = tag("header", tag("p", "featkit analysis", class_="kicker"), tag("h1", title))
    texts = [tag("p", note, class_="note") for note in notes]
    foot = [tag("p", "Made by ", tag("code", command), class_="note")] if command else []
    return document(f"featkit: {title}", tag("main", header, *texts, *shown, *foot))


def picture(figure: Figure, text: str) -> Html:
    """Return a figure as an image inside the page; ``text`` says what it shows."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=120)
    data = base64.b64encode(buffer.getvalue()).decode()
    source = f"data:image/png;base64,{data}"
    return tag("p", tag("img", src=source, alt=text, class_="drawn"))


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> Html:
    """Return rows under a header, in a box that scrolls sideways."""
    cells = [tag("tr", *(tag("td", cell) for cell in row)) for row in rows]
    top = tag("tr", *(tag("th", text, scope="col") for text in head))
    return scroll(tag("table", tag("thead", top), tag("tbody", *cells), class_="plain"), title)


def _interval(ends: tuple[float, float] | None) -> str:
    return "" if ends is None else f"{100 * ends[0]:.1f} to {100 * ends[1]:.1f}"
