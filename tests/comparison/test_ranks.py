import math

import numpy as np
import pytest
from scipy import stats

from featkit.comparison.statistics.ranks import (
    average_ranks,
    cliques,
    critical_difference,
    friedman,
    nemenyi,
)
from featkit.errors import ParameterError


def test_ranks_share_ties_and_the_best_is_first():
    assert average_ranks([[0.9, 0.8, 0.8], [0.7, 0.9, 0.5]]).tolist() == [1.5, 1.75, 2.75]


def test_friedman_equals_scipy_and_its_formula(rng):
    scores = rng.random((12, 4))
    ranks = average_ranks(scores)
    by_hand = 12 * 12 / (4 * 5) * (np.sum(ranks**2) - 4 * 25 / 4)
    found = friedman(scores)
    assert found.statistic == pytest.approx(by_hand, rel=1e-12)
    assert found.p == pytest.approx(stats.friedmanchisquare(*scores.T).pvalue, rel=1e-12)
    assert friedman(np.ones((3, 4))).p == 1.0


def test_critical_values_as_published():
    published = [
        1.960,
        2.343,
        2.569,
        2.728,
        2.850,
        2.949,
        3.031,
        3.102,
        3.164,
    ]  # Demšar 2006, table 5(a), k = 2 … 10
    found = [critical_difference(k, 6) / math.sqrt(k * (k + 1) / 36) for k in range(2, 11)]
    assert found == pytest.approx(published, abs=1.1e-3)
    assert critical_difference(4, 14) == pytest.approx(
        1.25, abs=5e-3
    )  # his example: four classifiers, 14 data sets


def test_nemenyi_is_significant_exactly_beyond_the_critical_difference(rng):
    scores = rng.random((8, 5)) + np.arange(5) * 0.15
    ranks = average_ranks(scores)
    beyond = np.abs(ranks[:, None] - ranks[None, :]) > critical_difference(5, 8)
    assert np.array_equal(nemenyi(scores) < 0.05, beyond)
    assert beyond.any() and not beyond.all()


def test_cliques_are_the_longest_stretches():
    assert cliques([1.0, 1.5, 2.4, 4.0, 4.2], 1.0) == [(0, 1), (1, 2), (3, 4)]
    assert cliques([1.0, 3.0], 1.0) == []
    assert cliques([3.0, 1.0, 2.0], 5.0) == [(0, 2)]


def test_ranks_need_three_systems_and_two_blocks():
    with pytest.raises(ParameterError, match="2 blocks and 3 systems"):
        friedman([[0.1, 0.2, 0.3]])
    with pytest.raises(ParameterError):
        friedman([[0.1, 0.2], [0.3, 0.2]])


@pytest.mark.parametrize(
    ("n_systems", "n_blocks", "alpha"), [(1, 5, 0.05), (3, 0, 0.05), (3, 5, 0.0), (3, 5, 1.5)]
)
def test_critical_differences_are_of_two_systems_and_a_level_below_one(n_systems, n_blocks, alpha):
    with pytest.raises(ParameterError):
        critical_difference(n_systems, n_blocks, alpha)
