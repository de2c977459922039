"""What all statistics refuse."""

import math

import pytest

from featkit.comparison.statistics import intervals, paired, ranks, runs
from featkit.errors import ParameterError


@pytest.mark.parametrize(
    "work",
    [
        lambda: paired.permutation([math.nan, 1, 2]),
        lambda: paired.permutation([[1.0, 2.0]]),
        lambda: paired.permutation([1.0, 2.0], groups=[1]),
        lambda: paired.corrected_t([0.1, 0.2], math.nan),
        lambda: intervals.bootstrap([math.nan, 1.0]),
        lambda: intervals.bootstrap([0.0, 1.0], resamples=0),
        lambda: intervals.bootstrap([0.0, 1.0], groups=[1]),
        lambda: intervals.wilson(0.5, math.nan),
        lambda: intervals.wilson(0.5, 10, 1.5),
        lambda: intervals.effective_size([], [], []),
        lambda: intervals.effective_size([1.0], [1.0], [1, 2]),
        lambda: ranks.critical_difference(3, 5, alpha=2),
        lambda: runs.detectable(1),
    ],
)
def test_statistics_of_anything_but_numbers_are_refused(work):
    with pytest.raises(ParameterError):
        work()
