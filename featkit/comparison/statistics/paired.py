"""Tests of two systems on the same folds or clips. All are two-sided."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from featkit.comparison.statistics.outcome import Outcome
from featkit.errors import ParameterError

_EXACT_UNITS = 14  # 2**14 sign patterns are enumerated; beyond, they are sampled


def corrected_t(differences: ArrayLike, test_ratio: float) -> Outcome:
    """Return the corrected resampled t-test of the differences between two systems over folds.

    t = mean(d) / √((1/k + test_ratio) · var(d)), with k − 1 degrees of freedom [Nadeau2003]: the
    plain test takes folds for independent, but their training sets overlap, and it finds far too
    many differences.

    Parameters
    ----------
    differences : array-like of shape (k,)
        One for each fold.
    test_ratio : float
        Test clips for each training clip: 1/(k − 1) in k-fold cross-validation.
    """
    d = _at_least_two(differences, "folds")
    if not 0 <= test_ratio < math.inf:
        raise ParameterError(f"test_ratio={test_ratio} must be finite and not negative")
    mean, spread = float(d.mean()), float(d.std(ddof=1))
    name = "corrected resampled t-test"
    if spread <= 1e-12 * max(1.0, abs(mean)):
        same = abs(mean) <= 1e-12
        return Outcome(
            name,
            0.0 if same else math.copysign(math.inf, mean),
            float(same),
            len(d),
            "the differences do not vary",
        )
    error = spread * math.sqrt(1 / len(d) + test_ratio)
    t, half = mean / error, float(stats.t.ppf(0.975, len(d) - 1)) * error
    p = float(2 * stats.t.sf(abs(t), len(d) - 1))
    return Outcome(name, t, p, len(d), interval=(mean - half, mean + half))


def permutation(
    differences: ArrayLike, groups: ArrayLike | None = None, *, resamples: int = 9999, seed: int = 0
) -> Outcome:
    """Return the paired permutation test, by flipping signs, of a sum of differences of clips.

    Clips of one group flip together [Edgington2007]. With few groups that differ, all sign patterns
    are enumerated and p is exact; else p = (1 + patterns at least as extreme) / (1 + resamples)
    [Phipson2010].
    """
    d = np.asarray(differences, dtype=np.float64)
    if d.ndim != 1 or not np.isfinite(d).all():
        raise ParameterError(
            f"differences of shape {d.shape}; expected one finite value for each clip"
        )
    units = np.arange(len(d)) if groups is None else np.asarray(groups)
    if resamples < 1 or units.shape != d.shape:
        raise ParameterError(
            f"resamples={resamples}, groups of shape {units.shape} for {len(d)} differences"
        )
    if groups is not None:
        d = np.bincount(np.unique(units, return_inverse=True)[1], d).astype(np.float64)
    n = len(d)
    observed, d = float(d.sum()), d[np.abs(d) > 1e-15]
    limit = abs(observed) - 1e-9 * float(np.abs(d).sum())
    if len(d) <= _EXACT_UNITS:
        patterns = 1.0 - 2.0 * (np.arange(2 ** len(d))[:, None] >> np.arange(len(d)) & 1)
        return Outcome(
            "paired permutation (exact)", observed, float(np.mean(np.abs(patterns @ d) >= limit)), n
        )
    rng, extreme = np.random.default_rng(seed), 0
    for start in range(0, resamples, 1024):
        size = min(1024, resamples - start)
        flips = np.unpackbits(
            rng.integers(0, 256, (size, -(-len(d) // 8)), dtype=np.uint8), axis=1
        )[:, : len(d)]
        extreme += int(np.sum(np.abs(d.sum() - 2 * (flips @ d)) >= limit))
    return Outcome("paired permutation", observed, (1 + extreme) / (1 + resamples), n)


def wilcoxon(differences: ArrayLike) -> Outcome:
    """Return Wilcoxon's signed-rank test of paired differences; differences of zero are dropped.

    From [Wilcoxon1945]; [Demsar2006] recommends it for two classifiers on many datasets. The
    p-value is scipy's.
    """
    d = _at_least_two(differences, "pairs")
    if not np.any(d):
        return Outcome("Wilcoxon signed-rank", 0.0, 1.0, len(d), "no pair differs")
    test = stats.wilcoxon(d)
    return Outcome("Wilcoxon signed-rank", float(test.statistic), float(test.pvalue), len(d))


def mcnemar(only_a: int, only_b: int, exact: bool = True) -> Outcome:
    """Return McNemar's test from how many clips only one of two systems predicts correctly.

    ``exact``: the binomial test of ``only_a`` in ``only_a + only_b`` at ½. Otherwise χ² = (|a − b|
    − 1)² / (a + b) with one degree of freedom, Edwards's continuity correction, for 25 or more such
    clips [McNemar1947] [Edwards1948]
    [Dietterich1998].
    """
    if min(only_a, only_b) < 0:
        raise ParameterError(f"{only_a} and {only_b} clips; counts must not be negative")
    n = only_a + only_b
    if exact:
        p = float(stats.binomtest(only_a, n, 0.5).pvalue) if n else 1.0
        return Outcome("McNemar (exact)", float(min(only_a, only_b)), p, n)
    statistic = max(abs(only_a - only_b) - 1, 0) ** 2 / n if n else 0.0
    return Outcome("McNemar (corrected)", statistic, float(stats.chi2.sf(statistic, 1)), n)


def _at_least_two(differences: ArrayLike, what: str) -> NDArray[np.float64]:
    d = np.asarray(differences, dtype=np.float64)
    if d.ndim != 1 or len(d) < 2 or not np.isfinite(d).all():
        raise ParameterError(
            f"differences of shape {d.shape}; expected finite values of at least 2 {what}"
        )
    return d
