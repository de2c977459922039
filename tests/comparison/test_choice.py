"""Which run a model is trained as."""

import numpy as np
import pytest

from featkit.comparison import best, compare
from featkit.errors import ParameterError


def hits(fraction):
    """Five folds of 20 clips, of which a fraction is correct."""
    return np.tile(np.arange(20) < 20 * fraction, (5, 1))


def test_the_best_complete_honest_run_of_the_dataset(make_scores):
    scores = [
        *make_scores(hits(0.5), classifier="knn"),
        *make_scores(hits(0.8), classifier="forest", seed=0),
        *make_scores(hits(0.9), classifier="forest", seed=1),
        *make_scores(hits(1.0), classifier="svm")[:4],
        *make_scores(hits(1.0), classifier="elm", protocol="paper"),
        *make_scores(hits(1.0), classifier="fusion:rule=mean(knn | forest)"),
        *make_scores(hits(1.0), classifier="mlp", dataset="other"),
    ]
    chosen = best(compare(scores), "toy")
    assert (chosen.classifier, chosen.seed, chosen.accuracy) == ("forest", 1, 0.9)
    assert best(compare(scores), "other").classifier == "mlp"
    with pytest.raises(ParameterError, match=r"'third'.*toy"):
        best(compare(scores), "third")
