"""The 84 dilated kernels: as published, by a loop, and by numbers that can be derived."""

from itertools import combinations

import numpy as np
import pytest
import torch

from featkit.nets.random.rocket import DILATIONS, Rocket, difference, groups_of_bands, kernels


@pytest.fixture(scope="module")
def net():
    spectra = np.random.default_rng(0).normal(size=(2, 12, 90)).astype(np.float32)
    return Rocket(1, True, ("ppv", "max"), 3, torch.from_numpy(spectra))


def test_kernels_are_all_choices_of_three_twos_among_nine_weights():
    weights = kernels()
    assert weights.shape == (84, 9)
    assert {tuple(np.flatnonzero(row == 2)) for row in weights} == set(combinations(range(9), 3))
    assert sorted(set(weights.ravel())) == [-1, 2]
    assert not weights.sum(axis=1).any()


def plainly(series, kernel, dilation):
    """The response of a kernel at every frame of ``series``, which goes on with its ends."""
    out = []
    for time in range(len(series)):
        total = 0.0
        for tap in range(9):
            place = min(max(time + dilation * (tap - 4), 0), len(series) - 1)
            total += kernel[tap] * series[place]
        out.append(total)
    return np.array(out)


@pytest.mark.parametrize("frames", [1, 7, 60])
@pytest.mark.parametrize("number", range(2 * len(DILATIONS)))
def test_responses_are_those_of_the_loop(net, number, frames, rng):
    spectrum = rng.normal(size=(12, frames)).astype(np.float32)
    (responses,) = net.responses(torch.from_numpy(spectrum)[None], number).numpy()
    lag, dilation = divmod(number, len(DILATIONS))
    heard = np.diff(spectrum, axis=1, append=spectrum[:, -1:]) if lag else spectrum
    mix = getattr(net, f"mix{number}").numpy()
    for kernel in (0, 41, 83):
        series = sum(heard[band] for band in np.flatnonzero(mix[kernel]))
        expected = plainly(series, kernels()[kernel], DILATIONS[dilation])
        np.testing.assert_allclose(responses[kernel], expected, atol=1e-4)


def test_an_impulse_gives_the_kernel_backwards_and_a_constant_nothing(net):
    impulse = torch.zeros(1, 12, 33)
    impulse[:, :, 16] = 1
    (responses,) = net.responses(impulse, 1).numpy()  # dilation 2
    bands = net.mix1.sum(1).numpy()
    for kernel in range(84):
        expected = np.zeros(33)
        expected[16 - 8 : 16 + 9 : 2] = bands[kernel] * kernels()[kernel][::-1]
        np.testing.assert_allclose(responses[kernel], expected, atol=1e-6)
    assert net.responses(torch.full((1, 12, 33), -40.0), 1).abs().max() < 1e-4


def test_a_step_is_above_a_bias_of_zero_where_it_must_be(net):
    # The 2s of the first kernel are its first three weights: falling by 1 between frames 19 and 20,
    # a series of one band responds with 0, 2, 4, 6, 5, … 1, 0.
    step = np.r_[np.ones(20), np.zeros(20)]
    response = plainly(step, kernels()[0], 1)
    assert response[15:25].tolist() == [0, 1, 2, 3, 4, 5, 6, 4, 2, 0]
    assert (response > 0).sum() == 8


def test_the_vector_is_pooling_by_pooling_map_by_map(net, rng):
    spectra = torch.from_numpy(rng.normal(size=(2, 12, 40)).astype(np.float32))
    row = net(spectra)
    assert row.shape == (2, 2 * 12 * 84)
    responses = net.responses(spectra, 7)
    ppv = (responses > net.bias7[:, None]).float().mean(2)
    torch.testing.assert_close(row[:, 7 * 84 : 8 * 84], ppv)
    torch.testing.assert_close(row[:, 12 * 84 + 7 * 84 :][:, :84], responses.amax(2))


def test_groups_have_one_to_nine_bands_small_ones_as_often(rng):
    sizes = groups_of_bands(4000, 128, 9, rng).sum(1)
    assert set(sizes) == set(range(1, 11)) - {10}
    # u is uniform to log2(10): 1 in 30 %, 2–3 in 30 %, 4–7 in 30 %, 8–9 in the rest.
    assert np.mean(sizes == 1) == pytest.approx(0.301, abs=0.03)
    assert np.mean(sizes >= 8) == pytest.approx(0.097, abs=0.02)


def test_a_difference_is_to_the_next_frame_and_0_at_the_end():
    assert difference(torch.tensor([[[1.0, 4.0, 2.0]]])).tolist() == [[[3.0, -2.0, 0.0]]]
