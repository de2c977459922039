"""A map: each clip a point, coloured by its class or by which of two systems is correct."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from featkit.analysis.projection import Method, Projection, project
from featkit.comparison.labels import find
from featkit.comparison.pooling import pool
from featkit.comparison.systems import System
from featkit.errors import ParameterError
from featkit.results.scores import Score
from featkit.store.table import Table


@dataclass(frozen=True, eq=False)
class Map:
    """Points of clips.

    Attributes
    ----------
    dataset, feature : str
    projection : Projection
    ids, labels, kinds : tuple of str
        One entry for each point; ``kinds`` are what colours stand for.
    order : tuple of str
        The kinds, as a legend lists them: those that are looked at first come first.
    """

    dataset: str
    feature: str
    projection: Projection
    ids: tuple[str, ...]
    labels: tuple[str, ...]
    kinds: tuple[str, ...]
    order: tuple[str, ...]

    def odd_ones(self) -> list[int]:
        """Return the points of each kind in turn, those far from the median of their kind first."""
        points, kinds = self.projection.points, np.array(self.kinds)
        lists = []
        for kind in self.order:
            own = np.flatnonzero(kinds == kind)
            away = np.linalg.norm(points[own] - np.median(points[own], axis=0), axis=1)
            lists.append(own[np.argsort(-away, kind="stable")].tolist())
        longest = max(map(len, lists))
        return [own[turn] for turn in range(longest) for own in lists if turn < len(own)]


def by_class(table: Table, method: Method = "pca", seed: int = 0) -> Map:
    """Return the map of a table's rows, coloured by class.

    Raises
    ------
    ParameterError, MissingDependencyError
        As `project`.
    """
    labels = tuple(map(str, table.y))
    order = tuple(map(str, table.classes))
    return _map(table, project(table.vectors(), method, seed), labels, order)


def by_disagreement(
    table: Table,
    scores: Iterable[Score],
    systems: tuple[str, str],
    method: Method = "pca",
    seed: int = 0,
) -> Map:
    """Return the map of the clips that two systems predicted, coloured by which is correct.

    A system with several runs is correct on a clip where at least half of them are.

    Parameters
    ----------
    table : Table
        Whose rows place the clips.
    scores : iterable of Score
        With stored predictions.
    systems : tuple of str
        What `featkit compare` calls them: ``feature + classifier``, or one of the two where it is
        unique.

    Raises
    ------
    ParameterError, MissingDependencyError
        As `project`, or if a name is not that of one system, or no clip of the table has
        predictions of both.
    """
    pooled = pool(score for score in scores if score.dataset == table.dataset)
    labels = [find(name, pooled) for name in systems]
    if labels[0] == labels[1]:
        raise ParameterError(f"{labels[0]!r} is compared with itself: name two systems")
    first, second = (_correct(next(s for s in pooled if s.label == label)) for label in labels)
    rows = np.array(
        [at for at, name in enumerate(table.ids.tolist()) if name in first and name in second],
        dtype=np.int64,
    )
    if not len(rows):
        raise ParameterError(
            f"no clip of {table.dataset} in the store has stored predictions of both "
            f"{labels[0]} and {labels[1]}"
        )
    words = {
        (True, False): f"only {labels[0]} is correct",
        (False, True): f"only {labels[1]} is correct",
        (False, False): "both are wrong",
        (True, True): "both are correct",
    }
    kinds = tuple(words[first[name], second[name]] for name in table.ids[rows].tolist())
    order = tuple(kind for kind in words.values() if kind in kinds)
    some = table.select(rows)
    return _map(some, project(some.vectors(), method, seed), kinds, order)


def _map(
    table: Table, projection: Projection, kinds: tuple[str, ...], order: tuple[str, ...]
) -> Map:
    ids, labels = (tuple(map(str, column)) for column in (table.ids, table.y))
    return Map(table.dataset, table.feature, projection, ids, labels, kinds, order)


def _correct(system: System) -> dict[str, bool]:
    """Return whether a system is correct, for each clip that it predicted."""
    return {
        str(name): bool(fraction >= 0.5)
        for fold in system.hits.values()
        for name, fraction in zip(fold.ids, fold.fraction, strict=True)
    }


def thinned(whole: Map, most: int, seed: int = 0) -> Map:
    """Return a map of at most ``most`` points, drawn at random."""
    if len(whole.ids) <= most:
        return whole
    drawn: NDArray[np.int64] = np.random.default_rng(seed).choice(len(whole.ids), most, False)
    rows = np.sort(drawn).tolist()
    kinds = tuple(whole.kinds[row] for row in rows)
    return Map(
        whole.dataset,
        whole.feature,
        Projection(whole.projection.points[rows], whole.projection.axes),
        tuple(whole.ids[row] for row in rows),
        tuple(whole.labels[row] for row in rows),
        kinds,
        tuple(kind for kind in whole.order if kind in kinds),
    )
