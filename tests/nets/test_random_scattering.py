"""Wavelets on a spectrogram: against kymatio's, plain sums, and what can be derived."""

import numpy as np
import pytest
import torch

from featkit.nets.random.scattering import FLOOR, Scattering, across, morlet, stride

# morlet_1d(64, 0.35 / 2^octave, compute_sigma_psi(…, Q=1)) of kymatio 0.3.0, at these bins.
BINS = (0, 1, 2, 5, 11, 22, 40, 63)
KYMATIO = {
    0: (0, 0.014117653, 0.032169707, 0.114596434, 0.425607169, 0.998345662, 0.144776016, -0.010678),
    1: (0, 0.03218114, 0.081999741, 0.361283027, 0.998286554, 0.05508472, -2.6e-8, -0.018437512),
    4: (0, 0.879149573, 0.64691547, 1e-9, 0, 0, 0, -0.010206338),
}


@pytest.mark.parametrize("octave", KYMATIO)
def test_wavelets_are_those_of_kymatio(octave):
    np.testing.assert_allclose(morlet(octave, 64)[list(BINS)], KYMATIO[octave], atol=1e-6)


def plain_wavelet(octave, reach):
    """The wavelet in time at −reach … reach: a Gaussian times a wave less a constant."""
    centre = 0.35 / 2**octave
    width = 0.4003741362621499 * centre
    times = np.arange(-reach, reach + 1)
    wave = np.exp(2j * np.pi * centre * times) - np.exp(-((centre / width) ** 2) / 2)
    wavelet = np.exp(-((2 * np.pi * width * times) ** 2) / 2) * wave
    return wavelet / np.abs(wavelet).sum()


def along(signal, wavelet):
    """The convolution with a wavelet around 0 of a signal that goes on with its ends."""
    reach = len(wavelet) // 2
    return np.convolve(np.pad(signal, reach, mode="edge"), wavelet, mode="valid")


@pytest.mark.parametrize("octave", range(4))
def test_the_matrix_across_bands_is_the_convolution(octave, rng):
    bands = rng.normal(size=64)
    expected = along(bands, plain_wavelet(octave, 63))[:: stride(octave)]
    np.testing.assert_allclose(across(octave, 64) @ bands, expected, atol=2e-4)


@pytest.fixture(scope="module")
def net():
    return Scattering(5, 3, "log", 4, ("mean", "max"), 0, torch.zeros(1, 32, 4))


def plain_moduli(spectrum, rates, scales):
    """The moduli of one spectrogram (bands, frames) in loops, each (channels, bands, frames)."""
    across_bands = [
        np.stack([along(column, plain_wavelet(scale, 31)) for column in spectrum.T], 1)[
            :: stride(scale)
        ]
        for scale in range(scales)
    ]
    maps = [np.abs(each)[None] for each in across_bands]
    for rate in range(rates):
        in_time = np.stack([along(row, plain_wavelet(rate, 200)) for row in spectrum])
        in_time = in_time[:, :: stride(rate)]
        maps.append(np.abs(in_time)[None])
        for scale in range(scales):
            wavelet = plain_wavelet(scale, 31)
            both = [
                np.stack([along(column, each) for column in in_time.T], 1)[:: stride(scale)]
                for each in (wavelet, wavelet.conj())
            ]
            maps.append(np.abs(both))
    return maps


@pytest.mark.parametrize("frames", [1, 37, 150])
def test_moduli_are_those_of_plain_convolutions(net, frames, rng):
    spectrum = rng.normal(0, 10, (32, frames)).astype(np.float32)
    actual = list(net.moduli(torch.from_numpy(spectrum)[None]))
    expected = plain_moduli(spectrum.astype(np.float64), 5, 3)
    assert len(actual) == len(expected) == 3 + 5 * 4
    for one, other in zip(actual, expected, strict=True):
        assert one.shape[1:] == other.shape
        np.testing.assert_allclose(one[0].numpy(), other, atol=5e-3)


def test_the_vector_is_bands_then_logarithms_of_what_the_maps_become(net, rng):
    spectra = torch.from_numpy(rng.normal(-40, 10, (2, 32, 90)).astype(np.float32))
    row = net(spectra).numpy()
    maps = [each.numpy() for each in net.moduli(spectra)]
    assert row.shape == (2, 32 + 2 * 4 * (3 + 5 * 7))
    means = spectra.numpy().mean(2)
    np.testing.assert_allclose(row[:, :32], means - means.mean(1, keepdims=True), atol=1e-4)
    # The second map: 32 kept bands, in four parts, the mean and then the largest of each.
    parts = np.array_split(maps[1], 4, axis=2)
    expected = [part.mean((1, 2, 3)) for part in parts] + [part.max((1, 2, 3)) for part in parts]
    np.testing.assert_allclose(
        row[:, 32 + 8 : 32 + 16], np.log(np.stack(expected, 1) + FLOOR["log"]), atol=1e-4
    )


def test_magnitudes_are_divided_by_those_of_their_part(rng):
    net = Scattering(2, 1, "magnitude", 2, ("mean",), 0, torch.zeros(1, 32, 4))
    spectra = torch.from_numpy(rng.normal(-40, 10, (1, 32, 50)).astype(np.float32))
    row = net(spectra)[0].numpy()
    heard = 10 ** ((spectra.numpy()[0] - spectra.numpy().max()) / 20)
    (first, *_) = net.moduli(torch.from_numpy(heard)[None])
    means = first[0, 0].numpy().reshape(2, -1).mean(1) / heard.reshape(2, -1).mean(1)
    np.testing.assert_allclose(row[32:34], np.log(means + FLOOR["magnitude"]), atol=1e-3)
    louder = net(spectra + 17)[0].numpy()
    np.testing.assert_allclose(louder, row, atol=1e-3)


def test_a_ripple_that_rises_is_heard_by_one_of_the_two_directions():
    bands, frames = np.meshgrid(np.arange(64), np.arange(400), indexing="ij")
    # 0.0875 cycles a frame and 0.175 a band: the third rate and the second scale.
    rising = np.cos(2 * np.pi * (0.0875 * frames - 0.175 * bands)).astype(np.float32)
    net = Scattering(4, 3, "log", 1, ("mean",), 0, torch.zeros(1, 64, 4))
    number = 3 + 2 * 4 + 1 + 1  # after 3 scales, two rates of 4 maps and the rate by itself
    levels = [
        list(net.moduli(torch.from_numpy(each.copy())[None]))[number].mean((2, 3))[0].numpy()
        for each in (rising, rising[:, ::-1])
    ]
    assert levels[0].max() > 10 * levels[0].min()
    np.testing.assert_allclose(levels[0], levels[1][::-1], rtol=1e-2)


def test_biases_are_quantiles_of_a_reference(rng):
    spectra = torch.from_numpy(rng.normal(0, 10, (2, 32, 200)).astype(np.float32))
    row = Scattering(3, 2, "log", 1, ("ppv",), 0, spectra)(spectra)[:, 32:].mean(0)
    assert ((row > 0.015) & (row < 0.405)).all()
