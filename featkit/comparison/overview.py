"""Comparison: what a set of scores says about the systems behind it.

Systems are ranked and tested within a league: one dataset, one protocol, one way of making folds.
Numbers of different leagues never meet in a test, so an optimistic ``paper`` result cannot win
against an honest one.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np

from featkit.comparison.pairs import adjusted, contrast, shared
from featkit.comparison.statistics.outcome import Outcome
from featkit.comparison.statistics.ranks import average_ranks, critical_difference, friedman
from featkit.comparison.systems import League, System, pool
from featkit.errors import ParameterError
from featkit.results.scores import PAPER_PROTOCOLS, Score


@dataclass(frozen=True)
class Ranking:
    """Friedman's test and Nemenyi's critical difference of the systems of one league, or of one
    protocol over datasets.

    Attributes
    ----------
    title : str
        What the blocks are, such as ``folds of esc10, nested``.
    systems : tuple of str
        Labels, best mean rank first.
    ranks : tuple of float
        Mean ranks in the same order.
    difference : float
        Critical difference at 5 %.
    test : Outcome
    note : str
    """

    title: str
    systems: tuple[str, ...]
    ranks: tuple[float, ...]
    difference: float
    test: Outcome
    note: str = ""


@dataclass(frozen=True, eq=False)
class Comparison:
    """Systems with their intervals and ranks, the tests between them, and what must be said about
    both.

    Attributes
    ----------
    systems : list of dict
        ``dataset, feature, classifier, protocol, mean, std, ci95, n_runs, rank`` and more, best
        first within a league. ``std`` is over what ``std_over`` says; ``rank`` is None for a system
        with missing folds.
    tests : list of dict
        ``a, b, test, p, p_adjusted`` and more, over folds and over clips.
    rankings : list of Ranking
    failures : list of dict
        Cells that failed, with their error.
    notes : list of str
    members : list of System
        In the order of ``systems``.
    baseline : str or None
    """

    systems: list[dict[str, Any]]
    tests: list[dict[str, Any]]
    rankings: list[Ranking]
    failures: list[dict[str, Any]]
    notes: list[str]
    members: list[System] = field(repr=False)
    baseline: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return everything in types that JSON has."""
        from featkit.report.tables import as_dict

        return as_dict(self)

    def to_markdown(self) -> str:
        """Return the comparison as Markdown tables."""
        from featkit.report.tables import markdown

        return markdown(self)

    def to_latex(self) -> str:
        """Return the comparison as LaTeX tables (package booktabs)."""
        from featkit.report.tables import latex

        return latex(self)

    def to_csv(self) -> str:
        """Return the systems as comma-separated values, one row each, with a header."""
        from featkit.report.tables import csv_text

        return csv_text(self)

    def folds_csv(self) -> str:
        """Return one row for each system, seed and fold, as comma-separated values with a header."""
        from featkit.report.exports import folds_csv

        return folds_csv(self)

    def confusion_csv(self) -> str:
        """Return one row for each system, true and predicted class, with its count, as
        comma-separated values with a header.
        """
        from featkit.report.exports import confusion_csv

        return confusion_csv(self)

    def to_html(self, command: str = "", specimens: Callable[[str, str], Any] | None = None) -> str:
        """Return the report as one HTML page that needs nothing else; ``command`` is what
        reproduces it.

        ``specimens`` pictures the most confused clips, such as `specimens.from_stores` of the
        stores that they come from.
        """
        from featkit.report.page import render

        return render(self, command, specimens)


def compare(scores: Iterable[Score], *, baseline: str | None = None) -> Comparison:
    """Return the comparison of all systems in some scores.

    Parameters
    ----------
    scores : iterable of Score
        Of any datasets, protocols and seeds; of equal cells the last counts.
    baseline : str, optional
        The system that all others are tested against: ``feature + classifier``, or one of the two
        where it is unique. By default every pair is tested.

    Raises
    ------
    ParameterError
        If there are no scores, or no system, or several, are called ``baseline``.
    """
    leagues: dict[League, list[System]] = {}
    for system in pool(scores):
        leagues.setdefault(system.league, []).append(system)
    if not leagues:
        raise ParameterError("no results to compare")
    base = (
        None
        if baseline is None
        else find(baseline, [system for group in leagues.values() for system in group])
    )
    rows, members, tests, notes = [], [], [], []
    for _, group in sorted(leagues.items()):
        ordered = sorted(
            group, key=lambda system: (not system.complete, -(system.mean or 0.0), system.label)
        )
        rows += [system.row(rank) for system, rank in zip(ordered, _ranks(ordered), strict=True)]
        members += ordered
        tests += _tests([system for system in ordered if system.complete], base)
        notes += _league_notes(ordered, base)
    failures = [_failure(score) for system in members for score in system.failed]
    return Comparison(rows, adjusted(tests), _rankings(members), failures, notes, members, base)


def _ranks(systems: list[System]) -> list[int | None]:
    """Return 1 + the number of better systems for each one, None where folds are missing."""
    means = [None if system.mean is None else round(system.mean, 12) for system in systems]
    ranked = [
        mean
        for mean, system in zip(means, systems, strict=True)
        if system.complete and mean is not None
    ]
    return [
        1 + sum(other > mean for other in ranked) if system.complete and mean is not None else None
        for mean, system in zip(means, systems, strict=True)
    ]


def _tests(systems: list[System], base: str | None) -> list[dict[str, Any]]:
    pairs = list(combinations(systems, 2))
    if base is not None:
        pairs = [
            (a, b) if a.label == base else (b, a) for a, b in pairs if base in (a.label, b.label)
        ]
    return [test for a, b in pairs for test in contrast(a, b)]


def _league_notes(systems: list[System], base: str | None) -> list[str]:
    first = systems[0]
    place = f"{first.dataset}, {first.protocol}"
    notes = []
    if first.protocol in PAPER_PROTOCOLS:
        notes.append(
            f"{place}: optimistic, because hyper-parameters were selected on the test folds"
        )
    for system in systems:
        apart = shared(systems[0], system).unshared
        if any(len({score.data for score in run.values()}) > 1 for run in system.runs):
            notes.append(
                f"{place}: {system.label} was measured on different states of the data; evaluate it again"
            )
        if apart:
            notes.append(
                f"{place}: {system.label} and {first.label} were tested on different clips ({apart} differ)"
            )
    if base is not None and all(system.label != base or not system.complete for system in systems):
        notes.append(
            f"{place}: the baseline has no complete result here, so nothing is tested against it"
        )
    incomplete = [system.label for system in systems if not system.complete]
    if incomplete:
        notes.append(f"{place}: not ranked, because folds are missing: {', '.join(incomplete)}")
    return notes


def _rankings(systems: list[System]) -> list[Ranking]:
    """Return a ranking over the folds of each league, and one over datasets where three or more
    share their systems.
    """
    found = []
    complete = [system for system in systems if system.complete]
    for league in dict.fromkeys(system.league for system in complete):
        group = [system for system in complete if system.league == league]
        table = {
            system.label: [system.fold_means[fold] for fold in system.folds] for system in group
        }
        note = "folds share training clips, so the test finds too many differences: read it as a picture"
        found += _ranking(f"folds of {league[0]}, {league[1]}", table, note)
    for protocol in dict.fromkeys(system.protocol for system in complete):
        means: dict[str, dict[tuple[str, str], float]] = {}
        for system in (system for system in complete if system.protocol == protocol):
            means.setdefault(system.label, {})[(system.dataset, system.scheme)] = system.mean or 0.0
        places = sorted({place for values in means.values() for place in values})
        table = {
            label: [values[place] for place in places]
            for label, values in means.items()
            if len(values) == len(places)
        }
        if len(places) > 2:
            found += _ranking(f"{len(places)} datasets, {protocol}", table, "")
    return found


def _ranking(title: str, table: dict[str, list[float]], note: str) -> list[Ranking]:
    values = np.array(list(table.values())).T
    if len(table) < 3 or len(values) < 2:
        return []
    ranks = average_ranks(values)
    order = np.argsort(ranks, kind="stable")
    labels = list(table)
    difference = critical_difference(len(labels), len(values))
    named = tuple(labels[position] for position in order)
    return [
        Ranking(
            title,
            named,
            tuple(float(ranks[position]) for position in order),
            difference,
            friedman(values),
            note,
        )
    ]


def find(name: str, systems: list[System]) -> str:
    """Return the label of the one system that ``name`` means: its label, or its feature or
    classifier where that is unique.

    Raises
    ------
    ParameterError
        If no system, or several, are called so.
    """
    found: set[str] = set()
    for system in systems:
        texts = {(score.feature, score.classifier) for score in [*system.scores, *system.failed]}
        texts.add((system.feature, system.classifier))
        known = {
            text
            for feature, classifier in texts
            for text in (f"{feature} + {classifier}", feature, classifier)
        }
        if name in known:
            found.add(system.label)
    labels = sorted({system.label for system in systems})
    if len(found) != 1:
        what = "no system is" if not found else f"{len(found)} systems are"
        raise ParameterError(f"{what} called {name!r}; the systems: {'; '.join(labels)}")
    return found.pop()


def _failure(score: Score) -> dict[str, Any]:
    names = ("dataset", "feature", "classifier", "protocol", "fold", "seed", "error")
    return {name: getattr(score, name) for name in names}
