"""The compiled spectra against scipy's FFT, for every kind of length."""

import numpy as np
import pytest

from featkit.dsp import lanes
from featkit.dsp.mel import MelBank, apply_plain, bands
from featkit.dsp.spectra import power
from featkit.dsp.stft import Stft, pad, power_plain

SIZES = [
    3,
    4,
    6,
    8,
    10,
    14,
    16,
    30,
    49,
    105,
    126,
    210,
    256,
    350,
    441,
    512,
    1200,
    2048,
    2205,
    4410,
    4800,
    16384,
]


@pytest.mark.parametrize("n_fft", SIZES)
@pytest.mark.parametrize("fraction", [1.0, 0.5, 0.251])
def test_power_equals_scipys(rng, n_fft, fraction):
    stft = Stft(n_fft, max(2, round(n_fft * fraction)), max(1, n_fft // 3))
    padded = pad(rng.standard_normal(n_fft * 8 + 5).astype(np.float32), stft)
    assert lanes.supports(n_fft)
    expected = power_plain(padded, stft)
    largest = expected.max(axis=1, keepdims=True)
    # Relative to the frame's largest bin, as an FFT's rounding errors are.
    np.testing.assert_allclose(
        lanes.power(padded, stft).frames() / largest, expected / largest, atol=2e-6
    )


def test_the_factors_multiply_to_n_or_there_are_none():
    for n in range(2, 500):
        found = lanes.factors(n)
        assert (
            np.prod(found) == n
            if found
            else any(
                n % prime == 0
                for prime in range(11, 500)
                if all(prime % d for d in range(2, prime))
            )
        )


@pytest.mark.parametrize("n_fft", [2, 22, 1994, 32768])
def test_other_lengths_go_to_scipy(rng, n_fft):
    stft = Stft(n_fft, n_fft, n_fft)
    y = rng.standard_normal(n_fft * 3).astype(np.float32)
    assert not lanes.supports(n_fft)
    np.testing.assert_array_equal(power(y, stft).frames(), power_plain(pad(y, stft), stft))


def test_a_frame_does_not_depend_on_its_neighbours(rng):
    stft = Stft(400, 400, 400, "none")
    y = rng.standard_normal(400 * 40).astype(np.float32)
    loud = y.copy()
    loud[: 400 * 7] *= 1e6
    np.testing.assert_array_equal(
        lanes.power(loud, stft).frames()[7:], lanes.power(y, stft).frames()[7:]
    )
    np.testing.assert_array_equal(
        lanes.power(y[400:], stft).frames(), lanes.power(y, stft).frames()[1:]
    )


def test_band_power_is_the_band_sums_of_the_power(rng):
    stft, bank = Stft(1024, 1000, 256), MelBank(16000, 1024, 40)
    padded = pad(rng.standard_normal(9000).astype(np.float32), stft)
    fused = lanes.band_power(padded, stft, bands(bank))
    spectrum = lanes.power(padded, stft)
    np.testing.assert_array_equal(fused, lanes.sums(spectrum, bands(bank)))
    np.testing.assert_allclose(fused, apply_plain(spectrum, bank), rtol=2e-6)
