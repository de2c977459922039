import re

import numpy as np
import pytest

from featkit.comparison.labels import short_labels
from featkit.comparison.overview import compare
from featkit.report.differences import differences, mean_ranks, variance


@pytest.fixture
def systems(make_scores, rng):
    return [
        score
        for name, fraction in (("a", 0.95), ("b", 0.9), ("c", 0.4))
        for score in make_scores(rng.random((5, 40)) < fraction, classifier=name)
    ]


def draw(comparison):
    return differences(comparison, short_labels(comparison.members))


def test_one_line_for_each_pair_with_its_interval_and_all_tests_folded(systems):
    comparison = compare(systems)
    drawn = draw(comparison)
    assert re.findall(r'<th scope="row">.*?>(\w)</span>', drawn) == ["b", "c"]
    assert ">a minus</th>" in drawn and "every system against the best" in drawn
    low, high = comparison.tests[2]["ci95"]
    assert f"{100 * low:+.1f} to {100 * high:+.1f}" in drawn
    assert "<summary>All 4 tests in numbers</summary>" in drawn
    assert drawn.count('class="num significant"') == 2


def test_the_star_is_that_of_the_test_over_folds(systems):
    comparison = compare(systems)
    lines = re.findall(r"<tr><th.*?</tr>", draw(comparison))
    significant = [
        test["p_adjusted"] < 0.05
        for test in comparison.tests
        if test["test"] == "corrected resampled t-test"
    ]
    assert ["★" in line for line in lines[1:3]] == significant == [False, True]


def test_all_pairs_name_both_systems(systems):
    drawn = draw(compare(systems, all_pairs=True))
    assert "A minus B" in drawn and "every pair" in drawn
    assert re.findall(r">(\w − \w)</span>", drawn) == ["a − b", "a − c", "b − c"]


def test_one_system_has_nothing_to_test(systems):
    assert "nothing to test" in draw(compare(systems[:5]))


def test_without_folds_there_is_no_interval(make_scores):
    scores = make_scores(np.ones((1, 20)), classifier="a") + make_scores(
        np.zeros((1, 20)), classifier="b"
    )
    drawn = draw(compare(scores))
    assert "+100.0 points" in drawn and "95 % interval +" not in drawn and "McNemar" in drawn


def test_ranks_have_half_the_critical_difference_on_either_side(systems):
    comparison = compare(systems)
    (ranking,) = comparison.rankings
    drawn = mean_ranks(ranking, short_labels(comparison.members))
    bars = re.findall(r'x1="([\d.]+)%" x2="([\d.]+)%" y1="12" y2="12" class="bar"', drawn)
    width = 92 * ranking.difference / (2 + ranking.difference)
    assert [float(b) - float(a) for a, b in bars] == pytest.approx([width] * 3, abs=0.02)
    assert f"critical difference {ranking.difference:.2f}" in drawn


def test_the_analysis_of_variance_is_a_table(make_scores, rng):
    scores = [
        score
        for name in "abc"
        for seed in range(3)
        for score in make_scores(rng.random((5, 20)) < 0.5, classifier=name, seed=seed)
    ]
    comparison = compare(scores)
    drawn = variance(comparison, short_labels(comparison.members))
    assert f">{comparison.variance[0]['statistic']:.2f}<" in drawn and "one-way ANOVA" in drawn
    assert variance(compare(scores[:5]), {}) == ""
