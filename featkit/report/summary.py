"""What comes first: systems × datasets, with the names in full beside it."""

from featkit.comparison.crosstab import Crosstab, crosstab
from featkit.comparison.findings import Findings
from featkit.comparison.systems import System
from featkit.comparison.text.cells import percent
from featkit.comparison.text.remarks import full_names
from featkit.report.markup import Html, breakable, join, scroll, tag
from featkit.report.strips import name_of


def matrix(findings: Findings, names: dict[str, str]) -> Html:
    """Return the mean accuracy of every system on every dataset, best mean place first."""
    crossed = crosstab(findings)
    several = len({system.protocol for system in findings.members}) > 1
    marked = any(system.marks for system in findings.members)
    head = [tag("th", "System", scope="col", class_="corner")]
    head += [tag("th", breakable(column), scope="col", class_="num") for column in crossed.columns]
    head += [tag("th", "Protocol", scope="col")] * several
    head += [tag("th", "Remarks", scope="col")] * marked
    rows = []
    for row in crossed.rows:
        system = next(iter(row.values()))
        cells = [tag("th", name_of(names[system.label], system.label), scope="row")]
        cells += [_cell(row.get(column), crossed, column) for column in crossed.columns]
        cells += [tag("td", system.protocol)] * several
        cells += [tag("td", *_remarks(row))] * marked
        rows.append(tag("tr", *cells))
    table = tag("table", tag("thead", tag("tr", *head)), tag("tbody", *rows), class_="matrix cross")
    note = "Accuracy in percent; bold: the best of its dataset and protocol; †: see its remarks."
    beside = (scroll(table, "Systems by datasets"), names_in_full(findings))
    return join(tag("p", note, class_="note"), tag("div", *beside, class_="beside"))


def names_in_full(findings: Findings) -> Html:
    """Return the legend of short names; nothing where every name is whole."""
    full = full_names(findings)
    if not full:
        return Html("")
    items = [
        part
        for name, label in full.items()
        for part in (tag("dt", name), tag("dd", breakable(label)))
    ]
    return tag("aside", tag("h3", "Names in full"), tag("dl", *items), class_="names")


def _cell(system: System | None, crossed: Crosstab, column: str) -> Html:
    if system is None or system.mean is None:
        return tag("td", "–", class_="num")
    shown = percent(system.mean)
    best = crossed.best(column, system.protocol)
    if system.complete and best is not None and round(system.mean - best, 12) == 0:
        shown = tag("b", shown)
    dagger = tag("span", "†", class_="dagger", title="; ".join(system.marks))
    marks = [dagger] if system.marks else []
    return tag("td", shown, *marks, class_="num", style=f"--v:{system.mean:.3f}")


def _remarks(row: dict[str, System]) -> list[Html]:
    """Return the marks of a row, with the datasets of those that not all of its results have."""
    columns: dict[str, list[str]] = {}
    for column, system in row.items():
        for mark in system.marks:
            columns.setdefault(mark, []).append(column)
    texts = [
        mark if len(places) == len(row) else f"{mark} ({', '.join(places)})"
        for mark, places in columns.items()
    ]
    return [tag("span", text, class_="badge") for text in texts]
