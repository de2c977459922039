"""A comparison as a terminal shows it: the ranking with a line for each system, and what must be
known.
"""

import textwrap
from typing import Any

from featkit.comparison.findings import Findings
from featkit.comparison.labels import short_labels
from featkit.comparison.systems import OPTIMISTIC, System
from featkit.comparison.text.cells import (
    INTERVENTIONS,
    by_league,
    friedman_text,
    interval_text,
    intervention_cells,
    interventions_by_league,
    p_equals,
    pairs_of,
    percent,
    points,
)
from featkit.comparison.text.remarks import failure_text, full_names
from featkit.naming import display

WIDTH = 100

Row = dict[str, Any]


def terminal(findings: Findings) -> str:
    """Return one table for each dataset and protocol, best system first.

    Names hold what differs between the systems. A line ends with the difference to the system that
    it was tested against, in points, with the interval and the adjusted p-value of the test over
    folds, or of the first that there is.
    """
    names = short_labels(findings.members)
    parts = [_league(findings, title, members, names) for title, members in by_league(findings)]
    header = [text.upper() for text in INTERVENTIONS]
    for title, rows in interventions_by_league(findings).items():
        table = display.columns(header, [intervention_cells(row, names) for row in rows])
        parts.append(f"{title}: the same models on changed recordings\n{table}")
    parts += [
        _wrapped(f"Mean ranks, {ranking.title}: {friedman_text(ranking)}")
        for ranking in findings.rankings
    ]
    family = f"tests: {findings.family}; p is adjusted for these (Holm)"
    lines = [family] if findings.tests and not findings.all_pairs else []
    if full_names(findings):
        lines.append("names show what differs; --out FILE.md and --json have them in full")
    lines += [*findings.notes, *_notes_of_systems(findings)]
    lines += [f"failed: {failure_text(failure)}" for failure in findings.failures]
    return "\n\n".join(filter(None, [*parts, "\n".join(_wrapped(f"* {line}") for line in lines)]))


def _notes_of_systems(findings: Findings) -> list[str]:
    """Return the notes of all systems, each once, but for what a heading says already."""
    notes = dict.fromkeys(note for row in findings.systems for note in row["notes"])
    return [note for note in notes if not note.startswith(OPTIMISTIC)]


def _league(
    findings: Findings, title: str, members: list[tuple[System, Row]], names: dict[str, str]
) -> str:
    """Return the heading and the table of one league."""
    first = members[0][0]
    tests = [
        test
        for test in findings.tests
        if (test["dataset"], test["protocol"], test["scheme"]) == first.league
    ]
    against = {} if findings.all_pairs else _against(tests)
    header = ["#", "SYSTEM", "ACCURACY %", "95 % INTERVAL"]
    if against:
        header.append("AGAINST #1" if findings.baseline is None else "AGAINST THE BASELINE")
    marked = any(row["marks"] for _, row in members)
    rows = []
    for system, row in members:
        place = "–" if row["rank"] is None else str(row["rank"])
        cells = [place, names[system.label], percent(row["mean"]), interval_text(row["ci95"])]
        baseline = "the baseline" if system.label == findings.baseline else ""
        cells += [against.get(system.label, baseline)] if against else []
        rows.append([*cells, ", ".join(row["marks"])] if marked else cells)
    table = display.columns([*header, "REMARKS"] if marked else header, rows)
    return f"{title}{' (optimistic)' if first.optimistic else ''}\n{table}"


def _against(tests: list[Row]) -> dict[str, str]:
    """Return what to say of each system beside its difference to the one it was tested against."""
    texts = {}
    for (_, other), kinds in pairs_of(tests).items():
        test = next(iter(kinds.values()))
        if test["difference"] is None:
            continue
        text = points(round(0.0 - test["difference"], 12))
        if test["ci95"]:
            low, high = (round(0.0 - end, 12) for end in reversed(test["ci95"]))
            text += f" [{points(low)}, {points(high)}]"
        texts[other] = f"{text}, p {p_equals(test['p_adjusted'])}"
    return texts


def _wrapped(text: str) -> str:
    return textwrap.fill(
        text, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
