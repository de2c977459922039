"""SVCCA and CKA: what they are invariant to, and another implementation's numbers."""

import numpy as np
import pytest
from scipy.linalg import subspace_angles
from scipy.stats import ortho_group

from featkit.analysis.similarity import cka, points, svcca
from featkit.errors import ParameterError


@pytest.fixture
def layer(rng):
    return rng.normal(size=(400, 12)) * np.linspace(1, 3, 12)


@pytest.mark.parametrize("measure", [svcca, cka])
def test_a_layer_is_like_itself_turned_shifted_and_scaled(measure, layer):
    turned = 7 * layer @ ortho_group.rvs(12, random_state=0) + 100
    assert measure(layer, layer) == pytest.approx(1)
    assert measure(layer, turned) == pytest.approx(1)
    assert measure(turned, layer) == pytest.approx(1)


@pytest.mark.parametrize("measure", [svcca, cka])
def test_noise_is_unlike_and_a_mixture_between(measure, layer, rng):
    noise = rng.normal(size=layer.shape)
    half = np.concatenate([layer[:, :6], noise[:, 6:] * np.linspace(1, 3, 12)[6:]], axis=1)
    low, middle = measure(layer, noise), measure(layer, half)
    assert low < 0.25 and 2 * low < middle < 0.9


def test_svcca_averages_the_cosines_of_the_angles_between_subspaces(layer, rng):
    other = layer @ rng.normal(size=(12, 7)) + 3 * rng.normal(size=(400, 7))
    angles = subspace_angles(layer - layer.mean(axis=0), other - other.mean(axis=0))
    assert svcca(layer, other, variance=1) == pytest.approx(np.cos(angles).mean())


def test_svcca_ignores_directions_below_the_variance(layer, rng):
    faint = np.concatenate([layer, 1e-3 * rng.normal(size=(400, 30))], axis=1)
    assert svcca(layer, faint) > 0.98
    assert svcca(faint, 1e3 * faint[:, 12:]) < 0.4
    one = np.outer(rng.normal(size=400), rng.normal(size=12))
    assert svcca(one, one @ rng.normal(size=(12, 12))) == pytest.approx(1)


def test_cka_of_two_columns_is_the_square_of_their_correlation(rng):
    a, b = rng.normal(size=(2, 50, 1))
    assert cka(a, b) == pytest.approx(np.corrcoef(a[:, 0], b[:, 0])[0, 1] ** 2)


def test_places_of_maps_are_points_or_are_averaged(rng):
    maps = rng.normal(size=(3, 4, 5, 6))
    rows = points(maps)
    assert rows.shape == (90, 4) and np.array_equal(rows[31], maps[1, :, 0, 1])
    assert np.allclose(points(maps, spatial=False), maps.mean(axis=(2, 3)))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (np.zeros((5, 2)), np.ones((5, 2))),
        (np.ones((5, 2)), np.ones((4, 2))),
        (np.ones(5), np.ones((5, 1))),
        (np.array([[0.0], [np.nan]]), np.array([[0.0], [1.0]])),
    ],
)
def test_what_cannot_be_compared_is_refused(a, b):
    with pytest.raises(ParameterError):
        svcca(a, b)
    with pytest.raises(ParameterError):
        cka(a, b)


def waves(points, units, rate):
    n, u = np.arange(points)[:, None], np.arange(1, units + 1)
    return np.sin(rate * n * u) / u + np.cos(n * u**2 / 7.0) / (1 + u)


# Made with the code of [Raghu2017]: layers of (units, points) are centred and projected onto the
# first singular directions that hold 99 % of Σ s², and the mean is taken of ``cca_coef1`` of
# ``get_cca_similarity(x, y, epsilon=1e-10)``, whose ε makes the difference in the ninth place.
@pytest.mark.parametrize(
    ("a", "b", "published"),
    [
        (waves(200, 12, 0.37), waves(200, 9, 0.53), 0.4026461876446368),
        (
            waves(300, 16, 0.11),
            waves(300, 10, 0.11) + 0.2 * waves(300, 10, 0.9),
            0.9848052821490239,
        ),
        (waves(150, 8, 0.2), waves(150, 8, 0.2) @ np.vander(np.linspace(0.1, 1, 8)), 1.0),
    ],
)
def test_svcca_is_that_of_its_authors(a, b, published):
    assert svcca(a, b) == pytest.approx(published, abs=1e-8)
