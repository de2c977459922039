"""Levels after normalisation."""

import numpy as np
import pytest

from featkit.dsp.level import normalized


def test_peak_is_1_and_root_mean_square_a_tenth(rng):
    noise = rng.normal(size=1000).astype(np.float32)
    assert np.abs(normalized(noise, "peak")).max() == 1.0
    assert np.sqrt(np.mean(normalized(noise, "rms") ** 2)) == pytest.approx(0.1, rel=1e-5)
    assert normalized(noise, "none") is noise
    np.testing.assert_allclose(
        normalized(noise, "rms") / noise, 0.1 / np.sqrt(np.mean(noise**2)), rtol=1e-4
    )


@pytest.mark.parametrize("to", ["peak", "rms"])
@pytest.mark.parametrize("n", [0, 5])
def test_silence_stays_silence(to, n):
    assert normalized(np.zeros(n, dtype=np.float32), to).tolist() == [0.0] * n
