"""How objects show themselves: in a notebook a title, facts and tables, every text escaped; in a
terminal aligned columns.
"""

import html
import os
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence

# Rows of a table that are shown; the rest is counted.
MOST_ROWS = 20

# A cell of a terminal's column of numbers: 12, 1,234, 78.5, −3.0, < 0.001, or none.
_NUMBER = re.compile(r"(?:< )?[+−-]?[\d,]+(?:\.\d+)?|–|")
# A last column that is narrower than this is not wrapped.
_NARROWEST = 24

_LEFT, _RIGHT = ' style="text-align:left"', ' style="text-align:right"'


def page(title: str, *parts: str) -> str:
    """Return one HTML element with a title above some `facts`, `table` and `lines`."""
    return f"<div><strong>{html.escape(title)}</strong>{''.join(parts)}</div>"


def facts(values: Mapping[str, object]) -> str:
    """Return a table of names and values; those that are None or empty texts are left out."""
    rows = [
        f"<tr><th{_LEFT}>{html.escape(name)}</th><td{_LEFT}>{html.escape(text)}</td></tr>"
        for name, text in ((name, _text(value)) for name, value in values.items())
        if text
    ]
    return f"<table><tbody>{''.join(rows)}</tbody></table>" if rows else ""


def table(header: Sequence[str], rows: Iterable[Sequence[object]], most: int = MOST_ROWS) -> str:
    """Return a table with its first ``most`` rows; numbers are aligned to the right."""
    listed = [list(row) for row in rows]
    head = "".join(f"<th{_LEFT}>{html.escape(name)}</th>" for name in header)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in listed[:most])
    left = f"<div>… and {len(listed) - most} more</div>" if len(listed) > most else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{left}"


def lines(texts: Iterable[str]) -> str:
    """Return one line for each text."""
    return "".join(f"<div>{html.escape(text)}</div>" for text in texts)


def columns(header: Sequence[str], rows: Iterable[Sequence[object]], width: int = 0) -> str:
    """Return lines of aligned columns: numbers to the right, everything else to the left.

    With a ``width`` in characters, the last column is wrapped to it where there is room.

    >>> print(columns(("NAME", "CLIPS"), [("dog", 8), ("rooster", 12)]))
    NAME     CLIPS
    dog          8
    rooster     12
    """
    cells = [[str(cell) for cell in row] for row in rows]
    numeric = [
        any(row[at] for row in cells) and all(_NUMBER.fullmatch(row[at]) for row in cells)
        for at in range(len(header))
    ]
    sizes = [max(map(len, column)) for column in zip(header, *cells, strict=True)]
    before = sum(sizes[:-1]) + 2 * len(sizes[:-1])
    lines = []
    for row in [list(header), *cells]:
        last = [row[-1]]
        if width - before >= _NARROWEST:
            last = textwrap.wrap(row[-1], width - before, break_on_hyphens=False) or [""]
        aligned = [
            cell.rjust(size) if right else cell.ljust(size)
            for cell, size, right in zip([*row[:-1], last[0]], sizes, numeric, strict=True)
        ]
        lines += ["  ".join(aligned).rstrip(), *(" " * before + text for text in last[1:])]
    return "\n".join(lines)


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun.

    >>> counted(1, "worker"), counted(2000, "clip"), counted(3, "class", "classes")
    ('1 worker', '2,000 clips', '3 classes')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def shape(sides: Sequence[int | None]) -> str:
    """Return a shape as people write it.

    >>> shape((None, 128)), shape(())
    ('any × 128', '1')
    """
    return " × ".join("any" if side is None else str(side) for side in sides) or "1"


def place(path: str) -> str:
    """Return a path as seen from the working folder, where it lies below it."""
    folder = os.path.join(os.getcwd(), "")
    return path.removeprefix(folder)


def _text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "" if value is None else str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"


def _cell(value: object) -> str:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"<td{_RIGHT if number else _LEFT}>{html.escape(_text(value))}</td>"
