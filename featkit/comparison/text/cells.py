"""The cells of the tables: systems, tests of pairs, analyses of variance, mean ranks."""

import math
from collections.abc import Sequence
from typing import Any

from featkit.comparison.findings import Findings
from featkit.comparison.labels import short_texts
from featkit.comparison.ranking import Ranking
from featkit.results.scores import PAPER_PROTOCOLS

SYSTEMS = (
    *("Rank", "Feature", "Classifier", "Protocol", "Accuracy %"),
    *("95 % interval", "Runs", "Folds", "Macro-F1 %", "Remarks"),
)
TESTS = ("A", "B", "Test", "A − B (points)", "p", "p (Holm)", "Remarks")
VARIANCE = ("Systems", "Test", "F", "p", "p (Holm)", "Remarks")
RANKS = ("Mean rank", "System")


def by_dataset(findings: Findings) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return the rows of each dataset, in the order of the comparison."""
    names = dict.fromkeys(row["dataset"] for row in findings.systems)
    return [(name, [row for row in findings.systems if row["dataset"] == name]) for name in names]


def shortened(findings: Findings, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows with short feature and classifier texts."""
    short = {
        name: short_texts(row[name] for row in findings.systems)
        for name in ("feature", "classifier")
    }
    return [row | {name: short[name][row[name]] for name in short} for row in rows]


def system_cells(row: dict[str, Any]) -> tuple[str, ...]:
    """Return the texts of one system under `SYSTEMS`."""
    spread = "" if row["std"] is None else f" ± {100 * row['std']:.1f} ({row['std_over']})"
    optimistic = " (optimistic)" if row["protocol"] in PAPER_PROTOCOLS else ""
    return (
        "–" if row["rank"] is None else str(row["rank"]),
        row["feature"],
        row["classifier"],
        row["protocol"] + optimistic,
        percent(row["mean"]) + spread,
        f"[{100 * row['ci95'][0]:.1f}, {100 * row['ci95'][1]:.1f}]" if row["ci95"] else "–",
        str(row["n_runs"]),
        str(row["n_folds"]),
        percent(row["macro_f1"]),
        "; ".join(mark for mark in row["marks"] if mark != "optimistic"),
    )


def pair_cells(test: dict[str, Any], names: dict[str, str]) -> tuple[str, ...]:
    """Return the texts of one test under `TESTS`; ``names`` shortens labels."""
    return (
        names[test["a"]],
        names[test["b"]],
        f"{test['test']} ({test['dataset']}, {test['protocol']})",
        "–" if test["difference"] is None else f"{100 * test['difference']:+.1f}",
        p_text(test["p"]),
        p_text(test["p_adjusted"]),
        test["note"],
    )


def variance_cells(test: dict[str, Any], names: dict[str, str]) -> tuple[str, ...]:
    """Return the texts of one analysis of variance under `VARIANCE`."""
    return (
        ", ".join(names[label] for label in test["systems"]),
        f"{test['test']} ({test['dataset']}, {test['protocol']})",
        f"{test['statistic']:.2f}",
        p_text(test["p"]),
        p_text(test["p_adjusted"]),
        test["note"],
    )


def rank_cells(ranking: Ranking, names: dict[str, str]) -> list[tuple[str, ...]]:
    """Return the texts of every system of a ranking under `RANKS`."""
    return [
        (f"{rank:.2f}", names[label])
        for rank, label in zip(ranking.ranks, ranking.systems, strict=True)
    ]


def friedman_text(ranking: Ranking) -> str:
    """Return the outcome of Friedman's test and the critical difference as one sentence."""
    test = ranking.test
    return (
        f"Friedman test over {test.n} blocks: χ² = {test.statistic:.2f}, p {p_equals(test.p)};"
        f" critical difference {ranking.difference:.2f}"
    )


def percent(fraction: float | None) -> str:
    """Return a fraction as a percentage with one decimal."""
    return "–" if fraction is None else f"{100 * fraction:.1f}"


def p_text(p: float) -> str:
    """Return a p-value to three decimals, ``< 0.001`` below."""
    if math.isnan(p):
        return "–"
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def p_equals(p: float) -> str:
    """Return a p-value as it follows the letter p: ``= 0.012`` or ``< 0.001``."""
    text = p_text(p)
    return text if text.startswith("<") else f"= {text}"
