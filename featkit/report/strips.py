"""Tables of strips: a name, a number and a strip on each line, the axis under them."""

from collections.abc import Sequence
from dataclasses import dataclass

from featkit.comparison.systems import OPTIMISTIC, System
from featkit.report.figures import Scale, axis
from featkit.report.markup import Html, join, tag

MANY = 25
LONG = 44


@dataclass(frozen=True)
class Line:
    """One line: a name with its full form for hovering, a number, a strip, and marks."""

    name: str
    full: str
    number: str
    strip: Html
    marks: Html


def strips(lines: Sequence[Line], scale: Scale, caption: str, headings: tuple[str, str]) -> Html:
    """Return lines under a hidden caption; ``headings`` name the first two columns.

    The axis is at the foot and, over many lines, at the head too.
    """
    rows = [
        tag(
            "tr",
            tag("th", name_of(line.name, line.full), line.marks, scope="row"),
            tag("td", line.number, class_="num"),
            tag("td", line.strip, class_="figure"),
        )
        for line in lines
    ]
    labels = axis(scale)
    head = tag(
        "tr",
        *(tag("th", text, scope="col") for text in headings),
        tag("td", labels if len(lines) > MANY else "", class_="figure"),
    )
    foot = tag("tr", tag("td"), tag("td"), tag("td", labels, class_="figure"))
    return tag(
        "table",
        tag("caption", caption, class_="hidden"),
        tag("thead", head),
        tag("tbody", *rows),
        tag("tfoot", foot),
        class_="strips",
    )


def name_of(name: str, full: str) -> Html:
    """Return a name with its full form for hovering; only very long ones may break."""
    return tag("span", name, class_="name long" if len(name) > LONG else "name", title=full)


def badges(system: System) -> Html:
    """Return what must stand beside every number of a system but its protocol's mark.

    That stands in the headings: a table holds one protocol.
    """
    marks = [mark for mark in system.marks if mark != OPTIMISTIC]
    return join(*(tag("span", mark, class_="badge") for mark in marks))


def heading(level: str, title: str, optimistic: bool) -> Html:
    """Return a heading that says whether the numbers below it are optimistic."""
    return tag(level, title, tag("span", OPTIMISTIC, class_="badge") if optimistic else "")
