"""What stands beside the tables: how to read them, names in full, every note."""

from typing import Any

from featkit.comparison.findings import Findings
from featkit.comparison.labels import short_labels


def full_names(findings: Findings) -> dict[str, str]:
    """Return the label of every system that the tables call by a shorter name."""
    return {name: label for label, name in short_labels(findings.members).items() if name != label}


def remarks(findings: Findings) -> list[str]:
    """Return how to read the numbers, and every note of the comparison and of its systems."""
    lines = [
        "accuracy: mean over folds, each fold weighted equally; ± standard deviation over seeds,"
        " or over folds of one seed"
    ]
    methods = dict.fromkeys(row["ci95_method"] for row in findings.systems if row["ci95_method"])
    lines += [f"95 % interval: {method}" for method in methods]
    if findings.tests:
        lines.append(
            f"tests: {findings.family}; p (Holm) is adjusted for these, the tests of one kind"
            " within a dataset and protocol"
        )
    if findings.tests and findings.baseline is None and not findings.all_pairs:
        lines.append(
            "the best was chosen by the same folds that it is tested on, which favours it: name a"
            " baseline beforehand where you can"
        )
    if findings.interventions:
        lines.append(
            "changed recordings: models trained on the recordings as they are, tested on the same"
            " clips after the intervention; the interval of the difference is a bootstrap over"
            " clips, groups drawn whole, the models fixed"
        )
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
