import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import TTestIndPower, TTestPower
from statsmodels.stats.weightstats import ttest_ind

from featkit.comparison.statistics.runs import anova, caveat, detectable, one_sample, student, welch
from featkit.errors import ParameterError

A, B = [0.814, 0.795, 0.821], [0.771, 0.769, 0.784, 0.790]


def test_t_tests_of_runs_equal_statsmodels():
    for ours, usevar in ((student, "pooled"), (welch, "unequal")):
        statistic, p, _ = ttest_ind(A, B, usevar=usevar)
        found = ours(A, B)
        assert (found.statistic, found.p) == pytest.approx((statistic, p), rel=1e-12)


def test_one_sample_by_hand_and_scipy():
    found, theirs = one_sample(A, 0.77), stats.ttest_1samp(A, 0.77)
    assert found.statistic == pytest.approx(
        (np.mean(A) - 0.77) / (np.std(A, ddof=1) / math.sqrt(3)), rel=1e-12
    )
    assert found.p == pytest.approx(theirs.pvalue, rel=1e-12)


def test_anova_of_two_systems_is_the_squared_t():
    assert anova(A, B).statistic == pytest.approx(student(A, B).statistic ** 2, rel=1e-12)
    assert anova(A, B).p == pytest.approx(student(A, B).p, rel=1e-12)
    assert anova(A, B, [0.7, 0.8]).p == pytest.approx(
        stats.f_oneway(A, B, [0.7, 0.8]).pvalue, rel=1e-12
    )


def test_runs_that_do_not_vary_cannot_be_tested():
    for found in (
        student([0.5, 0.5], [0.6, 0.6]),
        one_sample([0.5, 0.5], 0.6),
        anova([0.5, 0.5], [0.6, 0.6]),
    ):
        assert math.isnan(found.p) and "nothing to test" in found.note
    assert welch([0.5, 0.5], [0.5, 0.5]).p == 1.0
    with pytest.raises(ParameterError, match="as a constant"):
        student([0.5], [0.5, 0.6])


def test_detectable_differences_equal_statsmodels():
    assert detectable(3, 3) == pytest.approx(
        TTestIndPower().solve_power(nobs1=3, power=0.8, alpha=0.05), rel=1e-6
    )
    assert detectable(3) == pytest.approx(
        TTestPower().solve_power(nobs=3, power=0.8, alpha=0.05), rel=1e-6
    )


def test_runs_of_unlike_number_have_the_degrees_of_both():
    assert detectable(4, 6) == pytest.approx(
        TTestIndPower().solve_power(nobs1=4, ratio=1.5, power=0.8, alpha=0.05), rel=1e-6
    )


@pytest.mark.parametrize(
    ("n_a", "n_b", "power", "alpha"),
    [
        (1, None, 0.8, 0.05),
        (3, 1, 0.8, 0.05),
        (3, 3, 0.5, 0.5),
        (3, 3, 1.0, 0.05),
        (3, 3, 0.8, 0.0),
    ],
)
def test_what_can_be_detected_needs_two_runs_and_power_above_the_level(n_a, n_b, power, alpha):
    with pytest.raises(ParameterError):
        detectable(n_a, n_b, power, alpha)


def test_runs_that_do_not_vary_are_counted():
    assert student([0.5, 0.5], [0.6, 0.6, 0.6]).n == 5
    assert one_sample([0.5, 0.5], 0.6).n == 2


def test_few_runs_carry_a_caveat():
    assert "3 against 4 runs" in student(A, B).note and "low power" in one_sample(A, 0.7).note
    assert caveat(10, 12) == caveat(10) == ""
