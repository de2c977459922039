"""Cells of CSV files that spreadsheets open."""

import re

# What a formula of a spreadsheet begins with.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)


def inert(cell: object) -> object:
    """Return a cell that a spreadsheet takes for text and not for a formula: a text that begins
    like one gets an apostrophe in front. Numbers stay as they are.

    >>> inert("=1+1"), inert("dog"), inert("-1.5"), inert(-1.5)
    ("'=1+1", 'dog', '-1.5', -1.5)
    """
    if isinstance(cell, str) and cell.startswith(_FORMULA) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell
