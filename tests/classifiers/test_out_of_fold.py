import numpy as np
import pytest

from featkit.classifiers import make_classifier
from featkit.classifiers._search.out_of_fold import probabilities


@pytest.mark.parametrize("member", ["elm", "random_forest:n_estimators=30", "ridge"])
def test_held_out_rows_are_answered_by_models_that_never_saw_them(rng, member):
    codes, folds = np.arange(120) % 3, np.arange(120) // 30
    X = rng.normal(size=(120, 8)) + 2.0 * np.eye(3, 8)[codes]
    values = probabilities(make_classifier(member), X, codes, folds)
    np.testing.assert_allclose(values.sum(axis=1), 1.0)
    changed = codes.copy()
    changed[folds == 2] = 0  # A held-out row's own label cannot matter.
    again = probabilities(make_classifier(member), X, changed, folds)
    np.testing.assert_allclose(again[folds == 2], values[folds == 2], atol=1e-12)
    assert (np.abs(again - values)[folds != 2].max(axis=1) > 1e-6).any()
