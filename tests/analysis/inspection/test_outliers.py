"""Outliers and artefacts: numbers that follow from the data."""

import numpy as np
import pytest

from featkit.analysis.inspection.artefacts import artefacts
from featkit.analysis.inspection.outliers import outlier_scores


def test_a_clip_far_from_its_class_scores_highest_and_a_clip_of_the_other_class_too(rng):
    vectors = np.concatenate([rng.normal(0, 1, (40, 6)), rng.normal(8, 1, (40, 6))])
    labels = np.repeat([0, 1], 40)
    vectors[3] += 30
    labels[50] = 0
    scores = outlier_scores(vectors.astype(np.float32), labels)
    assert set(np.argsort(-scores)[:2].tolist()) == {3, 50}
    assert np.median(scores[labels == 1]) == pytest.approx(0, abs=1e-9)


def test_classes_too_small_to_tell_score_nothing():
    scores = outlier_scores(np.array([[0.0], [9.0], [1.0]], dtype=np.float32), np.array([0, 0, 1]))
    assert scores.tolist() == [0, 0, 0]


def test_a_level_that_tells_a_class_has_an_area_of_one_or_none():
    labels = np.repeat(["dog", "rain", "sea"], 4)
    levels = np.column_stack([np.arange(12.0), np.tile([1.0, 2.0], 6)]).astype(np.float32)
    rows = {(row.level, row.label): row for row in artefacts(levels, ("cutoff", "noise"), labels)}
    assert (rows["cutoff", "dog"].auc, rows["cutoff", "sea"].auc) == (0.0, 1.0)
    assert rows["cutoff", "rain"].auc == 0.5
    assert rows["noise", "dog"].auc == 0.5
    assert rows["cutoff", "dog"].telling and not rows["cutoff", "rain"].telling
    assert (rows["cutoff", "dog"].median, rows["cutoff", "dog"].others) == (1.5, 7.5)


def test_one_class_cannot_be_told_from_others():
    assert artefacts(np.ones((3, 1), dtype=np.float32), ("a",), np.array(["x"] * 3)) == []
