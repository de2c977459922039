import dataclasses

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from featkit import evaluate
from featkit.comparison.overview import compare
from featkit.comparison.pooling import pool
from featkit.comparison.statistics import intervals
from featkit.results import Note, Score


def hits(rng, share=0.7, folds=5, clips=20):
    return (rng.random((folds, clips)) < share).astype(int)


def test_mean_weights_folds_equally(make_scores):
    scores = make_scores([[1, 1, 0, 0]]) + [
        dataclasses.replace(make_scores([[1, 0], [1, 1]])[1], fold="2")
    ]
    (system,) = pool(scores)
    assert system.mean == 0.75
    assert system.spread == (pytest.approx(np.std([0.5, 1.0], ddof=1)), "folds")


def test_the_interval_is_wilsons_for_clips_alone(make_scores, rng):
    right = hits(rng)
    (system,) = pool(make_scores(right))
    interval, method = system.interval
    assert interval == pytest.approx(
        proportion_confint(right.sum(), right.size, method="wilson"), rel=1e-9
    )
    assert method == "Wilson score interval over clips"
    (bare,) = pool(make_scores(right, ids=(), groups=(), y_true=(), y_pred=()))
    assert bare.interval[0] == pytest.approx(interval)


def test_clips_of_one_recording_widen_the_interval(make_scores, rng):
    right = np.repeat(hits(rng, clips=5), 4, axis=1)
    alone = make_scores(right)
    grouped = [
        dataclasses.replace(
            score,
            groups=tuple(f"{score.fold}-{clip // 4}" for clip in range(20)),
            notes=(Note("warning", "x"),),
        )
        for score in alone
    ]
    (low, high), method = pool(grouped)[0].interval
    plain = pool(alone)[0].interval[0]
    assert (high - low) > 1.7 * (plain[1] - plain[0])
    assert "counted together" in method


def test_failed_folds_make_a_system_incomplete(make_scores, rng):
    right = hits(rng)
    scores = make_scores(right)
    failed = dataclasses.replace(
        scores[4], error="ValueError: no", accuracy=None, ids=(), y_true=(), y_pred=(), groups=()
    )
    (system,) = pool([*scores[:4], failed])
    assert not system.complete and system.marks == ("incomplete: 4 of 5 folds",)
    assert system.mean == pytest.approx(right[:4].mean())
    (lost,) = pool([failed])
    assert lost.mean is None and lost.interval == (None, "")


def test_marks_of_paper_and_leakage(make_scores, rng):
    (system,) = pool(
        make_scores(
            hits(rng), protocol="paper", notes=(Note("leakage", "leakage allowed: 3 clips"),)
        )
    )
    assert system.marks == ("optimistic", "leakage allowed")


def test_weighted_and_unweighted_published_protocols_are_two_systems(make_table):
    table = make_table(n=60, folds=np.repeat([1, 2, 3], [6, 6, 48]))
    plain, weighted = (
        evaluate(table, "knn:n_neighbors=1+20", protocol=name)
        for name in ("paper", "paper-weighted")
    )
    assert {score.cell for score in plain}.isdisjoint(score.cell for score in weighted)
    assert all(score.optimistic for score in (*plain, *weighted))
    (system,) = pool(weighted)
    sizes, values = (
        np.array([score.n_test for score in weighted]),
        [score.accuracy for score in weighted],
    )
    assert system.mean == pytest.approx(np.average(values, weights=sizes)) == system.run_means[0]
    assert system.interval[0] == pytest.approx(intervals.wilson(system.mean, 60))
    assert pool(plain)[0].mean == pytest.approx(np.mean([score.accuracy for score in plain]))
    found = compare([*plain, *weighted])
    assert {row["protocol"] for row in found.systems} == {
        "paper",
        "paper-weighted",
    } and not found.tests
    marks = {row["protocol"]: row["marks"] for row in found.systems}
    assert marks == {"paper": ["optimistic"], "paper-weighted": ["optimistic"]}


def test_seeds_without_effect_are_one_run_and_rounding_is_not_a_difference(make_table):
    table = make_table(n=30)
    scores = [
        score
        for seed in range(4)
        for name in ("knn", "elm:n_hidden=5")
        for score in evaluate(table, name, seed=seed)
    ]
    systems = {system.classifier: system for system in pool(scores)}
    assert (len(systems["knn"].run_means), len(systems["elm:n_hidden=5"].run_means)) == (1, 4)
    assert systems["knn"].spread[1] == "folds" and len(systems["knn"].runs) == 4

    def told(classifier, seed, values):
        return [
            Score(
                "d",
                "f",
                classifier,
                "nested",
                str(fold),
                seed,
                accuracy=value,
                n_train=8,
                n_test=10,
                log_loss=float(seed),
            )
            for fold, value in enumerate(values)
        ]

    orders = ((0.1, 0.2, 0.3, 0.7), (0.7, 0.3, 0.2, 0.1), (0.2, 0.7, 0.1, 0.3))
    found = pool(
        [score for seed, values in enumerate(orders) for score in told("a", seed, values)]
    )[0]
    assert len(set(found.run_means)) == 1
