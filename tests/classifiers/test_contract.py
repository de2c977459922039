"""The contract that every classifier keeps."""

import inspect
import pickle
import warnings
from pathlib import Path

import numpy as np
import pytest
import skops.io
from conftest import outside
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

from featkit.classifiers import contract
from featkit.classifiers.base import make_classifier, presets, registry
from featkit.errors import ParameterError
from featkit.naming.registry import describe

FAST = {"random_forest": "random_forest:n_estimators=30", "mlp": "mlp:max_iter=100"}
# Estimators that take arrays are nets and what wraps them: tests/classifiers/test_net.py.
WRAPPING = {"net_ensemble": "net_ensemble:members=2"}  # no defaults of their own
NAMES = [
    name
    for name in registry.names()
    if not contract.takes_arrays(make_classifier(WRAPPING.get(name, name)))
] + outside()
SCALING = [name for name in NAMES if "scale" in inspect.signature(registry.get(name)).parameters]
SEARCHING = ["elm", "knn", "linear_svm", "linear_svm:solver=liblinear", "ridge", "svm"]


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
    assert set(NAMES) >= {
        "svm",
        "elm",
        "knn",
        "linear_svm",
        "ridge",
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
    if not hasattr(model, "predict_proba"):
        return
    shares = model.predict_proba(X)
    assert shares.shape == (90, 3)
    assert (shares >= 0.0).all()
    np.testing.assert_allclose(shares.sum(axis=1), 1.0, rtol=1e-6)
    assert np.mean(model.classes_[shares.argmax(axis=1)] == predicted) == 1.0


@pytest.mark.parametrize("name", NAMES)
def test_same_seed_same_predictions_also_after_clone_and_pickle(name, clips):
    X, y = clips
    model = _fit(name, X, y, seed=3)
    answers = "predict_proba" if hasattr(model, "predict_proba") else "predict"
    expected = getattr(model, answers)(X)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        again = [_fit(name, X, y, seed=3), clone(model).fit(X, y)]
    for other in (*again, pickle.loads(pickle.dumps(model))):
        assert np.array_equal(getattr(other, answers)(X), expected)


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


@pytest.mark.parametrize("name", SCALING)
@pytest.mark.parametrize("scale", [True, False])
def test_scale_can_be_chosen(name, scale, clips):
    X, y = clips
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        assert make_classifier(name, scale=scale).fit(X, y).score(X, y) > 0.9


@pytest.mark.parametrize("name", NAMES)
def test_presets_are_described_and_parameters_go_first(name):
    factory = registry.get(name)
    for preset, values in presets(factory).items():
        assert f"``{preset}``" in inspect.getdoc(factory)
        alike = make_classifier(name, **values)
        assert str(make_classifier(f"{name}:preset={preset}")) == str(alike)
        for key in values:
            default = inspect.signature(factory).parameters[key].default
            changed = make_classifier(f"{name}:preset={preset}", **{key: default})
            assert str(changed) == str(make_classifier(name, **{**values, key: default}))
    with pytest.raises(ParameterError, match="has no preset 'best'; it has: "):
        make_classifier(f"{name}:preset=best")


@pytest.mark.parametrize("name", NAMES)
def test_wrong_text_says_what_is_allowed(name):
    with pytest.raises(ParameterError, match=f"{name} has no parameter 'depth'; it has: "):
        make_classifier(f"{name}:depth=3")
    with pytest.raises(ParameterError, match="seed='x' is not a whole number"):
        make_classifier(f"{name}:seed=x")


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(ParameterError, match="Did you mean 'svm'"):
        make_classifier("svn")


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


GUIDE = Path(__file__).parents[2] / "docs" / "adding-a-classifier.md"


def test_the_guide_lists_every_ability_with_the_words_of_its_protocol():
    rows = []
    for ability in contract.ABILITIES:
        names = ", ".join(f"`{name}`" for name in contract.members(ability))
        meaning = inspect.getdoc(ability).partition("\n\n")[0].replace("\n", " ")
        rows.append(f"| {names} | {meaning.replace('``', '`')} |")
    table = [line for line in GUIDE.read_text(encoding="utf-8").splitlines() if line[:1] == "|"]
    assert table[2:] == rows


@pytest.mark.parametrize("name", SEARCHING)
def test_classifiers_that_search_offer_candidates_and_nested_folds(name):
    model = make_classifier(name)
    for ability in (contract.TriesCandidates, contract.NestsFolds, contract.GivesProbabilities):
        assert contract.offers(model, ability), ability
        for method in contract.members(ability):
            own = inspect.signature(getattr(model, method)).parameters
            assert list(own) == list(inspect.signature(getattr(ability, method)).parameters)[1:]


def test_a_method_that_scikit_learn_hides_is_not_offered():
    without, having = (make_pipeline(SVC(probability=flag)) for flag in (False, True))
    assert not contract.offers(without, contract.GivesProbabilities)
    assert contract.offers(having, contract.GivesProbabilities)


def test_what_a_model_chose_is_empty_where_it_chooses_nothing(clips):
    assert contract.chosen(_fit("logistic", *clips)) == {}
    assert set(contract.chosen(_fit("knn", *clips))) == {"n_neighbors"}
