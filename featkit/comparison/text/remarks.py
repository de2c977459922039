"""What stands beside the tables: which tests they show, how to read them, every note."""

from typing import Any

from featkit.comparison.findings import Findings
from featkit.comparison.labels import short_texts


def chosen_tests(findings: Findings) -> list[dict[str, Any]]:
    """Return the tests against the baseline, without one those against the best of each league."""
    if findings.baseline is not None:
        return findings.tests
    best: dict[tuple[str, ...], str] = {}
    for system in findings.members:
        best.setdefault(system.league, system.label)
    return [
        test
        for test in findings.tests
        if best[test["dataset"], test["protocol"], test["scheme"]] == test["a"]
    ]


def title_of_tests(findings: Findings) -> str:
    """Return what `chosen_tests` are."""
    if findings.baseline is not None:
        return f"Tests against the baseline {findings.baseline}"
    return "Tests against the best of each dataset and protocol"


def full_texts(findings: Findings) -> list[str]:
    """Return ``short: full`` for every feature and classifier of which the tables cut something."""
    short: dict[str, str] = {}
    for name in ("feature", "classifier"):
        short |= short_texts(row[name] for row in findings.systems)
    return [f"{brief}: {text}" for text, brief in short.items() if brief != text]


def remarks(findings: Findings) -> list[str]:
    """Return how to read the numbers, and every note of the comparison and of its systems."""
    lines = [
        "accuracy: mean over folds, each fold weighted equally; ± standard deviation over seeds,"
        " or over folds of one seed"
    ]
    methods = dict.fromkeys(row["ci95_method"] for row in findings.systems if row["ci95_method"])
    lines += [f"95 % interval: {method}" for method in methods]
    lines += [f"in full, {line}" for line in full_texts(findings)]
    if findings.tests:
        lines.append("p (Holm): adjusted for all tests of one kind within a dataset and protocol")
    lines += findings.notes
    for note in dict.fromkeys(note for row in findings.systems for note in row["notes"]):
        lines.append(f"{note} ({_whose(findings, note)})")
    return lines


def failure_text(failure: dict[str, Any]) -> str:
    """Return one line about a cell that failed."""
    return (
        "{dataset}, {feature} + {classifier}, {protocol}, fold {fold}, seed {seed}: {error}".format(
            **failure
        )
    )


def _whose(findings: Findings, note: str) -> str:
    having = [row for row in findings.systems if note in row["notes"]]
    if len(having) == len(findings.systems):
        return "all systems"
    names = [
        f"{row['dataset']}: {row['feature']} + {row['classifier']}, {row['protocol']}"
        for row in having[:3]
    ]
    return "; ".join(names) + (f" and {len(having) - 3} more" if len(having) > 3 else "")
