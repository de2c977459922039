import dataclasses

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from featkit import evaluate
from featkit.comparison.overview import compare
from featkit.comparison.statistics import intervals
from featkit.comparison.systems import pool
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


@pytest.mark.parametrize("where", ["feature", "classifier", "field"])
def test_systems_that_differ_only_in_a_seed_are_pooled(make_scores, rng, where):
    scores, means = [], []
    for seed in range(3):
        right = hits(rng)
        means.append(right.mean())
        names = {
            "feature": {"feature": f"cnn:arch=vgg,seed={seed}"},
            "classifier": {"classifier": f"elm:seed={seed},hidden=100", "seed": seed},
            "field": {"seed": seed},
        }[where]
        scores += make_scores(right, **names)
    (system,) = pool(scores)
    assert len(system.runs) == 3
    assert system.mean == pytest.approx(np.mean(means), abs=1e-12)
    assert system.spread == (pytest.approx(np.std(means, ddof=1)), "seeds")
    shown = {
        "feature": "cnn:arch=vgg,seed=0-2 + knn",
        "classifier": "mfcc + elm:seed=0-2,hidden=100",
        "field": "mfcc + knn",
    }
    assert system.label == shown[where]


def test_a_seed_that_is_written_is_the_same_run_as_one_that_is_not(make_scores, rng):
    right = hits(rng)
    (system,) = pool(
        make_scores(right, classifier="elm:seed=3", seed=3)
        + make_scores(right, classifier="elm", seed=3)
    )
    assert len(system.runs) == 1 and system.label == "mfcc + elm"


def test_other_parameters_and_other_words_with_seed_are_not_pooled(make_scores, rng):
    right = hits(rng)
    texts = ["net:seed=0", "net:seed=0,lr=2", "net:unseed=0", "net:unseed=1", "net:seed=0-2"]
    assert len(pool(score for text in texts for score in make_scores(right, classifier=text))) == 5


def test_seeds_with_a_gap_are_listed(make_scores, rng):
    right = hits(rng)
    (system,) = pool(
        make_scores(right, feature="cnn:seed=7") + make_scores(right, feature="cnn:seed=2")
    )
    assert system.feature == "cnn:seed=2+7" and system.spread[0] == 0.0


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
    assert lost.mean is None and lost.interval == (None, "") and lost.row(None)["mean"] is None


def test_a_fold_that_only_others_have_is_missing(make_scores, rng):
    systems = pool(make_scores(hits(rng)) + make_scores(hits(rng), classifier="svm")[:3])
    assert [system.complete for system in systems] == [True, False]
    assert systems[1].marks == ("incomplete: 3 of 5 folds",)


def test_marks_of_paper_and_leakage(make_scores, rng):
    (system,) = pool(
        make_scores(
            hits(rng), protocol="paper", notes=(Note("leakage", "leakage allowed: 3 clips"),)
        )
    )
    assert system.marks == ("optimistic", "leakage allowed")


def test_the_last_score_of_a_cell_counts(make_scores):
    (system,) = pool(make_scores([[0, 0]]) + make_scores([[1, 1]]))
    assert system.mean == 1.0 and len(system.runs) == 1


def test_right_is_averaged_over_runs_by_clip(make_scores):
    first, second = make_scores([[1, 0, 1]])[0], make_scores([[1, 1, 0]], seed=1)[0]
    order = [2, 0, 1]
    shuffled = {
        name: tuple(getattr(second, name)[at] for at in order)
        for name in ("ids", "groups", "y_true", "y_pred")
    }
    (system,) = pool([first, dataclasses.replace(second, **shuffled)])
    assert dict(zip(system.right["1"].ids, system.right["1"].share, strict=True)) == {
        "1-0": 1.0,
        "1-1": 0.5,
        "1-2": 0.5,
    }


def test_folds_are_in_natural_order(make_scores):
    (system,) = pool(make_scores(np.ones((11, 2))))
    assert system.folds == tuple(map(str, range(1, 12)))


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
    assert (
        "paper-weighted (optimistic)" in found.to_markdown()
        and "paper-weighted: as paper" in found.to_html()
    )


def test_seeds_without_effect_are_one_run_and_rounding_is_no_difference(make_table):
    table = make_table(n=30)
    scores = [
        score
        for seed in range(4)
        for name in ("knn", "elm:n_hidden=5")
        for score in evaluate(table, name, seed=seed)
    ]
    systems = {system.classifier: system for system in pool(scores)}
    assert (len(systems["knn"].run_means), len(systems["elm:n_hidden=5"].run_means)) == (1, 4)
    assert systems["knn"].spread[1] == "folds" and systems["knn"].row(1)["n_runs"] == 4

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
