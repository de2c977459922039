"""Intervals for an accuracy."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from featkit.errors import ParameterError


def wilson(fraction: float, n: float, confidence: float = 0.95) -> tuple[float, float]:
    """Return Wilson's score interval for a fraction of ``n`` independent trials [Wilson1927].

    ``n`` need not be whole. Unlike mean ± 1.96 standard errors, the interval stays within 0–1 and
    has a width at 0 and 1 too [Brown2001].
    """
    if not 0 <= fraction <= 1 or not 0 < n < math.inf:
        raise ParameterError(
            f"a fraction of {fraction} in {n} trials; expected one in 0–1 and more than 0 trials"
        )
    _check_confidence(confidence)
    z = float(stats.norm.ppf((1 + confidence) / 2))
    centre = (fraction + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(fraction * (1 - fraction) / n + (z / (2 * n)) ** 2) / (1 + z * z / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def effective_size(correct: ArrayLike, weights: ArrayLike, groups: ArrayLike) -> float:
    """Return how many independent clips a weighted mean of correct predictions is worth.

    Clips alone: 1 / Σ w² (Kish), which is n for equal weights. Where clips share a group: p (1 − p)
    / v, with the variance of the mean from totals of the G groups, v = Σ_g (Σ_{i∈g} w_i (x_i − p))²
    · G / (G − 1), and never more than for clips alone. With no error or no correct prediction at
    all, v says nothing and the result is G.

    From [Kish1965] and [Korn1998].

    Parameters
    ----------
    correct : array-like of shape (n,)
        Fraction of runs that predicted each clip correctly, 0–1.
    weights : array-like of shape (n,)
        Weight of each clip in the mean; normalized to sum to 1.
    groups : array-like of shape (n,)
        Group of each clip.
    """
    x, w = np.asarray(correct, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    if (
        not len(x)
        or not x.shape == w.shape == np.shape(groups)
        or not np.isfinite([*x, *w]).all()
        or w.sum() <= 0
    ):
        raise ParameterError(
            f"predictions, weights and groups of shapes {x.shape}, {w.shape}, {np.shape(groups)};"
            " expected finite ones, equally many"
        )
    w = w / w.sum()
    alone = 1 / float(np.sum(w**2))
    unit = np.unique(np.asarray(groups), return_inverse=True)[1]
    count = int(unit.max()) + 1
    if count == len(x):
        return alone
    p = float(np.sum(w * x))
    variance = float(np.sum(np.bincount(unit, w * (x - p)) ** 2)) * count / max(count - 1, 1)
    if variance <= 0 or not 0 < p < 1:
        return float(min(count, alone))
    return float(np.clip(p * (1 - p) / variance, 1.0, alone))


def bootstrap(
    values: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    resamples: int = 9999,
    confidence: float = 0.95,
    seed: int = 0,
) -> tuple[float, float]:
    """Return the percentile bootstrap interval of a mean ([Efron1993], chapter 13).

    With ``groups``, whole groups are drawn ([Davison1997], section 3.8).
    """
    x = np.asarray(values, dtype=np.float64)
    _check_confidence(confidence)
    if (
        x.ndim != 1
        or not np.isfinite(x).all()
        or resamples < 1
        or (groups is not None and np.shape(groups) != x.shape)
    ):
        raise ParameterError(
            f"values of shape {x.shape}, resamples={resamples}; expected finite values, each with"
            " its group"
        )
    unit = (
        np.arange(len(x))
        if groups is None
        else np.unique(np.asarray(groups), return_inverse=True)[1]
    )
    totals, sizes = np.bincount(unit, x), np.bincount(unit).astype(np.float64)
    if len(totals) < 2:
        raise ParameterError(f"{len(totals)} group(s) to draw from; a bootstrap needs at least 2")
    rng = np.random.default_rng(seed)
    means: list[NDArray[np.float64]] = []
    for start in range(0, resamples, 512):
        drawn = rng.integers(0, len(totals), (min(512, resamples - start), len(totals)))
        means.append(totals[drawn].sum(axis=1) / sizes[drawn].sum(axis=1))
    low, high = np.quantile(np.concatenate(means), [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def _check_confidence(confidence: float) -> None:
    if not 0 < confidence < 1:
        raise ParameterError(f"confidence={confidence} must be between 0 and 1")
