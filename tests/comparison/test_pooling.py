import numpy as np
import pytest

from featkit.comparison.pooling import pool


def correct(rng):
    return (rng.random((5, 20)) < 0.7).astype(int)


@pytest.mark.parametrize("where", ["feature", "classifier", "field"])
def test_systems_that_differ_only_in_a_seed_are_pooled(make_scores, rng, where):
    scores, means = [], []
    for seed in range(3):
        right = correct(rng)
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
    right = correct(rng)
    (system,) = pool(
        make_scores(right, classifier="elm:seed=3", seed=3)
        + make_scores(right, classifier="elm", seed=3)
    )
    assert len(system.runs) == 1 and system.label == "mfcc + elm"


def test_other_parameters_and_other_words_with_seed_are_not_pooled(make_scores, rng):
    right = correct(rng)
    texts = ["net:seed=0", "net:seed=0,lr=2", "net:unseed=0", "net:unseed=1", "net:seed=0-2"]
    assert len(pool(score for text in texts for score in make_scores(right, classifier=text))) == 5


def test_seeds_with_a_gap_are_listed(make_scores, rng):
    right = correct(rng)
    (system,) = pool(
        make_scores(right, feature="cnn:seed=7") + make_scores(right, feature="cnn:seed=2")
    )
    assert system.feature == "cnn:seed=2+7" and system.spread[0] == 0.0


def test_a_fold_that_only_others_have_is_missing(make_scores, rng):
    systems = pool(make_scores(correct(rng)) + make_scores(correct(rng), classifier="svm")[:3])
    assert [system.complete for system in systems] == [True, False]
    assert systems[1].marks == ("incomplete: 3 of 5 folds",)


def test_the_last_score_of_a_cell_counts(make_scores):
    (system,) = pool(make_scores([[0, 0]]) + make_scores([[1, 1]]))
    assert system.mean == 1.0 and len(system.runs) == 1


def test_folds_are_in_natural_order(make_scores):
    (system,) = pool(make_scores(np.ones((11, 2))))
    assert system.folds == tuple(map(str, range(1, 12)))
