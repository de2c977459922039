"""A comparison as LaTeX."""

from collections.abc import Sequence

from featkit.comparison.findings import Findings
from featkit.comparison.labels import short_labels
from featkit.comparison.ranking import Ranking
from featkit.comparison.text.cells import (
    INTERVENTIONS,
    SYSTEMS,
    TESTS,
    VARIANCE,
    by_league,
    friedman_text,
    intervention_cells,
    interventions_by_league,
    pair_cells,
    rank_cells,
    system_cells,
    variance_cells,
)
from featkit.comparison.text.remarks import failure_text, full_names, remarks
from featkit.naming.showing import escaped

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "→": r"$\to$",
    "±": r"$\pm$",
    "²": r"$^2$",
    "χ": r"$\chi$",
    "×": r"$\times$",
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
    for title, members in by_league(findings):
        rows = [system_cells(row, names[system.label]) for system, row in members]
        parts.append(_tabular(title, "rlrrrrl", SYSTEMS, rows))
    if findings.tests:
        rows = [pair_cells(test, names) for test in findings.tests]
        parts.append(_tabular(f"Tests, {findings.family}", "lllrrrl", TESTS, rows))
    for title, own in interventions_by_league(findings).items():
        rows = [intervention_cells(row, names) for row in own]
        parts.append(_tabular(f"Changed recordings, {title}", "llrrr", INTERVENTIONS, rows))
    if findings.variance:
        rows = [variance_cells(test, names) for test in findings.variance]
        parts.append(_tabular("Analysis of variance over runs", "llrrrl", VARIANCE, rows))
    lines = [f"{name}: {label}" for name, label in full_names(findings).items()]
    lines += [_ranks(ranking, names) for ranking in findings.rankings]
    lines += [*remarks(findings), *(f"failed: {failure_text(row)}" for row in findings.failures)]
    items = [rf"\item {latex_text(line)}" for line in lines]
    parts.append("\n".join([r"\begin{itemize}", *items, r"\end{itemize}"]))
    return "\n\n".join(parts) + "\n"


def latex_text(text: str) -> str:
    """Return ``text`` with everything escaped that LaTeX would read."""
    return "".join(_ESCAPES.get(sign, sign) for sign in escaped(" ".join(text.split())))


def _tabular(title: str, columns: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [
        f"% {escaped(' '.join(title.split()))}",
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule",
    ]
    lines += [_row(header), r"\midrule", *map(_row, rows), r"\bottomrule", r"\end{tabular}"]
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return " & ".join(map(latex_text, cells)) + r" \\"


def _ranks(ranking: Ranking, names: dict[str, str]) -> str:
    ranks = ", ".join(f"{name} {rank}" for rank, name in rank_cells(ranking, names))
    note = f" ({ranking.note})" if ranking.note else ""
    return f"mean ranks over {ranking.title}{note}: {ranks}; {friedman_text(ranking)}"
