"""Scores of windows are compared by window and by clip, and a dataset counts once."""

from dataclasses import replace

import numpy as np
import pytest

from featkit.comparison import best, compare


@pytest.fixture
def windowed(make_scores, rng):
    """Scores of three windows of each of eight clips in five folds."""

    def make(quality, **names):
        cut = []
        for score in make_scores(rng.random((5, 24)) < quality, **names):
            owners = [f"{score.fold}-clip{row // 3}" for row in range(24)]
            label = ["a" if row // 3 % 2 else "b" for row in range(24)]
            hits = [one == two for one, two in zip(score.y_true, score.y_pred, strict=True)]
            predicted = [
                name if hit else {"a": "b", "b": "a"}[name]
                for name, hit in zip(label, hits, strict=True)
            ]
            rows = [(0.8, 0.2) if name == "a" else (0.2, 0.8) for name in predicted]
            cut.append(
                replace(
                    score,
                    ids=tuple(f"{own}@{row}-{row + 1}" for row, own in enumerate(owners)),
                    groups=tuple(owners),
                    y_true=tuple(label),
                    y_pred=tuple(predicted),
                    probabilities=tuple(rows),
                    window=1.0,
                    hop=1.0,
                    n_train_clips=32,
                )
            )
        return cut

    return make


def test_both_leagues_are_shown(windowed):
    scores = windowed(0.7) + windowed(0.8, classifier="svm")
    comparison = compare(scores)
    schemes = [row["scheme"] for row in comparison.systems]
    pooled = "official folds, windows pooled per clip"
    assert schemes == ["official folds"] * 2 + [pooled] * 2
    by_hand = [
        np.mean([one.accuracy for one in scores if one.classifier == name])
        for name in ("svm", "knn")
    ]
    assert [row["mean"] for row in comparison.systems[:2]] == pytest.approx(by_hand)
    # Three windows of 0.8 are better together.
    means = {(row["scheme"], row["classifier"]): row["mean"] for row in comparison.systems}
    assert means[pooled, "svm"] > means["official folds", "svm"]
    for text in (str(comparison), comparison.to_markdown(), comparison.to_html()):
        assert pooled in text
    assert len(comparison.tests) == 4  # over folds and over clips, in each league


def test_a_league_of_windows_counts_windows_of_a_clip_together(windowed):
    window, clip = compare(windowed(0.7)).systems
    assert "group" in window["ci95_method"] and "group" not in clip["ci95_method"]


def test_a_dataset_of_windows_counts_once_in_the_ranking_over_datasets(windowed, make_scores, rng):
    scores = []
    for name, quality in (("knn", 0.6), ("svm", 0.7), ("elm", 0.8)):
        scores += windowed(quality, classifier=name, dataset="w")
        for dataset in "xy":
            scores += make_scores(rng.random((5, 20)) < quality, classifier=name, dataset=dataset)
    titles = [ranking.title for ranking in compare(scores).rankings]
    assert "3 datasets, nested" in titles
    assert [title for title in titles if title.startswith("folds of w")] == [
        "folds of w, nested, official folds",
        "folds of w, nested, official folds, windows pooled per clip",
    ]


def test_a_model_is_trained_of_the_best(windowed):
    comparison = compare(windowed(0.6) + windowed(0.9, classifier="svm"))
    assert best(comparison, "toy").classifier == "svm"
