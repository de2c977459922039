"""Competing kernels: counts by a loop."""

import numpy as np
import pytest
import torch

from featkit.nets.random.hydra import KERNELS, Hydra
from featkit.nets.random.rocket import DILATIONS, difference


@pytest.fixture(scope="module")
def net():
    return Hydra(4, 5, 10)


@pytest.mark.parametrize("number", range(2 * len(DILATIONS)))
def test_responses_and_counts_are_those_of_the_loop(net, number, rng):
    spectra = torch.from_numpy(rng.normal(size=(1, 10, 31)).astype(np.float32))
    lag, dilation = divmod(number, len(DILATIONS))
    heard = (difference(spectra) if lag else spectra)[0].numpy()
    weights, mix = (getattr(net, f"{name}{number}").numpy() for name in ("weights", "mix"))
    most, least = np.zeros((2, 2, KERNELS))
    for group in range(2):
        series = mix[group] @ heard
        for time in range(31):
            taps = time + DILATIONS[dilation] * np.arange(-4, 5)
            answers = weights[group] @ series[np.clip(taps, 0, 30)]
            most[group, answers.argmax()] += answers.max()
            least[group, answers.argmin()] += 1
    expected = np.sqrt(np.maximum(np.concatenate([most.ravel(), least.ravel()]) / 31, 0))
    size = 4 * KERNELS
    actual = net(spectra)[0, number * size : (number + 1) * size].numpy()
    np.testing.assert_allclose(actual, expected, atol=1e-5)


def test_fractions_of_the_least_sum_to_one_for_every_group(net, rng):
    row = net(torch.from_numpy(rng.normal(size=(1, 10, 50)).astype(np.float32)))[0]
    least = row.view(2 * len(DILATIONS), 2, 2, KERNELS)[:, 1]
    torch.testing.assert_close(least.square().sum(2), torch.ones(2 * len(DILATIONS), 2))


def test_kernels_have_mean_zero_and_magnitudes_that_sum_to_one(net):
    assert net.weights3.shape == (2, KERNELS, 9)
    assert net.weights3.sum(2).abs().max() < 1e-6
    torch.testing.assert_close(net.weights3.abs().sum(2), torch.ones(2, KERNELS))


def test_a_constant_is_not_heard(net):
    row = net(torch.full((1, 10, 20), -50.0)).view(2 * len(DILATIONS), 2, 2, KERNELS)
    assert row[:, 0].max() < 1e-2
