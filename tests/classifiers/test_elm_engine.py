import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from featkit.classifiers._search import elm_engine
from featkit.classifiers._search.elm_engine import ELMEngine, activations, mean_energy, random_units

SIZES = [10, 30, 90, 200]  # 90 > 80 training rows: both forms are used


def _data(n=120, d=6, n_classes=4):
    rng = np.random.default_rng(0)
    codes = np.arange(n) % n_classes
    return rng.normal(size=(n, d)) * [1, 2, 3, 4, 5, 0.1] + rng.normal(size=(n_classes, d))[
        codes
    ], codes


def test_units_of_a_small_layer_begin_a_large_one():
    assert (random_units(5, 3, seed=7) == random_units(5, 8, seed=7)[:3]).all()
    assert not (random_units(5, 3, seed=7) == random_units(5, 3, seed=8)).any()


def test_activation_is_a_rectified_affine_map():
    found = activations(np.array([[1.0, 2.0]]), np.array([[3.0, -1.0, 0.5], [-3.0, 1.0, 0.5]]))
    assert found.tolist() == [[1.5, 0.0]]


def test_mean_energy_is_the_mean_over_random_units(rng):
    Z = rng.normal(size=(20, 5))
    hidden = activations(Z, random_units(5, 200_000, seed=1))
    np.testing.assert_allclose(mean_energy(Z), np.mean(hidden**2, axis=1), rtol=0.03)


@pytest.mark.parametrize("scale", [True, False])
@pytest.mark.parametrize("ridge_alpha", [1e-3, 0.3, None])
def test_scores_equal_a_direct_solve_for_each_size_and_fold(scale, ridge_alpha):
    X, codes = _data()
    folds = np.arange(120) % 3
    outcome = ELMEngine(X, codes, True, SIZES, ridge_alpha, scale, seed=3).cross_predict(folds)
    units = random_units(6, 200, seed=3)
    for fold in range(3):
        train, test = folds != fold, folds == fold
        scaler = StandardScaler(with_mean=scale, with_std=scale).fit(X[train])
        Z, targets = (
            scaler.transform(X[train]),
            np.where(codes[train][:, None] == np.arange(4), 1.0, -1.0),
        )
        for index, h in enumerate(SIZES):
            H = activations(Z, units[:h])
            if ridge_alpha is None:
                readout = np.linalg.pinv(H) @ targets
            else:
                penalty = ridge_alpha * 0.5 * (np.sum(Z**2) + len(Z))
                readout = np.linalg.solve(H.T @ H + penalty * np.eye(h), H.T @ targets)
            expected = activations(scaler.transform(X[test]), units[:h]) @ readout
            np.testing.assert_allclose(outcome.scores[index, test], expected, rtol=1e-6, atol=1e-6)
            assert (outcome.codes[index, test] == expected.argmax(axis=1)).all()


def test_a_class_that_is_not_in_the_training_rows_is_not_predicted():
    X, codes = _data()
    train, rows = np.flatnonzero(codes != 2), np.flatnonzero(codes == 2)
    (outcome,) = ELMEngine(X, codes, True, SIZES, 0.1, True, seed=0).held_out(train, [rows])
    assert (outcome.codes != 2).all()
    assert (outcome.scores[..., 2] == -np.inf).all()
    renamed = np.searchsorted([0, 1, 3], codes[train])
    engine = ELMEngine(X[train], renamed, True, SIZES, 0.1, True, seed=0)
    scaler, units, readout = engine.learn(1)
    expected = activations(scaler.transform(X[rows]), units) @ readout
    np.testing.assert_allclose(outcome.scores[1][:, [0, 1, 3]], expected, rtol=1e-5, atol=1e-6)


def _both(monkeypatch, name, value, sizes=(10, 30)):
    """Return the outcome on 80 training rows, and that with another constant of the module."""
    X, codes = _data()
    train, rows = np.arange(80), np.arange(80, 120)

    def outcome():
        engine = ELMEngine(X, codes, True, list(sizes), 0.3, True, seed=3)
        return engine.held_out(train, [rows])[0]

    before = outcome()
    monkeypatch.setattr(elm_engine, name, value)
    return before, outcome()


def test_blocks_of_rows_give_the_scores_of_all_at_once(monkeypatch):
    whole, blocks = _both(monkeypatch, "BLOCK_ROWS", 7)
    assert (blocks.codes == whole.codes).all()
    np.testing.assert_allclose(blocks.scores, whole.scores, rtol=1e-6)


def test_single_precision_on_many_rows_keeps_to_its_error(monkeypatch):
    double, single = _both(monkeypatch, "DOUBLE_ROWS", 0)
    assert (single.codes == double.codes).all()
    difference = np.abs(single.scores - double.scores).max()
    assert 0 < difference < elm_engine.READOUT_ERROR * np.abs(double.scores).max()


def test_single_precision_is_not_for_a_small_ridge(monkeypatch):
    monkeypatch.setattr(elm_engine, "READOUT_ERROR", 0.0)
    double, still = _both(monkeypatch, "DOUBLE_ROWS", 0)
    np.testing.assert_array_equal(still.scores, double.scores)
