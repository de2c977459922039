"""Where systems err: recall of each class, and confusion matrices."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from featkit.comparison.confusion import confusion, recalls
from featkit.comparison.systems import System
from featkit.report.markup import Html, join, scroll, tag
from featkit.report.strips import badges, name_of

MOST_CLASSES = 60


def confusion_table(system: System) -> Html:
    """Return the confusion matrix: counts, shaded by their fraction of the row.

    Of more than `MOST_CLASSES` classes only the largest confusions.
    """
    classes, counts = confusion(system)
    if not len(classes):
        return tag("p", "No predictions of single clips are stored.")
    pairs = _pairs(classes, counts)
    if len(classes) > MOST_CLASSES:
        return join(tag("p", f"{len(classes)} classes: the matrix is left out."), pairs)
    fractions = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    head = tag(
        "tr",
        tag("th", "true ↓ predicted →", scope="col", class_="corner"),
        *(_column(label) for label in classes),
    )
    rows = []
    for label, row, part in zip(classes, counts, fractions, strict=True):
        cells = [
            _cell(count, fraction)
            for count, fraction in zip(row.tolist(), part.tolist(), strict=True)
        ]
        rows.append(tag("tr", tag("th", label, scope="row"), *cells))
    table = tag("table", tag("thead", head), tag("tbody", *rows), class_="matrix")
    return join(scroll(table, f"Confusion matrix of {system.label}, {system.place}"), pairs)


def recall_table(systems: Sequence[System], names: dict[str, str]) -> Html:
    """Return the recall of every class under every system, one line for each system."""
    counted = [(system, *confusion(system)) for system in systems]
    classes = sorted({label for _, labels, _ in counted for label in labels})
    if not classes:
        return tag("p", "No predictions of single clips are stored.")
    if len(classes) > MOST_CLASSES:
        return tag("p", f"{len(classes)} classes: the table is left out.")
    sizes = dict.fromkeys(classes, 0)
    rows = []
    for system, labels, counts in counted:
        recall = dict(zip(labels, recalls(counts).tolist(), strict=True))
        for label, total in zip(labels, counts.sum(axis=1).tolist(), strict=True):
            sizes[label] = max(sizes[label], total // max(1, len(system.runs)))
        cells = [_fraction_cell(recall.get(label, math.nan)) for label in classes]
        name = tag("th", name_of(names[system.label], system.label), badges(system), scope="row")
        rows.append(tag("tr", name, *cells))
    corner = tag("th", "system", scope="col", class_="corner")
    head = tag("tr", corner, *(_column(label) for label in classes))
    clips = [tag("td", sizes[label], class_="num") for label in classes]
    foot = tag("tr", tag("th", "clips", scope="row"), *clips)
    parts = (tag("thead", head), tag("tbody", *rows), tag("tfoot", foot))
    return scroll(
        tag("table", *parts, class_="matrix recall"), f"Recall of each class, {systems[0].place}"
    )


def _pairs(classes: Sequence[str], counts: NDArray[np.int64]) -> Html:
    errors = counts.copy()
    np.fill_diagonal(errors, 0)
    order = np.argsort(-errors, axis=None, kind="stable")[:5]
    largest = [divmod(int(at), len(classes)) for at in order if errors.flat[at]]
    items = [
        tag("li", f"{classes[row]} predicted as {classes[column]}: {errors[row, column]}")
        for row, column in largest
    ]
    return (
        join(tag("h4", "Largest confusions"), tag("ul", *items))
        if items
        else tag("p", "No errors.")
    )


def _column(label: str) -> Html:
    return tag("th", tag("span", label), scope="col", class_="column")


def _cell(count: int, fraction: float) -> Html:
    if not count:
        return Html("<td></td>")
    return tag("td", count, style=f"--v:{fraction:.3f}", title=f"{100 * fraction:.1f} % of its row")


def _fraction_cell(fraction: float) -> Html:
    if math.isnan(fraction):
        return tag("td", "–")
    return tag("td", f"{100 * fraction:.0f} %", style=f"--v:{fraction:.3f}")
