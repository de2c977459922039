import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from featkit.comparison.statistics.intervals import bootstrap, effective_size, wilson
from featkit.errors import ParameterError


@pytest.mark.parametrize(("right", "n"), [(0, 5), (5, 5), (77, 100), (351, 400)])
def test_wilson_equals_statsmodels(right, n):
    assert wilson(right / n, n) == pytest.approx(
        proportion_confint(right, n, method="wilson"), rel=1e-12, abs=1e-15
    )


def test_wilson_refuses_what_is_not_a_fraction():
    with pytest.raises(ParameterError, match=r"a fraction of 1.2"):
        wilson(1.2, 10)


def test_intervals_stay_within_0_and_1_to_the_last_digit():
    assert all(wilson(0.0, n)[0] >= 0 and wilson(1.0, n)[1] <= 1 for n in range(1, 400))


@pytest.mark.parametrize("confidence", [-0.5, 0.0, 1.0, 1.5])
def test_a_confidence_is_between_0_and_1(confidence):
    with pytest.raises(ParameterError, match="confidence"):
        wilson(0.5, 10, confidence)


def test_clips_alone_are_worth_themselves(rng):
    right = rng.integers(0, 2, 40)
    assert effective_size(right, np.ones(40), np.arange(40)) == pytest.approx(40)
    weights = np.repeat([1 / 10, 1 / 30], [10, 30]) / 2
    assert effective_size(right, weights, np.arange(40)) == pytest.approx(4 / (1 / 10 + 1 / 30))


def test_copies_of_a_clip_add_nothing():
    right = np.repeat([1, 1, 1, 0, 0, 1, 1, 0], 5)
    alone = effective_size(right, np.ones(40), np.repeat(np.arange(8), 5))
    assert alone == pytest.approx(8 * 7 / 8)
    assert effective_size(np.ones(40), np.ones(40), np.repeat(np.arange(8), 5)) == 8


def test_groups_never_make_clips_worth_more():
    right = np.tile([1, 0], 20)
    assert effective_size(right, np.ones(40), np.repeat(np.arange(20), 2)) == 20
    uneven = np.tile([1, 0, 1, 1], 10)
    assert effective_size(uneven, np.ones(40), np.repeat([0, 1], 20)) <= 40


def test_bootstrap_agrees_with_scipy_and_the_normal_limit(rng):
    values = rng.random(200)
    found = bootstrap(values)
    theirs = stats.bootstrap((values,), np.mean, method="percentile", rng=1).confidence_interval
    assert found == pytest.approx((theirs.low, theirs.high), abs=3e-3)
    half = 1.96 * values.std() / math.sqrt(200)
    assert (found[1] - found[0]) / 2 == pytest.approx(half, rel=0.03)


def test_bootstrap_of_groups_draws_groups(rng):
    values = np.repeat(rng.random(50), 4)
    grouped = bootstrap(values, np.repeat(np.arange(50), 4))
    assert grouped == pytest.approx(bootstrap(values[::4]), abs=1e-12)
    with pytest.raises(ParameterError, match=r"1 group\(s\)"):
        bootstrap([1.0, 0.0], ["a", "a"])


def test_a_single_resample_has_an_interval_without_width(rng):
    low, high = bootstrap(rng.random(9), resamples=1)
    assert low == high
