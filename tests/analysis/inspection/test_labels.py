"""Labels that are likely wrong: the definition of confident learning on numbers made by hand."""

import numpy as np
import pytest

from featkit.analysis.inspection.labels import label_errors
from featkit.errors import ParameterError


def test_the_definition_on_a_few_clips():
    probabilities = np.array([[0.9, 0.1], [0.7, 0.3], [0.2, 0.8], [0.45, 0.55], [0.1, 0.9]])
    labels = np.array([0, 0, 0, 0, 1])
    # Thresholds: (0.9 + 0.7 + 0.2 + 0.45) / 4 = 0.5625 and 0.9: no clip with label 0 reaches 0.9.
    doubts = label_errors(probabilities, labels)
    assert [(doubt.row, doubt.suggested, doubt.confident) for doubt in doubts] == [
        (2, 1, False),
        (3, 1, False),
    ]
    assert [doubt.score for doubt in doubts] == pytest.approx([0.8, 0.55])
    doubts = label_errors(np.vstack([probabilities, [0.4, 0.6]]), np.array([0, 0, 0, 0, 1, 1]))
    # Now the threshold of 1 is 0.75, which clip 2 reaches and clip 3 does not.
    assert [(doubt.row, doubt.confident) for doubt in doubts] == [(2, True), (3, False)]


def test_swapped_labels_come_first(rng):
    true = np.arange(300) % 3
    labels = true.copy()
    swapped = rng.choice(300, 15, replace=False)
    labels[swapped] = (labels[swapped] + 1) % 3
    logits = rng.normal(size=(300, 3))
    logits[np.arange(300), true] += 5
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    first = [doubt.row for doubt in label_errors(probabilities, labels)[:15]]
    assert len(set(first) & set(swapped.tolist())) >= 13


def test_a_class_without_clips_is_no_suggestion_of_confidence():
    doubts = label_errors(np.array([[0.3, 0.7], [0.8, 0.2]]), np.array([0, 0]))
    assert [(doubt.row, doubt.confident) for doubt in doubts] == [(0, False)]


@pytest.mark.parametrize("labels", [[0], [0, 2], [-1, 0]])
def test_labels_that_do_not_fit_are_refused(labels):
    with pytest.raises(ParameterError):
        label_errors(np.full((2, 2), 0.5), np.array(labels))
