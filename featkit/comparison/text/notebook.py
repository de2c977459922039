"""A comparison as a notebook shows it: the systems of each league, and what must be known."""

from featkit.comparison.findings import Findings
from featkit.comparison.labels import short_labels
from featkit.comparison.text.cells import (
    SYSTEMS,
    by_league,
    p_text,
    pairs_of,
    points,
    system_cells,
)
from featkit.comparison.text.remarks import failure_text, remarks
from featkit.naming import display

# The columns of SYSTEMS that a notebook shows: number, name, accuracy, interval, remarks.
_SHOWN = (0, 1, 2, 3, 6)
_TESTED = ("Difference (points)", "p (Holm)")


def notebook(findings: Findings) -> str:
    """Return one table for each dataset and protocol, best system first, and the remarks.

    Difference and p-value are those of the first test of a system against the best or the baseline;
    with all pairs tested there are none.
    """
    names = short_labels(findings.members)
    tables = []
    for title, members in by_league(findings):
        tested = {} if findings.all_pairs else _tested(findings, members[0][0].league)
        header = [*(SYSTEMS[at] for at in _SHOWN), *(_TESTED if tested else ())]
        rows = []
        for system, row in members:
            cells = system_cells(row, names[system.label])
            against = tested.get(system.label, ("", "")) if tested else ()
            rows.append([*(cells[at] for at in _SHOWN), *against])
        tables.append(display.lines([title]) + display.table(header, rows))
    failed = [f"Failed: {failure_text(failure)}" for failure in findings.failures]
    return display.page("Comparison", *tables, display.lines([*remarks(findings), *failed]))


def _tested(findings: Findings, league: tuple[str, str, str]) -> dict[str, tuple[str, str]]:
    """Return difference and adjusted p-value of each system that was tested against the first."""
    tests = [
        test
        for test in findings.tests
        if (test["dataset"], test["protocol"], test["scheme"]) == league
    ]
    return {
        other: (points(round(0.0 - first["difference"], 12)), p_text(first["p_adjusted"]))
        for (_, other), kinds in pairs_of(tests).items()
        for first in [next(iter(kinds.values()))]
        if first["difference"] is not None
    }
