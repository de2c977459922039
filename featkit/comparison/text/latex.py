"""A comparison as LaTeX."""

from collections.abc import Sequence

from featkit.comparison.findings import Findings
from featkit.comparison.labels import short_labels
from featkit.comparison.ranking import Ranking
from featkit.comparison.text.cells import (
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

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "→": r"$\to$",
    "±": r"$\pm$",
    "²": r"$^2$",
    "χ": r"$\chi$",
    "<": r"$<$",
    ">": r"$>$",
    "−": "$-$",
    "–": "--",
} | {sign: "\\" + sign for sign in "&%$#_{}"}


def latex(findings: Findings) -> str:
    """Return one ``tabular`` for each table of the comparison, and its remarks as a list.

    For the package booktabs.
    """
    names = short_labels(findings.members)
    parts = []
    for dataset, rows in by_dataset(findings):
        cells = [system_cells(row) for row in shortened(findings, rows)]
        parts.append(_tabular(dataset, "rlllrrrrrl", SYSTEMS, cells))
    tests = chosen_tests(findings)
    if tests:
        cells = [pair_cells(test, names) for test in tests]
        parts.append(_tabular(title_of_tests(findings), "lllrrrl", TESTS, cells))
    if findings.variance:
        cells = [variance_cells(test, names) for test in findings.variance]
        parts.append(_tabular("Analysis of variance over runs", "llrrrl", VARIANCE, cells))
    lines = [*remarks(findings), *(_ranks(ranking, names) for ranking in findings.rankings)]
    lines += [f"failed: {failure_text(failure)}" for failure in findings.failures]
    items = [rf"\item {latex_text(line)}" for line in lines]
    parts.append("\n".join([r"\begin{itemize}", *items, r"\end{itemize}"]))
    return "\n\n".join(parts) + "\n"


def latex_text(text: str) -> str:
    """Return ``text`` with everything escaped that LaTeX would read."""
    return "".join(_ESCAPES.get(sign, sign) for sign in " ".join(text.split()))


def _tabular(title: str, columns: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"% {' '.join(title.split())}", rf"\begin{{tabular}}{{{columns}}}", r"\toprule"]
    lines += [_row(header), r"\midrule", *map(_row, rows), r"\bottomrule", r"\end{tabular}"]
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return " & ".join(map(latex_text, cells)) + r" \\"


def _ranks(ranking: Ranking, names: dict[str, str]) -> str:
    ranks = ", ".join(f"{name} {rank}" for rank, name in rank_cells(ranking, names))
    note = f" ({ranking.note})" if ranking.note else ""
    return f"mean ranks over {ranking.title}{note}: {ranks}; {friedman_text(ranking)}"
