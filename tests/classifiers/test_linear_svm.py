import numpy as np
from sklearn.datasets import load_digits
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from featkit.classifiers.base import make_classifier


def test_is_a_linear_svc_on_features_scaled_by_the_training_rows():
    """T3's leak probe: other test rows, or any number of them, change neither the scaler nor a
    prediction.
    """
    X, y = load_digits(return_X_y=True)
    train, test = slice(0, 200), slice(200, 300)
    model = make_classifier("linear_svm:C=1").fit(X[train], y[train])
    scaler = StandardScaler().fit(X[train])
    np.testing.assert_allclose(model.scaler_.mean_, scaler.mean_, rtol=1e-12)
    expected = SVC(kernel="linear", C=1.0).fit(scaler.transform(X[train]), y[train])
    assert (model.predict(X[test]) == expected.predict(scaler.transform(X[test]))).all()
    assert (model.predict(1e3 + X[test])[:1] == model.predict(1e3 + X[test][:1])).all()


def test_tries_the_papers_penalties():
    params, _ = make_classifier("linear_svm").candidate_predictions(
        [[0.0], [1.0], [0.1], [1.1]], [0, 1, 0, 1], [0, 0, 1, 1]
    )
    assert params == [{"kernel": "linear", "C": c} for c in (0.1, 1.0, 2.0)]
