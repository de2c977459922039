"""The texts of cells: systems, pairs with their tests, analyses of variance, mean ranks."""

import math
from collections.abc import Iterable
from typing import Any

from featkit.comparison.findings import Findings
from featkit.comparison.pairs import family
from featkit.comparison.ranking import Ranking
from featkit.comparison.systems import System

SYSTEMS = ("#", "System", "Accuracy %", "95 % interval", "Runs × folds", "Macro-F1 %", "Remarks")
TESTS = ("A", "B", "Test", "A − B (points)", "p", "p (Holm)", "Remarks")
VARIANCE = ("Systems", "Test", "F", "p", "p (Holm)", "Remarks")
RANKS = ("Mean rank", "System")
INTERVENTIONS = ("System", "Intervention", "Accuracy %", "Untouched %", "Difference (points)")

Pair = tuple[str, str]


def by_league(findings: Findings) -> list[tuple[str, list[tuple[System, dict[str, Any]]]]]:
    """Return systems with their rows by dataset, protocol and, if there are several, scheme."""
    leagues: dict[tuple[str, str, str], list[tuple[System, dict[str, Any]]]] = {}
    for system, row in zip(findings.members, findings.systems, strict=True):
        leagues.setdefault(system.league, []).append((system, row))
    places = [league[:2] for league in leagues]
    return [
        (league_title(league, places.count(league[:2]) > 1), members)
        for league, members in leagues.items()
    ]


def league_title(league: tuple[str, str, str], with_scheme: bool) -> str:
    """Return ``dataset, protocol`` and, on request, the scheme."""
    return ", ".join(league if with_scheme else league[:2])


def system_cells(row: dict[str, Any], name: str) -> tuple[str, ...]:
    """Return the texts of one system under `SYSTEMS`."""
    spread = "" if row["std"] is None else f" ± {100 * row['std']:.1f} ({row['std_over']})"
    return (
        "–" if row["rank"] is None else str(row["rank"]),
        name,
        percent(row["mean"]) + spread,
        interval_text(row["ci95"]),
        f"{row['n_runs']} × {row['n_folds']}",
        percent(row["macro_f1"]),
        "; ".join(row["marks"]),
    )


def pairs_of(tests: Iterable[dict[str, Any]]) -> dict[Pair, dict[str, dict[str, Any]]]:
    """Return the tests of one league by pair, and within a pair by `family`."""
    pairs: dict[Pair, dict[str, dict[str, Any]]] = {}
    for test in tests:
        pairs.setdefault((test["a"], test["b"]), {})[family(test["test"])] = test
    return pairs


def pair_cells(test: dict[str, Any], names: dict[str, str]) -> tuple[str, ...]:
    """Return the texts of one test under `TESTS`; ``names`` shortens labels."""
    return (
        names[test["a"]],
        names[test["b"]],
        f"{test['test']} ({test['dataset']}, {test['protocol']})",
        points(test["difference"]),
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


def intervention_cells(row: dict[str, Any], names: dict[str, str]) -> tuple[str, ...]:
    """Return the texts of one system after one intervention under `INTERVENTIONS`."""
    label = f"{row['feature']} + {row['classifier']}"
    ends = row["ci95"]
    interval = f" [{points(ends[0])}, {points(ends[1])}]" if ends else ""
    return (
        names.get(label, label),
        row["intervention"],
        percent(row["mean"]),
        percent(row["untouched"]),
        points(row["difference"]) + interval,
    )


def interventions_by_league(findings: Findings) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of changed recordings by dataset and protocol."""
    leagues: dict[str, list[dict[str, Any]]] = {}
    for row in findings.interventions:
        leagues.setdefault(", ".join((row["dataset"], row["protocol"])), []).append(row)
    return leagues


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


def points(difference: float | None) -> str:
    """Return a difference of fractions in points, with its sign."""
    return "–" if difference is None else f"{100 * difference:+.1f}".replace("-", "−")


def interval_text(interval: list[float] | None) -> str:
    """Return an interval of fractions in percent."""
    return f"[{100 * interval[0]:.1f}, {100 * interval[1]:.1f}]" if interval else "–"


def p_text(p: float) -> str:
    """Return a p-value to three decimals, ``< 0.001`` below."""
    if math.isnan(p):
        return "–"
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def p_equals(p: float) -> str:
    """Return a p-value as it follows the letter p: ``= 0.012`` or ``< 0.001``."""
    text = p_text(p)
    return text if text.startswith("<") else f"= {text}"
