"""Several systems at once: their places, mean ranks, and the analysis of variance of their runs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from featkit.comparison.statistics.outcome import Outcome
from featkit.comparison.statistics.ranks import average_ranks, critical_difference, friedman
from featkit.comparison.statistics.runs import anova
from featkit.comparison.systems import System
from featkit.results.pooling import POOLED

OVER_FOLDS = (
    "folds share training clips, so the test finds too many differences: read it as a picture"
)


@dataclass(frozen=True)
class Ranking:
    """Friedman's test and Nemenyi's critical difference of several systems.

    Attributes
    ----------
    title : str
        What the blocks are: the folds of a league, or datasets under one protocol.
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


def places(systems: Sequence[System]) -> list[int | None]:
    """Return 1 + the number of better systems for each one, None where folds are missing."""
    means = [
        round(system.mean, 12) if system.complete and system.mean is not None else None
        for system in systems
    ]
    ranked = [mean for mean in means if mean is not None]
    return [None if mean is None else 1 + sum(other > mean for other in ranked) for mean in means]


def rankings(systems: Sequence[System]) -> list[Ranking]:
    """Return the ranking over the folds of each league, then those over datasets.

    Of three or more complete systems; over datasets where three or more have all these systems
    under one protocol. A dataset of windows counts once, pooled per clip.
    """
    complete = [system for system in systems if system.complete]
    leagues = list(dict.fromkeys(system.league for system in complete))
    places = [league[:2] for league in leagues]
    over_folds = [
        ranking
        for league in leagues
        for ranking in _over_folds(
            [system for system in complete if system.league == league],
            ", ".join(league if places.count(league[:2]) > 1 else league[:2]),
        )
    ]
    over_datasets = [
        ranking
        for protocol in dict.fromkeys(system.protocol for system in complete)
        for ranking in _over_datasets(
            [system for system in _once(complete) if system.protocol == protocol]
        )
    ]
    return over_folds + over_datasets


def variance_tests(systems: Sequence[System]) -> list[dict[str, Any]]:
    """Return the one-way analysis of variance over runs of one league, as a list of none or one.

    It is that of the complete systems that have two or more distinct runs, if there are three or
    more of them and their runs vary: with seeds as the random factor, as [Pons2019] compares
    random networks.
    """
    repeated = [system for system in systems if system.complete and len(system.run_means) > 1]
    if len(repeated) < 3:
        return []
    outcome = anova(*(system.run_means for system in repeated))
    if math.isnan(outcome.p):
        return []
    first = repeated[0]
    return [
        {name: getattr(first, name) for name in ("dataset", "protocol", "scheme")}
        | {"systems": [system.label for system in repeated], "test": outcome.test}
        | {"statistic": outcome.statistic, "p": outcome.p, "n": outcome.n, "note": outcome.note}
    ]


def _once(systems: Sequence[System]) -> list[System]:
    """Return the systems without those of windows that are there pooled per clip too."""
    pooled = {
        (system.dataset, system.protocol, system.scheme.removesuffix(POOLED).removesuffix(", "))
        for system in systems
        if system.scheme.endswith(POOLED)
    }
    return [system for system in systems if system.league not in pooled]


def _over_folds(league: Sequence[System], place: str) -> list[Ranking]:
    table = {system.label: [system.fold_means[fold] for fold in system.folds] for system in league}
    return _ranking(f"folds of {place}", table, OVER_FOLDS)


def _over_datasets(systems: Sequence[System]) -> list[Ranking]:
    """Return the ranking over datasets of the systems that all of them have."""
    means: dict[str, dict[tuple[str, str], float]] = {}
    for system in systems:
        place = (system.dataset, system.scheme)
        means.setdefault(system.label, {})[place] = system.mean or 0.0
    blocks = sorted({place for values in means.values() for place in values})
    if len(blocks) < 3:
        return []
    table = {
        label: [values[place] for place in blocks]
        for label, values in means.items()
        if len(values) == len(blocks)
    }
    return _ranking(f"{len(blocks)} datasets, {systems[0].protocol}", table, "")


def _ranking(title: str, table: dict[str, list[float]], note: str) -> list[Ranking]:
    values = np.array(list(table.values())).T
    if len(table) < 3 or len(values) < 2:
        return []
    ranks = average_ranks(values)
    order = np.argsort(ranks, kind="stable")
    labels = list(table)
    return [
        Ranking(
            title=title,
            systems=tuple(labels[at] for at in order),
            ranks=tuple(float(ranks[at]) for at in order),
            difference=critical_difference(len(labels), len(values)),
            test=friedman(values),
            note=note,
        )
    ]
