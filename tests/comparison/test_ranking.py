import itertools

import numpy as np
import pytest
from scipy import stats

from featkit.comparison.overview import compare
from featkit.comparison.pooling import pool
from featkit.comparison.ranking import places, variance_tests
from featkit.comparison.statistics.ranks import average_ranks, critical_difference


def test_rankings_over_folds(scores, rights):
    (ranking,) = compare(scores).rankings
    table = np.array([right.mean(axis=1) for right in rights.values()]).T
    expected = dict(zip((f"mfcc + {name}" for name in rights), average_ranks(table), strict=True))
    assert dict(zip(ranking.systems, ranking.ranks, strict=True)) == pytest.approx(expected)
    assert list(ranking.ranks) == sorted(ranking.ranks)
    assert ranking.difference == critical_difference(4, 5)
    assert ranking.title == "folds of toy, nested" and "too many differences" in ranking.note


def test_rankings_over_datasets(make_scores, rng):
    scores = []
    for dataset in "wxyz":
        for name, share in (("a", 0.5), ("b", 0.6), ("c", 0.95)):
            scores += make_scores(rng.random((2, 50)) < share, classifier=name, dataset=dataset)
    ranking = compare(scores).rankings[-1]
    assert ranking.title == "4 datasets, nested" and ranking.test.n == 4 and ranking.note == ""
    assert ranking.systems[0] == "mfcc + c" and ranking.ranks[0] == 1.0


def test_rankings_over_datasets_are_of_one_protocol_each(make_scores, rng):
    scores = []
    for dataset in "wxyz":
        for protocol, shares in (("nested", (0.1, 0.5, 0.95)), ("paper", (0.95, 0.5, 0.1))):
            for name, share in zip("abc", shares, strict=True):
                hits = rng.random((2, 50)) < share
                scores += make_scores(hits, classifier=name, dataset=dataset, protocol=protocol)
    over = {ranking.title: ranking for ranking in compare(scores).rankings}
    assert over["4 datasets, nested"].systems == ("mfcc + c", "mfcc + b", "mfcc + a")
    assert over["4 datasets, paper"].systems == ("mfcc + a", "mfcc + b", "mfcc + c")
    for protocol in ("nested", "paper"):
        ranking = over[f"4 datasets, {protocol}"]
        assert (ranking.ranks, ranking.test.n) == ((1.0, 2.0, 3.0), 4)


def test_two_systems_have_no_ranking(scores):
    assert compare(scores[:10]).rankings == []


def test_places_share_ties_and_leave_out_what_lacks_folds(make_scores):
    systems = pool(
        make_scores(np.ones((2, 4)), classifier="a")
        + make_scores(np.ones((2, 4)), classifier="b")
        + make_scores(np.zeros((2, 4)), classifier="c")
        + make_scores(np.ones((1, 4)), classifier="d")
    )
    assert places(systems) == [1, 1, 3, None]


def test_the_analysis_of_variance_is_scipys(make_scores, repeated, rng):
    runs = [rng.random((count, 5, 20)) < 0.7 for count in (3, 4, 2)]
    single = make_scores(rng.random((5, 20)) < 0.5, classifier="once")
    (test,) = compare(repeated(runs) + single).variance
    expected = stats.f_oneway(*(part.mean(axis=(1, 2)) for part in runs))
    assert (test["statistic"], test["p"]) == pytest.approx(tuple(expected), rel=1e-9)
    assert test["p_adjusted"] == test["p"] and test["n"] == 9
    assert sorted(test["systems"]) == ["mfcc + a", "mfcc + b", "mfcc + c"]
    assert (test["dataset"], test["test"]) == ("toy", "one-way ANOVA")
    assert "low power" in test["note"]


def test_two_repeated_systems_or_equal_runs_have_no_analysis_of_variance(repeated, rng):
    several = rng.random((3, 5, 20)) < 0.7
    same = np.repeat(several[:1], 3, axis=0)
    for runs in ([several, several], [same, same, same], [several[:1]] * 4):
        assert variance_tests(pool(repeated(runs))) == []


def test_incomplete_systems_take_no_part_in_the_analysis_of_variance(repeated, rng):
    runs = rng.random((4, 3, 5, 20)) < 0.7
    scores = repeated(runs)
    cut = [score for score in scores if score.classifier != "d" or score.fold != "5"]
    (test,) = variance_tests(pool(cut))
    assert len(test["systems"]) == 3 and "mfcc + d" not in test["systems"]


def test_each_league_has_an_analysis_of_its_own(make_scores, rng):
    scores = []
    for dataset, name, seed in itertools.product("xy", "abc", range(2)):
        right = rng.random((5, 20)) < 0.7
        scores += make_scores(right, classifier=name, dataset=dataset, seed=seed)
    assert [test["dataset"] for test in compare(scores).variance] == ["x", "y"]
