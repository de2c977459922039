import dataclasses
import math

import numpy as np
import pytest
from scipy import stats

from featkit.comparison.pairs import adjusted, contrast, shared
from featkit.comparison.pooling import pool
from featkit.results import Score


def two(make_scores, a, b, **more):
    return pool(make_scores(a, classifier="a", **more) + make_scores(b, classifier="b", **more))


def test_over_folds_the_corrected_t_test(make_scores, rng):
    a, b = (rng.random((5, 20)) < 0.8), (rng.random((5, 20)) < 0.6)
    found = contrast(*two(make_scores, a, b))[0]
    d = a.mean(axis=1) - b.mean(axis=1)
    t = d.mean() / (d.std(ddof=1) * np.sqrt(1 / 5 + 1 / 4))
    assert found["test"] == "corrected resampled t-test"
    assert found["statistic"] == pytest.approx(t, rel=1e-9)
    assert found["p"] == pytest.approx(2 * stats.t.sf(abs(t), 4), rel=1e-9)
    assert found["difference"] == pytest.approx(d.mean())
    assert (found["a"], found["b"], found["dataset"]) == ("mfcc + a", "mfcc + b", "toy")


def test_over_clips_mcnemar_for_single_runs(make_scores, rng):
    a, b = (rng.random((5, 20)) < 0.8), (rng.random((5, 20)) < 0.6)
    found = contrast(*two(make_scores, a, b))[1]
    assert found["test"] == "McNemar (exact)"
    assert found["p"] == pytest.approx(
        stats.binomtest(int((a & ~b).sum()), int((a ^ b).sum())).pvalue
    )


def test_over_clips_permutation_by_groups(make_scores):
    a, b = np.ones((2, 6)), np.zeros((2, 6))
    scores = [
        dataclasses.replace(score, groups=tuple(f"{score.fold}-{clip // 2}" for clip in range(6)))
        for score in make_scores(a, classifier="a") + make_scores(b, classifier="b")
    ]
    found = contrast(*pool(scores))[1]
    assert found["test"] == "paired permutation (exact)"
    assert (found["p"], found["n"]) == (2 / 2**6, 6)


def test_several_runs_are_permuted_and_not_counted_twice(make_scores, rng):
    a, b = (rng.random((5, 20)) < 0.7), (rng.random((5, 20)) < 0.6)
    once = contrast(*two(make_scores, a, b))
    repeated = pool(
        score
        for seed in range(3)
        for name, right in (("a", a), ("b", b))
        for score in make_scores(right, classifier=name, seed=seed)
    )
    again = contrast(*repeated)
    assert again[0]["p"] == pytest.approx(once[0]["p"])
    assert again[1]["test"].startswith("paired permutation")
    assert again[1]["p"] == pytest.approx(once[1]["p"], abs=0.03)


def test_over_seeds_welch_and_student(repeated, rng):
    a, b = rng.random((3, 5, 20)) < 0.8, rng.random((4, 5, 20)) < 0.6
    tests = contrast(*pool(repeated([a, b])))[2:]
    runs = a.mean(axis=(1, 2)), b.mean(axis=(1, 2))
    assert [test["test"] for test in tests] == ["Welch's t-test", "Student's t-test"]
    for test, equal in zip(tests, (False, True), strict=True):
        expected = stats.ttest_ind(*runs, equal_var=equal)
        assert (test["statistic"], test["p"]) == pytest.approx(
            (expected.statistic, expected.pvalue), rel=1e-9
        )
        assert "low power" in test["note"] and test["n"] == 7
    assert tests[0]["p"] != tests[1]["p"]


@pytest.mark.parametrize("swap", [False, True])
def test_over_seeds_one_sample_against_a_single_run(make_scores, repeated, rng, swap):
    several, single = rng.random((3, 5, 20)) < 0.8, rng.random((5, 20)) < 0.6
    systems = pool(repeated([several]) + make_scores(single, classifier="b"))
    (test,) = contrast(*(systems[::-1] if swap else systems))[2:]
    expected = stats.ttest_1samp(several.mean(axis=(1, 2)), single.mean())
    assert test["test"] == "one-sample t-test"
    assert test["p"] == pytest.approx(expected.pvalue, rel=1e-9)
    assert test["statistic"] == pytest.approx((-1 if swap else 1) * expected.statistic, rel=1e-9)


def test_over_seeds_nothing_where_no_run_varies(repeated, rng):
    a, b = (np.repeat(rng.random((1, 5, 20)) < 0.7, 2, axis=0) for _ in "ab")
    tests = contrast(*pool(repeated([a, b])))
    assert len(tests) == 2


def test_only_shared_clips_are_tested_and_the_rest_is_reported(make_scores, rng):
    a, b = (rng.random((3, 10)) < 0.7), (rng.random((3, 10)) < 0.7)
    full, other = two(make_scores, a, b)
    short = [
        dataclasses.replace(
            s, **{n: getattr(s, n)[:8] for n in ("ids", "groups", "y_true", "y_pred")}
        )
        for s in make_scores(b, classifier="b")
    ]
    (cut,) = pool(short)
    assert shared(full, other).unshared == 0 and shared(full, cut).unshared == 6
    found = contrast(full, cut)
    assert all("6 clips were predicted by one of the two only" in test["note"] for test in found)
    assert found[0]["difference"] == pytest.approx(
        (a[:, :8].mean(axis=1) - b[:, :8].mean(axis=1)).mean()
    )


def test_one_fold_has_no_test_over_folds(make_scores, rng):
    found = contrast(*two(make_scores, rng.random((1, 30)) < 0.8, rng.random((1, 30)) < 0.6))
    assert [test["test"] for test in found] == ["McNemar (exact)"]


def test_without_predictions_the_folds_remain(make_scores, rng):
    bare = {"ids": (), "groups": (), "y_true": (), "y_pred": ()}
    found = contrast(
        *two(make_scores, rng.random((5, 20)) < 0.8, rng.random((5, 20)) < 0.6, **bare)
    )
    assert [test["test"] for test in found] == ["corrected resampled t-test"]


def test_adjustment_is_within_one_kind_and_league():
    names = {"protocol": "nested", "scheme": "official folds"}
    tests = [
        {"dataset": dataset, "test": test, "p": p} | names
        for dataset, test, p in [
            ("x", "corrected resampled t-test", 0.02),
            ("x", "McNemar (exact)", 0.03),
            ("x", "corrected resampled t-test", 0.01),
            ("x", "paired permutation", 0.5),
            ("y", "corrected resampled t-test", 0.04),
            ("x", "Welch's t-test", 0.01),
            ("x", "one-sample t-test", 0.02),
            ("x", "Student's t-test", 0.03),
            ("x", "one-way ANOVA", 0.04),
        ]
    ]
    assert [test["p_adjusted"] for test in adjusted(tests)] == pytest.approx(
        [0.02, 0.06, 0.02, 0.5, 0.04, 0.02, 0.02, 0.03, 0.04]
    )


def test_the_statistic_of_a_test_has_the_sign_of_its_difference():
    def score(classifier, seed, accuracy):
        return Score(
            "d", "f", classifier, "nested", "1", seed, accuracy=accuracy, n_train=8, n_test=4
        )

    fixed, spread = (
        score("fixed", 0, 0.9),
        [score("spread", seed, 0.5 + seed / 50) for seed in range(4)],
    )
    a, b = pool([fixed, *spread])
    for first, second, sign in ((a, b, 1), (b, a, -1)):
        (found,) = [test for test in contrast(first, second) if test["test"] == "one-sample t-test"]
        assert math.copysign(1, found["difference"]) == sign == math.copysign(1, found["statistic"])
