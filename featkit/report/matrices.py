"""Where systems err: recall of each class, confusion matrices, and the clips that most systems get
wrong.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from featkit.comparison.confusion import confused_clips, confusion, recalls
from featkit.comparison.systems import System
from featkit.report.markup import Html, join, scroll, tag
from featkit.report.specimen import Specimen, Specimens, drawing, player

MOST_CLASSES = 60
MOST_PICTURES = 12


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
    return join(scroll(table, f"Confusion matrix of {system.label}"), pairs)


def recall_table(systems: Sequence[System], names: dict[str, str]) -> Html:
    """Return the recall of every class under every system."""
    predicted = [system for system in systems if any(score.ids for score in system.scores)]
    counted = [(system, *confusion(system)) for system in predicted]
    classes = sorted({label for _, labels, _ in counted for label in labels})
    head = tag(
        "tr",
        tag("th", "class", scope="col"),
        tag("th", "clips", scope="col"),
        *(_column(_title(system, names)) for system in predicted),
    )
    values = [
        dict(zip(labels, recalls(counts).tolist(), strict=True)) for _, labels, counts in counted
    ]
    sizes = [
        dict(zip(labels, (counts.sum(axis=1) // max(1, len(system.runs))).tolist(), strict=True))
        for system, labels, counts in counted
    ]
    rows = []
    for label in classes:
        clips = max(size.get(label, 0) for size in sizes)
        cells = [_fraction_cell(recall.get(label, float("nan"))) for recall in values]
        rows.append(
            tag("tr", tag("th", label, scope="row"), tag("td", clips, class_="num"), *cells)
        )
    table = tag("table", tag("thead", head), tag("tbody", *rows), class_="matrix recall")
    return scroll(table, "Recall of each class")


def clips_table(systems: Sequence[System], specimens: Specimens | None = None) -> Html:
    """Return the most confused clips as a table.

    Where ``specimens`` pictures them, pictures of the first `MOST_PICTURES` come before it.
    """
    clips = confused_clips(systems)
    if not clips:
        return tag(
            "p", "No clip was predicted wrongly, or no predictions of single clips are stored."
        )
    head = tag(
        "tr",
        *(
            tag("th", text, scope="col")
            for text in ("Clip", "True class", "Wrong in", "Predicted as")
        ),
    )
    rows = [
        tag(
            "tr",
            tag("td", clip["id"], class_="id"),
            tag("td", clip["label"]),
            _fraction_cell(clip["wrong"]),
            tag("td", _few(clip["instead"])),
        )
        for clip in clips
    ]
    table = scroll(
        tag("table", tag("thead", head), tag("tbody", *rows), class_="plain"), "Most confused clips"
    )
    if specimens is None:
        return table
    cards = (
        _card(clip, specimens(systems[0].dataset, clip["id"])) for clip in clips[:MOST_PICTURES]
    )
    return join(tag("div", *cards, class_="specimens"), table)


def _card(clip: dict[str, Any], specimen: Specimen | str) -> Html:
    """Return the picture of a clip and its player, or why there is none, above its predictions."""
    if isinstance(specimen, str):
        picture = tag("p", f"No spectrogram: {specimen}.", class_="note")
    else:
        picture = join(drawing(specimen, clip["id"]), player(specimen, clip["id"]))
    caption = (
        f": {clip['label']}, predicted as {_few(clip['instead'])};"
        f" wrong in {100 * clip['wrong']:.0f} %"
    )
    return tag("figure", picture, tag("figcaption", tag("code", clip["id"]), caption))


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
        join(tag("h5", "Largest confusions"), tag("ul", *items))
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


def _title(system: System, names: dict[str, str]) -> str:
    return names[system.label] + (f" ({system.protocol}, optimistic)" if system.optimistic else "")


def _few(labels: Sequence[str]) -> str:
    return ", ".join(labels[:3]) + (" …" if len(labels) > 3 else "")
