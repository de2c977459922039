"""Levels: numbers that follow from the signal."""

import numpy as np
import pytest
from conftest import tone

from featkit.audio import Signal
from featkit.errors import ParameterError
from featkit.features import get_feature
from featkit.features.levels import NAMES


def levels(samples, sr=16000, **params):
    row = get_feature("levels", **params)(Signal(samples, sr))
    assert row.shape == (8,) and row.dtype == np.float32
    return dict(zip(NAMES, row.tolist(), strict=True))


def test_a_tone_has_the_levels_of_a_tone():
    found = levels(tone(1000.0, 2.0, 16000, amplitude=0.5))
    assert (found["seconds"], found["sr_hz"]) == (2.0, 16000.0)
    assert found["peak_db"] == pytest.approx(20 * np.log10(0.5), abs=1e-3)
    assert found["rms_db"] == pytest.approx(20 * np.log10(0.5 / np.sqrt(2)), abs=1e-3)
    assert found["offset"] == pytest.approx(0, abs=1e-6)
    assert (found["clipped"], found["silent"]) == (0.0, 0.0)


def test_offset_clipping_and_silence_are_fractions():
    samples = np.full(16000, 0.25, dtype=np.float32)
    samples[:8000] = 0
    samples[8000:8160] = 1.0
    found = levels(samples)
    assert found["offset"] == pytest.approx((7840 * 0.25 + 160) / 16000)
    assert found["clipped"] == pytest.approx(0.01)
    assert found["silent"] == pytest.approx(0.5)
    quiet = tone(1000.0, 1.0, 16000, amplitude=0.001)
    assert levels(quiet)["silent"] == 1.0
    assert levels(quiet, silence_db=-70)["silent"] == 0.0


def test_digital_silence_has_the_lowest_levels():
    found = levels(np.zeros(4000, dtype=np.float32))
    assert (found["peak_db"], found["rms_db"], found["silent"]) == (-100.0, -100.0, 1.0)
    assert found["cutoff_hz"] == 0.0


@pytest.mark.parametrize("limit", [1500.0, 4000.0])
def test_the_cutoff_of_band_limited_noise_is_its_limit(limit, rng):
    sr, n = 16000, 64000
    spectrum = np.fft.rfft(rng.normal(size=n))
    spectrum[np.fft.rfftfreq(n, 1 / sr) > limit] = 0
    noise = np.fft.irfft(spectrum)
    found = levels((0.3 * noise / np.abs(noise).max()).astype(np.float32), sr, cutoff_db=60)
    assert found["cutoff_hz"] == pytest.approx(limit, abs=5 * sr / 2048)


@pytest.mark.parametrize("params", [{"silence_db": 0}, {"cutoff_db": -1}])
def test_impossible_limits_are_refused(params):
    with pytest.raises(ParameterError):
        get_feature("levels", **params)
