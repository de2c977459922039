import numpy as np
import pytest

from featkit.results.probabilities import averaged


@pytest.fixture
def shares(rng):
    return rng.dirichlet(np.ones(4), size=(3, 10))


def test_means_are_the_arithmetic_and_the_geometric_one():
    said = np.array([[[0.9, 0.1]], [[0.5, 0.5]]])
    np.testing.assert_allclose(averaged(said), [[0.7, 0.3]])
    ratio = 3.0  # sqrt(0.9·0.5) / sqrt(0.1·0.5)
    np.testing.assert_allclose(averaged(said, "product"), [[ratio / (1 + ratio), 1 / (1 + ratio)]])


@pytest.mark.parametrize("rule", ["mean", "product"])
def test_a_weight_is_a_number_of_times(rule, shares):
    weights = np.array([2.0, 1.0, 3.0])
    np.testing.assert_allclose(
        averaged(shares, rule, weights), averaged(shares[[0, 0, 1, 2, 2, 2]], rule), rtol=1e-12
    )
    np.testing.assert_allclose(averaged(shares, rule, weights).sum(axis=1), 1.0)


@pytest.mark.parametrize("rule", ["mean", "product"])
def test_log_loss_is_at_most_the_mean_of_the_members(rule, shares):
    # −ln is convex for the mean; for the product, Σ_c Π p_c^w ≤ 1 (Hölder) makes the normalisation
    # a gain.
    truth = np.arange(10) % 4
    single = -np.log(shares[:, np.arange(10), truth]).mean()
    assert -np.log(averaged(shares, rule)[np.arange(10), truth]).mean() <= single + 1e-12


def test_a_certain_no_rules_a_class_out_without_underflow():
    said = np.array([[[1.0, 0.0]], [[1e-300, 1.0]]])
    found = averaged(np.repeat(said, 50, axis=0), "product")
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found.sum(), 1.0)
