"""Tests of repeated runs with different seeds, as [Pons2019] compares its systems.

All are two-sided. Statistics and p-values are scipy's.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, stats

from featkit.comparison.statistics.outcome import Outcome
from featkit.errors import ParameterError

FEW_RUNS = 10


def student(a: ArrayLike, b: ArrayLike) -> Outcome:
    """Return Student's t-test that two systems have equal means, variances equal [Student1908]."""
    return _two_samples("Student's t-test", a, b, equal_var=True)


def welch(a: ArrayLike, b: ArrayLike) -> Outcome:
    """Return Welch's t-test that two systems have equal means, variances free [Welch1947]."""
    return _two_samples("Welch's t-test", a, b, equal_var=False)


def one_sample(runs: ArrayLike, constant: float) -> Outcome:
    """Return the t-test of runs against one value [Student1908].

    The value is that of a system without randomness: the MFCC baseline of [Pons2019] has one value,
    against which two-sample tests cannot be used.
    """
    x = _runs(runs)
    name = "one-sample t-test"
    if np.ptp(x) == 0:
        return _constant(name, float(x[0]) - constant, len(x))
    test = stats.ttest_1samp(x, constant)
    return Outcome(name, float(test.statistic), float(test.pvalue), len(x), caveat(len(x)))


def anova(*systems: ArrayLike) -> Outcome:
    """Return the one-way analysis of variance that all systems have the same mean [Fisher1925]."""
    values = [_runs(runs) for runs in systems]
    if len(values) < 2:
        raise ParameterError(f"{len(values)} system(s); an analysis of variance needs at least 2")
    smallest, n = min(map(len, values)), sum(map(len, values))
    if all(np.ptp(runs) == 0 for runs in values):
        return _constant("one-way ANOVA", float(np.ptp([runs[0] for runs in values])), n)
    test = stats.f_oneway(*values)
    return Outcome(
        "one-way ANOVA", float(test.statistic), float(test.pvalue), n, caveat(smallest, smallest)
    )


def detectable(n_a: int, n_b: int | None = None, power: float = 0.8, alpha: float = 0.05) -> float:
    """Return the true difference that a t-test finds with probability ``power``.

    In standard deviations of a run, solved from the noncentral t distribution ([Cohen1988], chapter
    2). With ``n_b`` of None the second system is a constant.
    """
    if n_a < 2 or (n_b is not None and n_b < 2) or not 0 < alpha < power < 1:
        raise ParameterError(
            f"{n_a} and {n_b} runs, power={power}, alpha={alpha}; expected 2 runs or more,"
            " 0 < alpha < power < 1"
        )
    degrees = n_a - 1 if n_b is None else n_a + n_b - 2
    scale = math.sqrt(n_a) if n_b is None else math.sqrt(n_a * n_b / (n_a + n_b))
    limit = float(stats.t.ppf(1 - alpha / 2, degrees))

    def missing(effect: float) -> float:
        above = stats.nct.sf(limit, degrees, effect * scale)
        below = stats.nct.sf(limit, degrees, -effect * scale)
        return float(above + below) - power

    upper = 1.0
    while missing(upper) < 0:
        upper *= 2
    return float(optimize.brentq(missing, 1e-6, upper))


def caveat(n_a: int, n_b: int | None = None) -> str:
    """Return a warning of low power for fewer than ten runs, else an empty text."""
    if min(n_a, n_a if n_b is None else n_b) >= FEW_RUNS:
        return ""
    counted = f"{n_a} runs" if n_b is None else f"{n_a} against {n_b} runs"
    effect = detectable(n_a, n_b)
    return (
        f"low power: with {counted}, a difference of {effect:.1f} standard deviations is missed"
        " one time in five"
    )


def _two_samples(name: str, a: ArrayLike, b: ArrayLike, equal_var: bool) -> Outcome:
    x, y = _runs(a), _runs(b)
    if np.ptp(x) == 0 and np.ptp(y) == 0:
        return _constant(name, float(x[0] - y[0]), len(x) + len(y))
    test = stats.ttest_ind(x, y, equal_var=equal_var)
    return Outcome(
        name, float(test.statistic), float(test.pvalue), len(x) + len(y), caveat(len(x), len(y))
    )


def _constant(name: str, difference: float, n: int) -> Outcome:
    """Return the outcome where no run varies.

    Nothing can be tested then, so p is NaN unless all values are equal.
    """
    if difference == 0:
        return Outcome(name, 0.0, 1.0, n, "all runs are equal")
    return Outcome(
        name,
        math.nan,
        math.nan,
        n,
        "the runs do not vary: without randomness there is nothing to test",
    )


def _runs(values: ArrayLike) -> NDArray[np.float64]:
    x = np.asarray(values, dtype=np.float64)
    if x.ndim != 1 or len(x) < 2 or not np.isfinite(x).all():
        raise ParameterError(
            f"runs of shape {x.shape}; expected at least 2 finite values (test one value as a"
            " constant)"
        )
    return x
