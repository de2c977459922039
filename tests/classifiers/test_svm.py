import math
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits, make_blobs
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import log_loss
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.model_selection import GridSearchCV, PredefinedSplit
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.utils.estimator_checks import parametrize_with_checks

from featkit.classifiers._search import kernel_strips
from featkit.classifiers._search.svm_engine import SVMEngine
from featkit.classifiers._search.svm_grid import PAPER_C, PAPER_GAMMA
from featkit.classifiers.base import make_classifier
from featkit.classifiers.svm import SVMGrid
from featkit.errors import ParameterError

PENALTIES = [0.1, 2.0, 8.0, 32.0]
ONE = {"kernel": ("rbf",), "C": (8.0,), "gamma": (0.05,)}


def _digits(n, noise=6.0):
    X, y = load_digits(return_X_y=True)
    X = X[:n] + noise * np.random.default_rng(0).normal(size=(n, 64))
    return X, np.array([f"digit {label}" for label in y[:n]])


def _gaussians(n, d, n_classes, seed=0):
    rng = np.random.default_rng(seed)
    y = np.arange(n) % n_classes
    return rng.normal(size=(n, d)) * rng.uniform(0.1, 3.0, size=d) + rng.normal(
        size=(n_classes, d)
    )[y], y


def _imbalanced():
    X, y = _gaussians(150, 8, 5, seed=3)
    return X, np.where(y < 3, 0, y)


DATA = {
    "digits": lambda: _digits(250),
    "wide": lambda: _gaussians(80, 300, 4),
    "one column": lambda: _gaussians(90, 1, 3),
    "two classes": lambda: _gaussians(120, 10, 2),
    "imbalanced": _imbalanced,
    "constant and repeated rows": lambda: (
        np.repeat(_gaussians(40, 3, 2)[0], 2, axis=0) * [1.0, 1.0, 0.0],
        np.arange(80) // 2 % 2,
    ),
}


def _grid_search(X, y, folds, scale):
    widths = [2.0**-k for k in (3, 5, 7, 9, 11, 13)] + [1.0 / X.shape[1]]
    grid = [
        {"svc__kernel": ["rbf"], "svc__C": PENALTIES, "svc__gamma": widths},
        {"svc__kernel": ["linear"], "svc__C": PENALTIES},
    ]
    pipeline = Pipeline([("scale", StandardScaler() if scale else "passthrough"), ("svc", SVC())])
    return GridSearchCV(pipeline, grid, cv=PredefinedSplit(folds)).fit(X, y)


@pytest.mark.parametrize("scale", [True, False])
@pytest.mark.parametrize("name", DATA)
def test_equals_grid_search(name, scale):
    X, y = DATA[name]()
    folds = np.random.default_rng(1).permutation(len(y)) % 4
    model = SVMGrid(scale=scale, probability=False).fit(X, y, groups=folds)
    expected = _grid_search(X, y, folds, scale)
    for fold in range(4):
        key = f"split{fold}_test_score"
        difference = np.abs(model.cv_results_[key] - expected.cv_results_[key])
        assert difference.max() <= 1.0 / np.sum(folds == fold) + 1e-12
    assert model.best_params_ == {
        key.removeprefix("svc__"): value for key, value in expected.best_params_.items()
    }
    assert np.mean(model.predict(X) == expected.predict(X)) >= 0.999


def test_candidate_predictions_equal_svc_without_the_fold():
    X, y = _digits(150)
    folds = np.arange(150) % 3
    params, predicted = SVMGrid(gamma=(0.01, "auto"), C=(0.5, 8.0)).candidate_predictions(
        X, y, folds
    )
    assert predicted.shape == (6, 150)
    for candidate, row in zip(params, predicted, strict=True):
        for fold in range(3):
            pipeline = Pipeline([("scale", StandardScaler()), ("svc", SVC(**candidate))]).fit(
                X[folds != fold], y[folds != fold]
            )
            assert (row[folds == fold] == pipeline.predict(X[folds == fold])).all()


@pytest.mark.parametrize("scale", [True, False])
def test_nested_fit_equals_one_fit_for_each_fold(scale):
    X, y = _digits(200)
    folds = np.array(["d", "a", "c", "b"])[np.arange(200) % 4]
    model = SVMGrid(scale=scale)
    labels = []
    for label, actual in model.nested_fit(X, y, folds):
        rows = folds != label
        expected = clone(model).fit(X[rows], y[rows], groups=folds[rows])
        assert actual.best_params_ == expected.best_params_
        assert (actual.predict(X) == expected.predict(X)).all()
        np.testing.assert_allclose(actual.predict_proba(X), expected.predict_proba(X), atol=1e-9)
        for key, values in expected.cv_results_.items():
            assert np.array_equal(actual.cv_results_[key], values)
        labels.append(label)
    assert labels == ["a", "b", "c", "d"]
    assert not hasattr(model, "classes_")


def test_nested_fit_when_a_class_lies_in_one_fold():
    X, y = _gaussians(60, 4, 4)
    folds = np.where(y == 1, 0, np.arange(60) % 3)
    for label, actual in SVMGrid().nested_fit(X, y, folds):
        rows = folds != label
        expected = SVMGrid().fit(X[rows], y[rows], groups=folds[rows])
        assert (
            actual.classes_.tolist()
            == expected.classes_.tolist()
            == ([0, 2, 3] if label == 0 else [0, 1, 2, 3])
        )
        assert actual.best_params_ == expected.best_params_
        np.testing.assert_allclose(actual.predict_proba(X), expected.predict_proba(X), atol=1e-9)


@pytest.mark.parametrize("n_classes", [2, 5])
def test_probabilities_are_calibrated_and_agree_with_predict(n_classes):
    X, y = make_blobs(600, centers=n_classes, n_features=5, cluster_std=6.0, random_state=0)
    model = SVMGrid(C=(1.0,)).fit(X[:300], y[:300])
    shares = model.predict_proba(X[300:])
    np.testing.assert_allclose(shares.sum(axis=1), 1.0, rtol=1e-12)
    assert (model.classes_[shares.argmax(axis=1)] == model.predict(X[300:])).all()
    confidence, right = shares.max(axis=1), model.predict(X[300:]) == y[300:]
    assert abs(confidence.mean() - right.mean()) < 0.06
    assert log_loss(y[300:], shares) < 0.75 * np.log(n_classes)


def test_result_does_not_depend_on_threads():
    X, y = _digits(150)
    one, two = SVMGrid(n_jobs=1).fit(X, y), SVMGrid(n_jobs=2).fit(X, y)
    assert one.best_params_ == two.best_params_
    assert np.array_equal(one.predict_proba(X), two.predict_proba(X))


def test_precomputed_kernel_equals_the_kernel():
    X, y = _gaussians(90, 5, 3)
    kernel = X @ X.T
    plain = SVMGrid(kernel=("linear",), scale=False).fit(X[:60], y[:60])
    given = SVMGrid(kernel=("precomputed",)).fit(kernel[:60, :60], y[:60])
    assert {**given.best_params_, "kernel": "linear"} == plain.best_params_
    assert (given.predict(kernel[60:, :60]) == plain.predict(X[60:])).all()
    np.testing.assert_allclose(
        given.predict_proba(kernel[60:, :60]), plain.predict_proba(X[60:]), atol=1e-9
    )
    folds = np.arange(60) % 3
    for label, actual in SVMGrid(kernel=("precomputed",)).nested_fit(
        kernel[:60, :60], y[:60], folds
    ):
        rows = np.flatnonzero(folds != label)
        expected = SVMGrid(kernel=("precomputed",)).fit(
            kernel[np.ix_(rows, rows)], y[rows], groups=folds[rows]
        )
        assert (actual.predict(kernel[:, rows]) == expected.predict(kernel[:, rows])).all()


def test_sums_of_kernels_over_blocks_equal_the_blocks_alone_and_a_precomputed_sum():
    X, y = _digits(150, noise=10.0)
    folds = np.arange(150) % 3
    params, predicted = SVMGrid(blocks=(20, 44), weight_steps=2, C=(1.0,)).candidate_predictions(
        X, y, folds
    )
    for index, candidate in enumerate(params):
        shares = candidate.pop("weights")
        for fold in range(3):
            train, test = folds != fold, folds == fold
            scaler = StandardScaler().fit(X[train])
            left, right = scaler.transform(X[train]), scaler.transform(X[test])

            def kernel(rows, left=left, shares=shares, candidate=candidate):
                total = 0.0
                for part, share in zip((slice(0, 20), slice(20, 64)), shares, strict=True):
                    repeats = 64.0 / (part.stop - part.start)
                    if candidate["kernel"] == "rbf":
                        total += share * rbf_kernel(
                            rows[:, part], left[:, part], candidate["gamma"] * repeats
                        )
                    else:
                        total += share * repeats * rows[:, part] @ left[:, part].T
                return total

            expected = (
                SVC(kernel="precomputed", C=1.0).fit(kernel(left), y[train]).predict(kernel(right))
            )
            assert np.mean(predicted[index, test] == expected) >= 0.98
    model = SVMGrid(blocks=(20, 44), weight_steps=2).fit(X, y, groups=folds)
    assert len(model.cv_results_["params"]) == 96
    for part, weights in ((X[:, :20], (1.0, 0.0)), (X[:, 20:], (0.0, 1.0))):
        alone = SVMGrid(gamma=("auto",)).fit(part, y, groups=folds).cv_results_
        sums = (
            SVMGrid(blocks=(20, 44), weight_steps=1, gamma=("auto",))
            .fit(X, y, groups=folds)
            .cv_results_
        )
        chosen = [
            index for index, tried in enumerate(sums["params"]) if tried["weights"] == weights
        ]
        rbf = [
            alone["mean_test_score"][index]
            for index, tried in enumerate(alone["params"])
            if tried["kernel"] == "rbf"
        ]
        np.testing.assert_allclose(sums["mean_test_score"][chosen][:4], rbf, rtol=1e-12)
    assert (model.classes_[model.predict_proba(X).argmax(axis=1)] == model.predict(X)).all()


def test_blocks_must_fit_the_features():
    X, y = _digits(50)
    with pytest.raises(ParameterError, match="add up to 64"):
        SVMGrid(blocks=(20, 43)).fit(X, y)
    with pytest.raises(ParameterError, match="precomputed"):
        SVMGrid(kernel=("precomputed",), blocks=(25, 25)).fit(X @ X.T, y)


def test_one_candidate_skips_the_search():
    X, y = _digits(100)
    model = SVMGrid(**ONE, probability=False).fit(X, y)
    assert not hasattr(model, "cv_results_")
    assert not hasattr(model, "predict_proba")
    assert model.best_params_ == {"kernel": "rbf", "C": 8.0, "gamma": 0.05}
    expected = SVC(C=8.0, gamma=0.05).fit(StandardScaler().fit_transform(X), y)
    assert (
        model.support_
        == np.concatenate(
            [np.sort(expected.support_[y[expected.support_] == c]) for c in model.classes_]
        )
    ).all()


def test_a_fitted_model_keeps_its_support_vectors_only():
    X, y = make_blobs(300, centers=2, cluster_std=0.5, random_state=0)
    model = SVMGrid().fit(X, y)
    assert 0 < len(model.support_vectors_) < 100
    np.testing.assert_allclose(
        model.support_vectors_, StandardScaler().fit_transform(X)[model.support_], atol=1e-12
    )


def test_class_weights_equal_those_of_svc():
    X, y = _imbalanced()
    Z = StandardScaler().fit_transform(X)
    for weight in ("balanced", {0: 0.2, 4: 3.0}):
        expected = SVC(C=8.0, gamma=0.05, class_weight=weight).fit(Z, y)
        assert (
            SVMGrid(**ONE, probability=False, class_weight=weight).fit(X, y).predict(X)
            == expected.predict(Z)
        ).all()


def test_fewer_rows_than_folds():
    X, y = np.array([[0.0], [0.1], [1.0], [1.1]]), np.array(["a", "a", "b", "b"])
    model = SVMGrid().fit(X, y)
    assert model.predict([[0.05], [1.05]]).tolist() == ["a", "b"]
    assert "split1_test_score" in model.cv_results_
    assert "split2_test_score" not in model.cv_results_


def test_classes_of_one_row_are_learned_but_not_scored():
    X, y = _gaussians(40, 3, 2)
    X, y = np.vstack([X, [[90.0, 0.0, 0.0]]]), np.append(y, 7)
    model = SVMGrid().fit(X, y)
    assert model.predict([[90.0, 0.0, 0.0]]).tolist() == [7]
    assert model.predict_proba(X).shape == (41, 3)
    with pytest.raises(ParameterError, match="single row"):
        SVMGrid().fit(X[:3], ["a", "b", "c"])
    assert SVMGrid(**ONE, probability=False).fit(X[:3], ["a", "b", "c"]).predict(
        X[:3]
    ).tolist() == ["a", "b", "c"]


def test_constant_features_give_what_svc_gives():
    X, y = np.ones((30, 4)), np.arange(30) % 3 // 2
    model = SVMGrid().fit(X, y)
    assert (model.predict(X) == SVC(C=0.1, gamma=2**-3).fit(X, y).predict(X)).all()
    assert np.isfinite(model.predict_proba(X)).all()


@pytest.mark.slow
def test_a_thousand_classes():
    X, _ = _gaussians(2000, 20, 1)
    y = np.arange(2000) % 1000
    X = X + 50.0 * np.random.default_rng(5).normal(size=(1000, 20))[y]
    model = SVMGrid(**ONE, n_folds=2).fit(X, y)
    assert model.predict_proba(X[:10]).shape == (10, 1000)
    assert np.mean(model.predict(X[:200]) == y[:200]) > 0.95


@pytest.mark.parametrize(
    ("X", "y", "groups", "message"),
    [
        ([[1.0], [2.0], [3.0]], ["a", "a", "a"], None, "one class"),
        ([[1.0], [np.nan], [3.0]], ["a", "b", "a"], None, "NaN"),
        ([[1.0], [2.0], [3.0]], ["a", "b", "a"], [0, 0, 0], "at least 2"),
        ([[1.0], [2.0], [3.0]], ["a", "b"], None, "inconsistent"),
    ],
)
def test_data_that_cannot_be_learned_from(X, y, groups, message):
    with pytest.raises(ValueError, match=message):
        SVMGrid().fit(X, y, groups=groups)


def test_too_little_memory_is_an_error_before_work():
    X, y = _digits(100)
    with pytest.raises(ParameterError, match=r"GiB; memory_budget allows 0\.00 GiB"):
        SVMGrid(memory_budget=1e5).fit(X, y)


@pytest.mark.parametrize("name", ["digits", "two classes", "imbalanced"])
def test_less_memory_gives_the_same_model(name, monkeypatch):
    X, y = DATA[name]()
    folds = np.random.default_rng(1).permutation(len(y)) % 3
    enough = dict(SVMGrid().nested_fit(X, y, folds))
    memory = SVMEngine.memory
    monkeypatch.setattr(kernel_strips, "STRIP_BYTES", 8 * len(y) * 11)
    monkeypatch.setattr(
        SVMEngine,
        "memory",
        lambda engine, t, m, shared: (1e18, 0.0) if shared else memory(engine, t, m, shared),
    )
    for fold, model in SVMGrid().nested_fit(X, y, folds):
        expected = enough[fold]
        assert model.best_params_ == expected.best_params_
        for key in ("split0_test_score", "split1_test_score"):
            assert (model.cv_results_[key] == expected.cv_results_[key]).all()
        assert (model.predict(X) == expected.predict(X)).all()
        np.testing.assert_allclose(
            model.predict_proba(X), expected.predict_proba(X), rtol=1e-3, atol=1e-6
        )


def test_non_convergence_names_the_candidate():
    X, y = _gaussians(100, 3, 2)
    with pytest.warns(ConvergenceWarning, match=r"max_iter=30: .*'linear', 'C': 32.0"):
        SVMGrid(max_iter=30, probability=False).fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        SVMGrid(probability=False).fit(X, y)


def test_two_folds_cannot_be_nested():
    with pytest.raises(ParameterError, match="at least 3"):
        list(SVMGrid().nested_fit(np.eye(4), [0, 1, 0, 1], [0, 0, 1, 1]))


def test_the_plain_name_is_the_papers_grid_on_scaled_features():
    params = make_classifier("svm").get_params()
    assert (params["C"], params["gamma"], params["kernel"], params["scale"]) == (
        PAPER_C,
        PAPER_GAMMA,
        ("rbf", "linear"),
        True,
    )


def test_text_configures_every_part():
    model = make_classifier(
        "svm:kernel=rbf,C=8,gamma=0.01+auto,scale=false,class_weight=balanced,n_jobs=2"
    )
    assert (model.kernel, model.C, model.gamma, model.scale) == (
        ("rbf",),
        (8.0,),
        (0.01, "auto"),
        False,
    )
    assert (model.class_weight, model.n_jobs) == ("balanced", 2)


@pytest.mark.parametrize(
    "text", ["svm:kernel=poly", "svm:C=big", "svm:gamma=scale", "svm:width=1", "svm:scale=maybe"]
)
def test_wrong_text_is_refused(text):
    with pytest.raises(ParameterError, match=text.partition(":")[2].partition("=")[0]):
        make_classifier(text)


@parametrize_with_checks([SVMGrid(), SVMGrid(**ONE, probability=False)])
def test_is_a_scikit_learn_estimator(estimator, check):
    check(estimator)


@pytest.mark.parametrize("text", ["svm:C=-1", "svm:C=0+1", "svm:gamma=-1", "linear_svm:C=-1"])
def test_values_that_no_fold_could_use_are_refused_at_once(text):
    with pytest.raises(ParameterError):
        make_classifier(text)


def test_bad_class_weights_are_refused(make_table):
    table = make_table(n=30)
    label = table.y[0]
    for weight in (0.0, -1.0, math.nan):
        with pytest.raises(ParameterError, match="above 0"):
            SVMGrid(class_weight={label: weight}).fit(table.X, table.y)
