import numpy as np

from featkit.classifiers.base import make_classifier


def test_does_not_depend_on_monotone_transforms_of_features(rng):
    X, y = rng.uniform(0.1, 2.0, size=(80, 4)), np.arange(80) % 2
    plain, other = (
        make_classifier("random_forest:n_estimators=20").fit(f(X), y)
        for f in (np.asarray, lambda X: 5.0 * X)
    )
    assert (plain.predict(X) == other.predict(5.0 * X)).all()


def test_parameters_reach_the_forest():
    model = make_classifier(
        "random_forest:n_estimators=7,max_depth=none,min_samples_leaf=3,class_weight=balanced,"
        "seed=5"
    )
    params = model.get_params()
    assert (params["n_estimators"], params["max_depth"], params["min_samples_leaf"]) == (7, None, 3)
    assert (params["class_weight"], params["random_state"]) == ("balanced", 5)
