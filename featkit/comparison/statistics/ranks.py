"""Ranks of several systems over blocks: Friedman's test and Nemenyi's critical difference.

Blocks are datasets or folds.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from featkit.comparison.statistics.outcome import Outcome
from featkit.errors import ParameterError


def average_ranks(scores: ArrayLike) -> NDArray[np.float64]:
    """Return the mean rank of each system, 1 for the best; equal scores share their mean rank.

    Parameters
    ----------
    scores : array-like of shape (n_blocks, n_systems)
        Higher is better; equal to 12 digits is equal.
    """
    values = _checked(scores)
    return np.asarray(stats.rankdata(-np.round(values, 12), axis=1).mean(axis=0))


def friedman(scores: ArrayLike) -> Outcome:
    """Return Friedman's test that all systems rank alike [Friedman1937].

    χ² with n_systems − 1 degrees of freedom, corrected for ties; the p-value is scipy's.
    """
    values = np.round(_checked(scores), 12)
    if not np.any(values != values[:, :1]):
        return Outcome("Friedman", 0.0, 1.0, len(values), "no system differs in any block")
    test = stats.friedmanchisquare(*values.T)
    return Outcome("Friedman", float(test.statistic), float(test.pvalue), len(values))


def critical_difference(n_systems: int, n_blocks: int, alpha: float = 0.05) -> float:
    """Return the difference of mean ranks from which two systems differ by Nemenyi's test.

    q_α √(k (k + 1) / (6 N)), with q_α the quantile of the studentized range over √2
    [Nemenyi1963] [Demsar2006].
    """
    if n_systems < 2 or n_blocks < 1:
        raise ParameterError(
            f"{n_systems} systems over {n_blocks} blocks; expected at least 2 systems and 1 block"
        )
    if not 0 < alpha < 1:
        raise ParameterError(f"alpha={alpha} must be between 0 and 1")
    q = float(stats.studentized_range.ppf(1 - alpha, n_systems, np.inf)) / math.sqrt(2)
    return q * _rank_error(n_systems, n_blocks)


def nemenyi(scores: ArrayLike) -> NDArray[np.float64]:
    """Return Nemenyi's p-value for each pair of systems: a symmetric matrix, ones on its diagonal.

    A p-value is below α exactly where the ranks differ by more than the `critical_difference`.
    """
    values = _checked(scores)
    ranks = average_ranks(values)
    q = (
        np.abs(ranks[:, None] - ranks[None, :])
        / _rank_error(values.shape[1], len(values))
        * math.sqrt(2)
    )
    p = np.asarray(stats.studentized_range.sf(q, values.shape[1], np.inf), dtype=np.float64)
    np.fill_diagonal(p, 1.0)
    return np.clip(p, 0.0, 1.0)


def cliques(ranks: ArrayLike, difference: float) -> list[tuple[int, int]]:
    """Return the longest stretches of sorted ranks in which no two differ by ``difference``.

    As (first, last) positions.
    """
    ordered = np.sort(np.asarray(ranks, dtype=np.float64))
    stretches: list[tuple[int, int]] = []
    for first in range(len(ordered)):
        last = int(np.searchsorted(ordered, ordered[first] + difference, side="left")) - 1
        if last > first and (not stretches or last > stretches[-1][1]):
            stretches.append((first, last))
    return stretches


def _rank_error(n_systems: int, n_blocks: int) -> float:
    return math.sqrt(n_systems * (n_systems + 1) / (6 * n_blocks))


def _checked(scores: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(scores, dtype=np.float64)
    if (
        values.ndim != 2
        or values.shape[0] < 2
        or values.shape[1] < 3
        or not np.isfinite(values).all()
    ):
        raise ParameterError(
            f"scores of shape {values.shape}; expected finite values of at least 2 blocks and"
            " 3 systems"
        )
    return values
