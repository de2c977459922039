"""A comparison as Markdown."""

from collections.abc import Sequence

from featkit.comparison.findings import Findings
from featkit.comparison.labels import short_labels
from featkit.comparison.text.cells import (
    RANKS,
    SYSTEMS,
    TESTS,
    VARIANCE,
    by_dataset,
    friedman_text,
    pair_cells,
    rank_cells,
    shortened,
    system_cells,
    variance_cells,
)
from featkit.comparison.text.remarks import chosen_tests, failure_text, remarks, title_of_tests


def markdown(findings: Findings) -> str:
    """Return a table of systems for each dataset, the tests, the ranks, failures and notes."""
    names = short_labels(findings.members)
    parts = []
    for dataset, rows in by_dataset(findings):
        cells = [system_cells(row) for row in shortened(findings, rows)]
        parts += [f"## {cell(dataset)}", table(SYSTEMS, cells)]
    tests = chosen_tests(findings)
    if tests:
        cells = [pair_cells(test, names) for test in tests]
        parts += [f"### {cell(title_of_tests(findings))}", table(TESTS, cells)]
    if findings.variance:
        cells = [variance_cells(test, names) for test in findings.variance]
        parts += ["### Analysis of variance over runs", table(VARIANCE, cells)]
    for ranking in findings.rankings:
        parts += [
            f"### Mean ranks: {cell(ranking.title)}",
            table(RANKS, rank_cells(ranking, names)),
        ]
        parts.append(_sentences(friedman_text(ranking), ranking.note))
    if findings.failures:
        parts += ["### Failed", _list([failure_text(failure) for failure in findings.failures])]
    parts.append(_list(remarks(findings)))
    return "\n\n".join(parts) + "\n"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table, its texts escaped."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(map(cell, line)) + " |" for line in lines)


def cell(text: str) -> str:
    """Return ``text`` on one line, escaped.

    A backslash goes before what would end a cell or be read as emphasis, code or HTML.
    """
    return "".join("\\" + sign if sign in "\\|*`<" else sign for sign in " ".join(text.split()))


def _list(lines: Sequence[str]) -> str:
    return "\n".join(f"- {cell(line)}" for line in lines)


def _sentences(*texts: str) -> str:
    return " ".join(f"{text[:1].upper()}{text[1:]}." for text in map(cell, texts) if text)
