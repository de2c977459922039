"""The contract that every classifier keeps."""

import inspect
import pickle
import warnings
from pathlib import Path

import numpy as np
import pytest
import skops.io
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from featkit.classifiers.base import make_classifier, model_bytes, registry
from featkit.errors import ParameterError
from featkit.naming.registry import describe

FAST = {"random_forest": "random_forest:n_estimators=30", "mlp": "mlp:max_iter=100"}
NETS = {"net", "net_ensemble", "net_grid", "deep_svm", "segments"}
NAMES = [name for name in registry.names() if name not in NETS]
SEARCHING = ["elm", "knn", "linear_svm", "svm"]


@pytest.fixture(scope="module")
def clips():
    rng = np.random.default_rng(0)
    y = np.array(["dog", "rain", "sea waves"])[np.arange(90) % 3]
    return rng.normal(size=(90, 12)).astype(np.float32) + 2.0 * rng.normal(size=(3, 12)).astype(
        np.float32
    )[np.arange(90) % 3], y


def _fit(name, X, y, **params):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return make_classifier(FAST.get(name, name), **params).fit(X, y)


def test_the_documented_names_are_there():
    assert set(NAMES) == {
        "svm",
        "elm",
        "knn",
        "linear_svm",
        "logistic",
        "sgd",
        "mlp",
        "random_forest",
        "ensemble",
    }


@pytest.mark.parametrize("name", NAMES)
def test_factories_are_configured_by_annotated_keywords_and_described(name):
    factory = registry.get(name)
    parameters = inspect.signature(factory).parameters.values()
    assert all(parameter.kind is parameter.KEYWORD_ONLY for parameter in parameters)
    assert all(parameter.annotation is not parameter.empty for parameter in parameters)
    assert inspect.signature(factory).parameters["seed"].default == 0
    assert 20 < len(describe(factory)) < 130


@pytest.mark.parametrize("name", NAMES)
def test_learns_labels_that_are_text(name, clips):
    X, y = clips
    model = _fit(name, X, y)
    predicted = model.predict(X)
    assert predicted.dtype.kind == "U"
    assert model.classes_.tolist() == ["dog", "rain", "sea waves"]
    assert np.mean(predicted == y) > 0.9
    shares = model.predict_proba(X)
    assert shares.shape == (90, 3)
    assert (shares >= 0.0).all()
    np.testing.assert_allclose(shares.sum(axis=1), 1.0, rtol=1e-6)
    assert np.mean(model.classes_[shares.argmax(axis=1)] == predicted) == 1.0


@pytest.mark.parametrize("name", NAMES)
def test_same_seed_same_predictions_also_after_clone_and_pickle(name, clips):
    X, y = clips
    model = _fit(name, X, y, seed=3)
    expected = model.predict_proba(X)
    assert np.array_equal(_fit(name, X, y, seed=3).predict_proba(X), expected)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        assert np.array_equal(clone(model).fit(X, y).predict_proba(X), expected)
    assert np.array_equal(pickle.loads(pickle.dumps(model)).predict_proba(X), expected)


@pytest.mark.parametrize("name", ["elm", "mlp", "random_forest", "sgd"])
def test_another_seed_is_another_model(name, clips):
    X, y = clips
    assert not np.array_equal(
        _fit(name, X, y, seed=0).predict_proba(X), _fit(name, X, y, seed=1).predict_proba(X)
    )


@pytest.mark.parametrize("name", SEARCHING)
def test_those_that_select_follow_the_contract_with_evaluation(name, clips):
    X, y = clips
    folds = np.arange(90) % 4
    model = make_classifier(name).fit(X, y, groups=folds)
    params, predicted = make_classifier(name).candidate_predictions(X, y, folds)
    assert predicted.shape == (len(params), 90)
    assert set(np.unique(predicted)) <= set(y)
    assert model.best_params_ in params
    nested = dict(make_classifier(name).nested_fit(X, y, folds))
    assert list(nested) == [0, 1, 2, 3]
    single = make_classifier(name).fit(X[folds != 2], y[folds != 2], groups=folds[folds != 2])
    assert nested[2].best_params_ == single.best_params_
    assert (nested[2].predict(X) == single.predict(X)).all()


@pytest.mark.parametrize("name", SEARCHING)
def test_those_that_select_are_stored_without_pickle_and_without_foreign_types(name, clips):
    X, y = clips
    model = make_classifier(name).fit(X, y)
    stored = skops.io.dumps(model)
    unknown = skops.io.get_untrusted_types(data=stored)
    assert unknown == [f"{type(model).__module__}.{type(model).__name__}"]
    assert np.array_equal(
        skops.io.loads(stored, trusted=unknown).predict_proba(X), model.predict_proba(X)
    )


@pytest.mark.parametrize("name", NAMES)
def test_missing_values_are_refused(name, clips):
    X, y = clips
    X = X.copy()
    X[3, 2] = np.inf
    with pytest.raises(ValueError, match="infinity"):
        _fit(name, X, y)


@pytest.mark.parametrize(
    "name", [name for name in NAMES if name not in ("random_forest", "ensemble")]
)
@pytest.mark.parametrize("scale", [True, False])
def test_scale_can_be_chosen(name, scale, clips):
    X, y = clips
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        assert make_classifier(name, scale=scale).fit(X, y).score(X, y) > 0.9


@pytest.mark.parametrize("name", NAMES)
def test_wrong_text_says_what_is_allowed(name):
    with pytest.raises(ParameterError, match=f"{name} has no parameter 'depth'; it has: "):
        make_classifier(f"{name}:depth=3")
    with pytest.raises(ParameterError, match="seed='x' is not a whole number"):
        make_classifier(f"{name}:seed=x")


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(ParameterError, match="Did you mean 'svm'"):
        make_classifier("svn")


def test_model_bytes_counts_what_is_kept(clips):
    X, y = clips
    small, large = (make_classifier("elm", n_hidden=(h,)).fit(X, y) for h in (50, 550))
    grown = 8 * 500 * (13 + 3)  # units with bias, and readout, in float64
    assert 0 <= model_bytes(large) - model_bytes(small) - grown < 100
    wide, deep = (
        make_classifier("random_forest", n_estimators=trees).fit(X, y) for trees in (5, 50)
    )
    assert model_bytes(deep) > 5 * model_bytes(wide)


def test_the_example_of_the_guide_works(tmp_path, monkeypatch, clips):
    guide = (Path(__file__).parents[2] / "docs" / "adding-a-classifier.md").read_text(
        encoding="utf-8"
    )
    (tmp_path / "guide_example.py").write_text(
        guide.split("```python\n")[1].split("```")[0], encoding="utf-8"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    X, y = clips
    model = make_classifier("guide_example:make:metric=manhattan").fit(X, y)
    assert model.score(X, y) > 0.9
    assert model[-1].metric == "manhattan"
    assert describe(registry.get("guide_example:make")).startswith("Nearest mean")
