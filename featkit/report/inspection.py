"""The page of an inspection: what to look at and to listen to, most suspicious first."""

from collections.abc import Sequence
from typing import Any

from featkit.analysis.inspection.inspecting import Inspection
from featkit.report.document import contents, document, section
from featkit.report.markup import Html, join, scroll, tag
from featkit.report.specimen import Specimen, Specimens, card

MOST_PICTURES = 24
_TITLES = {
    "labels": "Doubtful labels",
    "copies": "Copies",
    "outliers": "Outliers",
    "artefacts": "Artefacts of recording",
    "classes": "Classes",
}


def page(inspection: Inspection, specimens: Specimens | None = None, command: str = "") -> str:
    """Return an inspection as one HTML page.

    Parameters
    ----------
    inspection : Inspection
    specimens : callable, optional
        ``specimens(dataset, clip id)`` gives the `Specimen` of a clip, or why there is none.
    command : str
        What to run to get the same page again.
    """
    draw = _Pictures(inspection.dataset, specimens)
    parts = {
        "labels": _labels(inspection, draw),
        "copies": _copies(inspection, draw),
        "outliers": _outliers(inspection, draw),
        "artefacts": _artefacts(inspection),
        "classes": _classes(inspection),
    }
    header = tag(
        "header",
        tag("p", "featkit inspection", class_="kicker"),
        tag("h1", f"{inspection.dataset}: {len(inspection.clips)} clips"),
        tag("p", _summary(inspection), class_="best"),
    )
    sections = [section(key, tag("h2", _TITLES[key]), part) for key, part in parts.items()]
    foot = [tag("p", "Made by ", tag("code", command), class_="note")] if command else []
    main = tag("main", header, contents(tuple(_TITLES.items())), *sections, *foot)
    return document(f"featkit inspection: {inspection.dataset}", main)


class _Pictures:
    """Cards of clips: spectrogram, player, caption."""

    def __init__(self, dataset: str, specimens: Specimens | None) -> None:
        self.dataset, self.specimens = dataset, specimens
        self._seen: dict[str, Specimen | str] = {}

    def card(self, name: str, caption: str) -> Html:
        """Return the picture of a clip with its player, or why there is none."""
        if self.specimens is None:
            return Html("")
        if name not in self._seen:
            self._seen[name] = self.specimens(self.dataset, name)
        return card(self._seen[name], name, caption)

    def cards(self, rows: Sequence[tuple[str, str]]) -> Html:
        """Return the cards of the first clips."""
        if self.specimens is None or not rows:
            return Html("")
        return tag("div", *(self.card(*row) for row in rows[:MOST_PICTURES]), class_="specimens")


def _summary(inspection: Inspection) -> str:
    confident = sum(row["confident"] for row in inspection.label_errors)
    across = sum(row["folds"][0] != row["folds"][1] for row in inspection.duplicates)
    return (
        f"{confident} labels are likely wrong, {len(inspection.duplicates)} pairs of clips hold "
        f"the same recording ({across} across folds), {len(inspection.outliers)} clips are unlike "
        "their class."
    )


def _labels(inspection: Inspection, draw: _Pictures) -> Html:
    rows = inspection.label_errors
    note = tag(
        "p",
        "Doubted by classifiers that had not learned from the clip "
        f"({'; '.join(inspection.systems)}; together {100 * inspection.accuracy:.1f} % correct). "
        "Likely: confident learning calls the label an error; otherwise the classifiers merely "
        "differ.",
        class_="note",
    )
    table = _table(
        "Doubtful labels",
        ("Clip", "Label", "Suggested", "Label's probability", "Likely an error"),
        [
            (
                row["id"],
                row["label"],
                row["suggested"],
                f"{1 - row['score']:.3f}",
                "yes" if row["confident"] else "",
            )
            for row in rows
        ],
    )
    cards = draw.cards([(row["id"], f"{row['label']}, or {row['suggested']}?") for row in rows])
    return join(note, cards, table)


def _copies(inspection: Inspection, draw: _Pictures) -> Html:
    rows = inspection.duplicates
    if not rows:
        return tag("p", "No two clips hold the same recording.")
    note = tag(
        "p",
        "Recognised by audio fingerprints of what is heard, whatever the coding, gain or cut: the "
        "fraction of equal bits is 1 for the same samples, about 0.5 for unrelated clips. Copies "
        "across folds let a classifier recognise the recording.",
        class_="note",
    )
    table = _table(
        "Copies",
        ("Clip", "Copy", "Equal bits", "Shared, s", "Starts later by, s", "Labels", "Folds"),
        [
            (
                row["a"],
                row["b"],
                f"{row['similarity']:.3f}",
                f"{row['seconds']:.2f}",
                f"{row['shift']:+.2f}",
                _both(row["labels"]),
                _both(row["folds"]),
            )
            for row in rows
        ],
    )
    cards = [(row[side], f"copy of {row[other]}") for row in rows for side, other in ("ab", "ba")]
    return join(note, draw.cards(cards), table)


def _outliers(inspection: Inspection, draw: _Pictures) -> Html:
    rows = inspection.outliers
    note = tag(
        "p",
        f"Far from the clips of their class in {inspection.feature}; the score is in robust "
        "standard deviations.",
        class_="note",
    )
    table = _table(
        "Outliers",
        ("Clip", "Label", "Score"),
        [(row["id"], row["label"], f"{row['score']:.1f}") for row in rows],
    )
    cards = draw.cards([(row["id"], f"{row['label']}, {row['score']:.1f}") for row in rows])
    return join(note, cards, table)


def _artefacts(inspection: Inspection) -> Html:
    note = tag(
        "p",
        "A class that one level tells from the others may be learned from how it was recorded or "
        "coded. The area under the curve is 0.5 for a level that says nothing; 0 and 1 give the "
        "class away. Shown are the 20 most telling.",
        class_="note",
    )
    rows = [
        (
            row.level,
            row.label,
            f"{row.auc:.2f}",
            f"{row.median:.4g}",
            f"{row.others:.4g}",
            "yes" if row.telling else "",
        )
        for row in inspection.artefacts[:20]
    ]
    head = ("Level", "Class", "Area under the curve", "Median", "Other classes", "Gives it away")
    return join(note, _table("Artefacts of recording", head, rows))


def _classes(inspection: Inspection) -> Html:
    levels = [name for name in inspection.classes[0] if name not in ("label", "clips", "groups")]
    rows = [
        (row["label"], row["clips"], row["groups"], *(f"{row[name]:.4g}" for name in levels))
        for row in inspection.classes
    ]
    head = ("Class", "Clips", "Groups", *levels)
    note = tag("p", "Levels are medians over the clips of a class.", class_="note")
    return join(note, _table("Classes", head, rows))


def _both(values: Sequence[Any]) -> str:
    first, second = values
    return str(first) if first == second else f"{first}, {second}"


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> Html:
    if not rows:
        return tag("p", "None.")
    cells = [tag("tr", *(tag("td", cell) for cell in row)) for row in rows]
    top = tag("tr", *(tag("th", text, scope="col") for text in head))
    return scroll(tag("table", tag("thead", top), tag("tbody", *cells), class_="plain"), title)
