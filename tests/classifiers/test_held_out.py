"""Held-out probabilities that classifiers keep for stacks."""

import numpy as np
import pytest

from featkit.classifiers import contract
from featkit.classifiers.base import make_classifier, parameters, registry

HOLDING = ["svm:C=1+8", "elm:n_hidden=20", "knn:n_neighbors=3+9", "linear_svm:C=1", "ridge"]


@pytest.fixture
def rows(make_table):
    table = make_table(n=60, n_folds=4, spread=2.0)
    return table.X.astype(float), table.y, table.folds


@pytest.mark.parametrize("name", HOLDING)
def test_they_come_from_models_without_the_fold(name, rows):
    X, y, folds = rows
    model = make_classifier(name).fit(X, y, groups=folds, hold=True)
    assert contract.offers(model, contract.HoldsOut)
    assert np.allclose(model.held_out_.sum(axis=1), 1)
    # Other labels in a fold change nothing that is said about that fold but through the choice of
    # a candidate and of the temperature: their order within a row stays.
    single = make_classifier(name, **_only(name, model))
    held = single.fit(X, y, groups=folds, hold=True).held_out_
    rolled = np.where(folds == 1, np.roll(y, 1), y)
    again = single.fit(X, rolled, groups=folds, hold=True).held_out_
    rest = single.fit(X[folds != 1], y[folds != 1])
    assert np.array_equal(again[folds == 1].argmax(axis=1), held[folds == 1].argmax(axis=1))
    if name != "ridge":  # whose scaler is that of all training rows
        assert (rest.classes_[held[folds == 1].argmax(axis=1)] == rest.predict(X[folds == 1])).all()


def _only(name, model):
    taken = parameters(registry.get(name.partition(":")[0]))
    chosen = {"alphas" if key == "alpha" else key: at for key, at in model.best_params_.items()}
    return {key: (value,) for key, value in chosen.items() if key in taken}


def test_those_of_ridge_are_exactly_fits_without_the_fold(rows):
    X, y, folds = rows
    model = make_classifier("ridge:scale=false,alphas=5").fit(X, y, groups=folds, hold=True)
    for fold in np.unique(folds):
        out = folds == fold
        rest = make_classifier("ridge:scale=false,alphas=5").fit(X[~out], y[~out])
        scores = rest.decision_function(X[out])
        rest.beta_ = model.beta_
        assert np.allclose(rest.predict_proba(X[out]), model.held_out_[out], atol=1e-9)
        assert scores.shape == model.held_out_[out].shape


@pytest.mark.parametrize("name", HOLDING)
def test_nothing_is_kept_unless_asked_for(name, rows):
    X, y, folds = rows
    assert not hasattr(make_classifier(name).fit(X, y, groups=folds), "held_out_")


def test_those_of_an_ensemble_combine_the_members(rows):
    X, y, folds = rows
    text = "ensemble:members=ridge+knn,rule=mean"
    model = make_classifier(text).fit(X, y, groups=folds, hold=True)
    truth = np.searchsorted(model.classes_, y)
    loss = -np.log(model.held_out_[np.arange(60), truth]).mean()
    assert loss == pytest.approx(model.losses_["ensemble"], abs=1e-9)
