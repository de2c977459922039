"""Where systems err: recall of each class, confusion matrices, and the clips that most systems get
wrong.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from featkit.comparison.systems import System
from featkit.report.markup import Html, join, scroll, tag
from featkit.report.specimen import Specimen, Specimens, drawing, player
from featkit.results.scores import PAPER_PROTOCOLS

MOST_CLASSES = 60
MOST_PICTURES = 12


def confusion(system: System) -> tuple[list[str], NDArray[np.int64]]:
    """Return the classes and how often each true class (row) was predicted as each class (column),
    over folds and runs.
    """
    scores = [score for score in system.scores if score.ids]
    classes = sorted(
        {label for score in scores for label in (*score.classes, *score.y_true, *score.y_pred)}
    )
    position = {label: at for at, label in enumerate(classes)}
    counts = np.zeros((len(classes), len(classes)), dtype=np.int64)
    for score in scores:
        rows, columns = (
            [position[label] for label in labels] for labels in (score.y_true, score.y_pred)
        )
        np.add.at(counts, (rows, columns), 1)
    return classes, counts


def recalls(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the share of each row that lies on the diagonal; NaN for a class without clips."""
    totals = counts.sum(axis=1)
    return np.where(totals > 0, np.diag(counts) / np.maximum(1, totals), np.nan)


def confused_clips(systems: Sequence[System], most: int = 20) -> list[dict[str, Any]]:
    """Return the clips that the largest share of systems gets wrong: ``id, label, wrong, instead,
    confidence``.

    ``wrong`` is the mean share over systems (0–1), ``instead`` the labels predicted in its place,
    the most frequent first. ``confidence`` is the mean probability that wrong predictions had (0
    without probabilities); of clips that as many systems get wrong, those that they are surest of
    come first.
    """
    wrong: dict[str, list[float]] = {}
    truth: dict[str, str] = {}
    instead: dict[str, Counter[str]] = {}
    sure: dict[str, list[float]] = {}
    for system in systems:
        hits: dict[str, list[bool]] = {}
        for score in system.scores:
            chances = (
                [max(row) for row in score.probabilities]
                if score.probabilities
                else [0.0] * len(score.ids)
            )
            for name, label, predicted, chance in zip(
                score.ids, score.y_true, score.y_pred, chances, strict=True
            ):
                hits.setdefault(name, []).append(label == predicted)
                truth[name] = label
                if label != predicted:
                    instead.setdefault(name, Counter())[predicted] += 1
                    sure.setdefault(name, []).append(chance)
        for name, values in hits.items():
            wrong.setdefault(name, []).append(1 - sum(values) / len(values))
    shares = {name: sum(values) / len(values) for name, values in wrong.items() if any(values)}
    confidence = {name: sum(sure[name]) / len(sure[name]) for name in shares}
    worst = sorted(shares, key=lambda name: (-round(shares[name], 12), -confidence[name], name))[
        :most
    ]
    ordered = {
        name: [
            label
            for label, _ in sorted(instead[name].items(), key=lambda item: (-item[1], item[0]))
        ]
        for name in worst
    }
    return [
        {
            "id": name,
            "label": truth[name],
            "wrong": shares[name],
            "instead": ordered[name],
            "confidence": confidence[name],
        }
        for name in worst
    ]


def confusion_table(system: System) -> Html:
    """Return the confusion matrix, shaded by the share of the row, with counts; of very many
    classes the largest confusions.
    """
    classes, counts = confusion(system)
    if not len(classes):
        return tag("p", "No predictions of single clips are stored.")
    pairs = _pairs(classes, counts)
    if len(classes) > MOST_CLASSES:
        return join(tag("p", f"{len(classes)} classes: the matrix is left out."), pairs)
    shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    head = tag(
        "tr",
        tag("th", "true ↓ predicted →", scope="col", class_="corner"),
        *(_column(label) for label in classes),
    )
    rows = []
    for label, row, part in zip(classes, counts, shares, strict=True):
        cells = [
            _cell(count, share) for count, share in zip(row.tolist(), part.tolist(), strict=True)
        ]
        rows.append(tag("tr", tag("th", label, scope="row"), *cells))
    table = tag("table", tag("thead", head), tag("tbody", *rows), class_="matrix")
    return join(scroll(table, f"Confusion matrix of {system.label}"), pairs)


def recall_table(systems: Sequence[System], names: dict[str, str]) -> Html:
    """Return the recall of every class under every system."""
    found = [
        (system, *confusion(system))
        for system in systems
        if any(score.ids for score in system.scores)
    ]
    classes = sorted({label for _, labels, _ in found for label in labels})
    head = tag(
        "tr",
        tag("th", "class", scope="col"),
        tag("th", "clips", scope="col"),
        *(_column(_title(system, names)) for system, _, _ in found),
    )
    values = [
        dict(zip(labels, recalls(counts).tolist(), strict=True)) for _, labels, counts in found
    ]
    sizes = [
        dict(zip(labels, (counts.sum(axis=1) // max(1, len(system.runs))).tolist(), strict=True))
        for system, labels, counts in found
    ]
    rows = []
    for label in classes:
        clips = max(size.get(label, 0) for size in sizes)
        cells = [_share_cell(recall.get(label, float("nan"))) for recall in values]
        rows.append(
            tag("tr", tag("th", label, scope="row"), tag("td", clips, class_="num"), *cells)
        )
    table = tag("table", tag("thead", head), tag("tbody", *rows), class_="matrix recall")
    return scroll(table, "Recall of each class")


def clips_table(systems: Sequence[System], specimens: Specimens | None = None) -> Html:
    """Return the most confused clips as a table, behind pictures of the first 12 where
    ``specimens`` gives them.
    """
    clips = confused_clips(systems)
    if not clips:
        return tag(
            "p", "No clip was predicted wrong, or no predictions of single clips are stored."
        )
    head = tag(
        "tr",
        *(tag("th", text, scope="col") for text in ("Clip", "True class", "Wrong in", "Taken for")),
    )
    rows = [
        tag(
            "tr",
            tag("td", clip["id"], class_="id"),
            tag("td", clip["label"]),
            _share_cell(clip["wrong"]),
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


def _card(clip: dict[str, Any], found: Specimen | str) -> Html:
    """Return the picture of a clip and its player, or why there is none, above what was heard in
    it.
    """
    if isinstance(found, str):
        shown = tag("p", f"No spectrogram: {found}.", class_="note")
    else:
        shown = join(drawing(found, clip["id"]), player(found, clip["id"]))
    said = f": {clip['label']}, taken for {_few(clip['instead'])}; wrong in {100 * clip['wrong']:.0f} %"
    return tag("figure", shown, tag("figcaption", tag("code", clip["id"]), said))


def _pairs(classes: Sequence[str], counts: NDArray[np.int64]) -> Html:
    errors = counts.copy()
    np.fill_diagonal(errors, 0)
    order = np.argsort(-errors, axis=None, kind="stable")[:5]
    largest = [divmod(int(at), len(classes)) for at in order if errors.flat[at]]
    items = [
        tag("li", f"{classes[row]} taken for {classes[column]}: {errors[row, column]}")
        for row, column in largest
    ]
    return (
        join(tag("h5", "Largest confusions"), tag("ul", *items))
        if items
        else tag("p", "No errors.")
    )


def _column(label: str) -> Html:
    return tag("th", tag("span", label), scope="col", class_="column")


def _cell(count: int, share: float) -> Html:
    if not count:
        return Html("<td></td>")
    return tag("td", count, style=f"--v:{share:.3f}", title=f"{100 * share:.1f} % of its row")


def _share_cell(share: float) -> Html:
    if share != share:
        return tag("td", "–")
    return tag("td", f"{100 * share:.0f} %", style=f"--v:{share:.3f}")


def _title(system: System, names: dict[str, str]) -> str:
    return names[system.label] + (
        f" ({system.protocol}, optimistic)" if system.protocol in PAPER_PROTOCOLS else ""
    )


def _few(labels: Sequence[str]) -> str:
    return ", ".join(labels[:3]) + (" …" if len(labels) > 3 else "")
