"""A comparison as Markdown of a readable width."""

import textwrap
from collections.abc import Sequence
from typing import Any

from featkit.comparison.crosstab import crosstab
from featkit.comparison.findings import Findings
from featkit.comparison.labels import short_labels
from featkit.comparison.text.cells import (
    INTERVENTIONS,
    RANKS,
    SYSTEMS,
    by_league,
    friedman_text,
    intervention_cells,
    interventions_by_league,
    p_text,
    pairs_of,
    percent,
    points,
    rank_cells,
    system_cells,
    variance_cells,
)
from featkit.comparison.text.remarks import failure_text, full_names, remarks
from featkit.naming.showing import escaped

WIDTH = 120


def markdown(findings: Findings) -> str:
    """Return systems × datasets, then systems and tests of each league, ranks, failures, notes."""
    names = short_labels(findings.members)
    parts = _crossed(findings, names)
    for title, members in by_league(findings):
        league = members[0][0].league
        rows = [system_cells(row, names[system.label]) for system, row in members]
        optimistic = " (optimistic)" if members[0][0].optimistic else ""
        parts += [f"## {cell(title)}{optimistic}", table(*_filled(SYSTEMS, rows))]
        tests = [
            test
            for test in findings.tests
            if (test["dataset"], test["protocol"], test["scheme"]) == league
        ]
        if tests:
            parts += [f"Tests, {cell(findings.family)}:", _tests(tests, names)]
    for title, changed in interventions_by_league(findings).items():
        cells = [intervention_cells(row, names) for row in changed]
        parts += [f"## Changed recordings: {cell(title)}", table(INTERVENTIONS, cells)]
    if findings.variance:
        lines = [_variance(test, names) for test in findings.variance]
        parts += ["## Analysis of variance over runs", _list(lines)]
    for ranking in findings.rankings:
        parts += [f"## Mean ranks: {cell(ranking.title)}", table(RANKS, rank_cells(ranking, names))]
        parts.append(_sentences(friedman_text(ranking), ranking.note))
    if findings.failures:
        parts += ["## Failed", _list([failure_text(failure) for failure in findings.failures])]
    full = [f"{name}: {label}" for name, label in full_names(findings).items()]
    if full:
        parts += ["## Names in full", _list(full)]
    parts += ["## How to read this", _list(remarks(findings))]
    return "\n\n".join(parts) + "\n"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table, its texts escaped."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(map(cell, line)) + " |" for line in lines)


def cell(text: str) -> str:
    """Return ``text`` on one line, escaped.

    A backslash goes before what would end a cell or be read as emphasis, code, HTML, or as a link
    or picture.
    """
    text = "".join("\\" + sign if sign in "\\|*`<" else sign for sign in " ".join(text.split()))
    return escaped(text.replace("](", "]\\("))


def _crossed(findings: Findings, names: dict[str, str]) -> list[str]:
    """Return the table of systems × datasets, nothing for a single dataset."""
    crossed = crosstab(findings)
    if len(crossed.columns) < 2:
        return []
    rows = []
    for row in crossed.rows:
        first = next(iter(row.values()))
        means = [percent(row[column].mean) if column in row else "" for column in crossed.columns]
        marks = dict.fromkeys(mark for system in row.values() for mark in system.marks)
        rows.append([names[first.label], first.protocol, *means, "; ".join(marks)])
    header = ("System", "Protocol", *crossed.columns, "Remarks")
    return ["## Accuracy % by dataset", table(*_filled(header, rows))]


def _tests(tests: Sequence[dict[str, Any]], names: dict[str, str]) -> str:
    """Return one row for each pair: its difference in points and adjusted p-values by family.

    What must be known about the tests follows once.
    """
    pairs = pairs_of(tests)
    first = next(iter(pairs))[0]
    same = all(a == first for a, _ in pairs)
    families = list(dict.fromkeys(family for by_family in pairs.values() for family in by_family))
    named = [f"{names[first]} against", "Difference"] if same else ["A", "B", "A − B"]
    header = [*named, *(f"p over {family}" for family in families)]
    rows = []
    for (a, b), by_family in pairs.items():
        any_test = next(iter(by_family.values()))
        ends = any_test["ci95"]
        interval = f" [{points(ends[0])}, {points(ends[1])}]" if ends else ""
        values = [
            p_text(by_family[name]["p_adjusted"]) if name in by_family else "" for name in families
        ]
        systems = [names[b]] if same else [names[a], names[b]]
        rows.append([*systems, points(any_test["difference"]) + interval, *values])
    kinds: dict[str, list[str]] = {}
    for test in tests:
        kinds.setdefault(test["test"], [])
        if test["note"] and test["note"] not in kinds[test["test"]]:
            kinds[test["test"]].append(test["note"])
    lines = [": ".join(filter(None, (kind, "; ".join(notes)))) for kind, notes in kinds.items()]
    return f"{table(header, rows)}\n\n{_list(lines)}"


def _variance(test: dict[str, Any], names: dict[str, str]) -> str:
    systems, title, statistic, p, adjusted, note = variance_cells(test, names)
    text = f"{title}: F = {statistic}, p {p}, adjusted {adjusted}, of {systems}"
    return f"{text}; {note}" if note else text


def _filled(
    header: Sequence[str], rows: Sequence[Sequence[str]]
) -> tuple[list[str], list[list[str]]]:
    """Return a table without the columns in which every cell is empty or a dash."""
    used = [at for at in range(len(header)) if any(row[at] not in ("", "–") for row in rows)]
    return [header[at] for at in used], [[row[at] for at in used] for row in rows]


def _list(lines: Sequence[str]) -> str:
    return "\n".join(_wrapped(f"- {cell(line)}", "  ") for line in lines)


def _wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(
        text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def _sentences(*texts: str) -> str:
    return _wrapped(" ".join(f"{text[:1].upper()}{text[1:]}." for text in map(cell, texts) if text))
