import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar as reference_mcnemar

from featkit.comparison.statistics.paired import corrected_t, mcnemar, permutation, wilcoxon
from featkit.errors import ParameterError


def test_corrected_t_without_overlap_is_the_plain_test(rng):
    d = rng.standard_normal(10) + 0.5
    found, plain = corrected_t(d, 0.0), stats.ttest_1samp(d, 0.0)
    assert (found.statistic, found.p) == pytest.approx((plain.statistic, plain.pvalue), rel=1e-12)


def test_corrected_t_shrinks_by_the_known_factor(rng):
    d = rng.standard_normal(10) + 0.5
    corrected, plain = corrected_t(d, 1 / 9), corrected_t(d, 0.0)
    assert corrected.statistic / plain.statistic == pytest.approx(
        math.sqrt((1 / 10) / (1 / 10 + 1 / 9)), rel=1e-12
    )


def test_the_interval_of_corrected_t_excludes_zero_where_p_is_below_5_percent(rng):
    d = rng.standard_normal(10) + 0.5
    plain = stats.ttest_1samp(d, 0.0).confidence_interval(0.95)
    assert corrected_t(d, 0.0).interval == pytest.approx((plain.low, plain.high), rel=1e-12)
    shift = d - d.mean()
    for mean in (0.2, 2.0):
        outcome = corrected_t(shift + mean, 1 / 9)
        assert (outcome.interval[0] > 0) == (outcome.p < 0.05)
        assert sum(outcome.interval) / 2 == pytest.approx(mean)


def test_corrected_t_of_constant_differences():
    assert corrected_t([0.0, 0.0, 0.0], 0.5).p == 1.0
    found = corrected_t([0.1, 0.1, 0.1], 0.5)
    assert (found.statistic, found.p, found.note) == (math.inf, 0.0, "the differences do not vary")
    for differences in ([0.1], [[0.1, 0.2], [0.3, 0.4]]):
        with pytest.raises(ParameterError, match="at least 2 folds"):
            corrected_t(differences, 0.5)


def test_permutation_by_enumeration_equals_scipy(rng):
    d = rng.standard_normal(9) + 0.4
    theirs = stats.permutation_test(
        (d, np.zeros(9)), lambda a, b: np.sum(a - b), permutation_type="samples", n_resamples=np.inf
    )
    assert permutation(d).p == pytest.approx(theirs.pvalue, rel=1e-12)


def test_permutation_by_sampling_tends_to_the_binomial_test():
    d = np.repeat([1.0, -1.0, 0.0], [30, 14, 200])
    found = permutation(d)
    exact = stats.binomtest(14, 44).pvalue
    assert found.p == pytest.approx(exact, abs=4 * math.sqrt(exact / 9999))
    assert found == permutation(d)
    assert found.n == 244


def test_permutation_flips_groups_together():
    d = np.repeat([1.0, 1.0, -1.0], [5, 5, 5])
    assert permutation(d, np.repeat(["a", "b", "c"], 5)).p == permutation([5.0, 5.0, -5.0]).p == 1.0
    assert permutation(np.ones(8), np.repeat([0, 1, 2, 3], 2)).p == 2 / 16


def test_permutation_where_nothing_differs():
    assert permutation(np.zeros(30)).p == 1.0


def test_wilcoxon_by_hand():
    assert wilcoxon([1.0, 2.0, 3.0, 4.0, 5.0]).p == pytest.approx(2 / 32)
    assert wilcoxon([0.0, 0.0]).p == 1.0


def test_wilcoxon_equals_scipy(rng):
    differences = rng.standard_normal(30) + 0.3
    expected = stats.wilcoxon(differences)
    found = wilcoxon(differences)
    assert (found.statistic, found.p) == pytest.approx((expected.statistic, expected.pvalue))
    ranks = stats.rankdata(np.abs(differences))
    assert found.statistic == min(ranks[differences > 0].sum(), ranks[differences < 0].sum())


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize(("b", "c"), [(3, 11), (40, 22), (0, 6), (5, 5)])
def test_mcnemar_equals_statsmodels(b, c, exact):
    theirs = reference_mcnemar([[10, b], [c, 10]], exact=exact, correction=True)
    found = mcnemar(b, c, exact)
    # statsmodels keeps (0 − 1)² where the counts are equal; Edwards's correction cannot overshoot.
    if b != c:
        assert (found.statistic, found.p) == pytest.approx(
            (theirs.statistic, theirs.pvalue), rel=1e-12
        )
    else:
        assert found.p == 1.0


def test_mcnemar_without_disagreement():
    assert mcnemar(0, 0).p == mcnemar(0, 0, exact=False).p == 1.0
    with pytest.raises(ParameterError, match="must not be negative"):
        mcnemar(-1, 2)


@pytest.mark.parametrize("resamples", [1, 3, 1024, 1025])
def test_differences_that_cancel_are_never_significant(resamples):
    # Every pattern of signs is at least as extreme as none: p = (1 + resamples) / (1 + resamples).
    assert permutation([1.0, -1.0] * 30, resamples=resamples).p == 1.0
