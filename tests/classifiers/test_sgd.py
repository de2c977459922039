import numpy as np
import pytest
from sklearn.linear_model import SGDClassifier

from featkit.classifiers.base import make_classifier
from featkit.errors import ParameterError


def test_separates_what_a_line_separates(rng):
    X = rng.normal(size=(200, 2)) * [100.0, 0.01]
    y = np.where(X[:, 1] > 0.0, "up", "down")
    assert make_classifier("sgd").fit(X, y).score(X, y) > 0.97


def test_preset_is_that_of_the_reference():
    model = make_classifier("sgd:preset=elmarc")
    assert model.loss == "hinge"
    assert model.get_params() == SGDClassifier(random_state=0).get_params()  # and no scaler


def test_probabilities_depend_on_the_loss():
    assert hasattr(make_classifier("sgd"), "predict_proba")
    assert not hasattr(make_classifier("sgd:loss=hinge"), "predict_proba")
    with pytest.raises(ParameterError, match="loss='huge' is not one of hinge"):
        make_classifier("sgd:loss=huge")
