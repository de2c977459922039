import dataclasses

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from featkit.comparison.pooling import pool


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
            score, groups=tuple(f"{score.fold}-{clip // 4}" for clip in range(20)), notes=("x",)
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
    (system,) = pool(make_scores(hits(rng), protocol="paper", notes=("leakage allowed: 3 clips",)))
    assert system.marks == ("optimistic", "leakage allowed")
