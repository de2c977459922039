import numpy as np
from sklearn.neural_network import MLPClassifier

from featkit.classifiers.base import make_classifier


def test_learns_what_no_line_separates(rng):
    X = rng.uniform(-1.0, 1.0, size=(400, 2))
    y = np.where(X[:, 0] * X[:, 1] > 0.0, "same", "opposite")
    assert make_classifier("mlp:max_iter=2000,learning_rate_init=0.01").fit(X, y).score(X, y) > 0.95
    assert make_classifier("logistic").fit(X, y).score(X, y) < 0.7


def test_preset_is_that_of_the_reference():
    params = make_classifier("mlp:preset=elmarc").get_params()
    assert (params["hidden_layer_sizes"], params["max_iter"]) == ((20,), 600)
    defaults = MLPClassifier(hidden_layer_sizes=(20,), max_iter=600, random_state=0).get_params()
    assert params == defaults  # and no scaler before it


def test_layers_have_the_sizes_asked_for(rng):
    X, y = rng.normal(size=(30, 5)), np.arange(30) % 3
    shapes = [
        weights.shape for weights in make_classifier("mlp:max_iter=6000").fit(X, y)[-1].coefs_
    ]
    assert shapes == [(5, 20), (20, 3)]
    model = make_classifier("mlp:hidden_layer_sizes=8+4,max_iter=6000,scale=false").fit(X, y)
    assert [weights.shape for weights in model.coefs_] == [(5, 8), (8, 4), (4, 3)]
