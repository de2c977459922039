"""What changes of the test recordings cost: a figure for each dataset and protocol, and a table."""

from typing import Any

from featkit.comparison.findings import Findings
from featkit.comparison.text.cells import (
    INTERVENTIONS,
    intervention_cells,
    interventions_by_league,
    points,
)
from featkit.report.figures import Scale, range_strip, scale_of
from featkit.report.markup import Html, join, scroll, tag
from featkit.report.strips import Line, strips


def changed(findings: Findings, names: dict[str, str]) -> Html:
    """Return what each intervention takes from each system, in points."""
    note = (
        "Models trained on the recordings as they are, tested on the same clips after an"
        " intervention. A system that falls when what nobody hears is taken away lives from an"
        " artefact of recording. Bars are 95 % intervals: a bootstrap over clips, groups drawn"
        " whole, the models fixed."
    )
    parts = [tag("p", note, class_="note")]
    for title, rows in interventions_by_league(findings).items():
        parts += [tag("h3", title), _figure(title, rows, names), _table(title, rows, names)]
    return join(*parts)


def _figure(title: str, rows: list[dict[str, Any]], names: dict[str, str]) -> Html:
    ends = [end for row in rows for end in (row["difference"], *(row["ci95"] or ()))]
    scale = scale_of([0.0, *ends])
    caption = f"Change of accuracy in points, {title}"
    return strips([_line(row, names, scale) for row in rows], scale, caption, ("System", "points"))


def _line(row: dict[str, Any], names: dict[str, str], scale: Scale) -> Line:
    name, text, *_ = intervention_cells(row, names)
    said = f"{points(row['difference'])} points"
    if row["ci95"]:
        said += f", 95 % interval {points(row['ci95'][0])} to {points(row['ci95'][1])}"
    full = f"{row['feature']} + {row['classifier']}, {text}"
    strip = range_strip(said, row["difference"], row["ci95"], scale)
    return Line(f"{name}, {text}", full, points(row["difference"]), strip, Html(""))


def _table(title: str, rows: list[dict[str, Any]], names: dict[str, str]) -> Html:
    head = [
        tag("th", text, scope="col", class_="num" if at > 1 else None)
        for at, text in enumerate(INTERVENTIONS)
    ]
    body = [
        tag(
            "tr",
            *(
                tag("td", text, class_="num" if at > 1 else None)
                for at, text in enumerate(intervention_cells(row, names))
            ),
        )
        for row in rows
    ]
    table = tag("table", tag("thead", tag("tr", *head)), tag("tbody", *body), class_="plain")
    return tag("details", tag("summary", "In numbers"), scroll(table, f"Interventions, {title}"))
