"""Which code a spectrum goes to: the compiled one and scipy agree, whatever the length."""

import numpy as np
import pytest

from featkit.dsp.bands import Bands
from featkit.dsp.spectra import band_power, band_sums, padded_power, power
from featkit.dsp.stft import Stft, pad, power_plain


@pytest.mark.parametrize("n_fft", [22, 64])
def test_power_and_its_bands_are_the_definition(rng, n_fft):
    stft = Stft(n_fft, n_fft, n_fft // 2)
    y = rng.standard_normal(20 * n_fft).astype(np.float32)
    padded, expected = pad(y, stft), power_plain(pad(y, stft), stft)
    for spectrum in (power(y, stft), padded_power(padded, stft)):
        np.testing.assert_allclose(spectrum.frames(), expected, rtol=1e-4, atol=1e-4)
    matrix = rng.random((4, stft.n_bins)).astype(np.float32)
    bands = Bands.of(matrix)
    for sums in (band_power(padded, stft, bands), band_sums(power(y, stft), bands)):
        np.testing.assert_allclose(sums, expected @ matrix.T, rtol=1e-4)
