"""Deep features and a linear SVM, T7."""

from typing import Any

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from featkit.classifiers._net import NetClassifier
from featkit.classifiers.deep_svm import DeepSVM


@pytest.mark.parametrize("classes", [2, 3])
def test_it_is_the_svm_on_what_the_nets_head_reads(patterns: Any, classes: int) -> None:
    (X, y), (X2, _) = patterns(24, classes=classes), patterns(15, classes=classes, seed=1)
    model = DeepSVM(NetClassifier("cnn", overrides={"epochs": 2}), C=0.5).fit(X, y)
    net = NetClassifier("cnn", overrides={"epochs": 2}).fit(X, y)
    svm = make_pipeline(StandardScaler(), SVC(kernel="linear", C=0.5)).fit(net.embed(X), y)
    assert net.embed(X).shape == (24, 128)
    assert (model.predict(X2) == svm.predict(net.embed(X2))).all()
    assert model.classes_.tolist() == sorted(set(y))


def test_probabilities_and_size(patterns: Any) -> None:
    X, y = patterns(24)
    model = DeepSVM(NetClassifier("cnn", overrides={"epochs": 2})).fit(X, y)
    shares = model.predict_proba(X)
    assert (
        np.allclose(shares.sum(axis=1), 1)
        and (model.classes_[shares.argmax(axis=1)] == y).mean() > 0.9
    )
    assert model.model_bytes == model.net_.model_bytes + model.svm_[-1].support_vectors_.nbytes
