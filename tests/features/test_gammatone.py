"""Gammatone filters against scipy's, and the spectrogram against scipy's spectrogram."""

import numpy as np
import pytest
from conftest import tone
from scipy import signal as scipy_signal

from featkit.audio import Signal
from featkit.dsp.gammatone import GammatoneBank, filters
from featkit.errors import ParameterError
from featkit.features import get_feature


def test_filters_are_the_responses_of_scipys_recursive_gammatone():
    bank = GammatoneBank(16000, 1024, 8, 200.0, 7000.0)
    for centre, row in zip(bank.centres(), bank.matrix(), strict=True):
        b, a = scipy_signal.gammatone(centre, "iir", fs=16000)
        _, response = scipy_signal.freqz(b, a, 2 * np.pi * np.arange(513) / 1024)
        np.testing.assert_allclose(row, np.abs(response), rtol=1e-3, atol=1e-6)


def test_centres_rise_from_20_hz_in_equal_steps_of_erb_number():
    centres = GammatoneBank(44100, 2048).centres()
    assert len(centres) == 64 and centres[0] == pytest.approx(20.0) and centres[-1] < 22050
    steps = np.diff(np.log(np.append(centres, 22050.0) + 24.7 * 9.26449))
    np.testing.assert_allclose(steps, steps[0], rtol=1e-9)


def test_the_response_is_1_at_the_centre():
    bank = GammatoneBank(44100, 44100, 64)  # a bin per Hz
    matrix = bank.matrix()
    nearest = np.round(bank.centres()).astype(int)
    np.testing.assert_allclose(matrix[np.arange(64), nearest], 1.0, atol=2e-3)
    assert (
        np.abs(matrix.argmax(axis=1) - bank.centres())[:-1].max() < 6
    )  # Hz; the last is pulled down by the zero at sr / 2
    with pytest.raises(ValueError, match="read-only"):
        filters(bank)[0, 0] = 1


def scipys(y, n_fft, win, hop, full_scale):
    """The same from scipy's spectrogram of integers in double precision."""
    _, _, magnitude = scipy_signal.spectrogram(
        y.astype(float) * full_scale,
        44100,
        "hann",
        nperseg=win,
        noverlap=win - hop,
        nfft=n_fft,
        detrend=False,
        scaling="density",
        mode="magnitude",
    )
    bands = GammatoneBank(44100, n_fft).matrix() @ magnitude / n_fft
    return np.maximum(20 * np.log10(np.maximum(bands, 1e-20)), -50.0).T


def close(row, expected):
    """2e-3 dB down to 50 dB below the largest value; below, the rounding of float32 shows."""
    strong = expected > expected.max() - 50
    np.testing.assert_allclose(row[strong], expected[strong], atol=2e-3)
    np.testing.assert_allclose(row, expected, atol=2e-2)


@pytest.mark.parametrize("bits", [16, 24, 32])
def test_code_preset_is_scipys_spectrogram_weighted_by_the_filters(clips, bits):
    feature = get_feature(f"gammatone:preset=dcase_code,bits={bits}")
    for name in ("noise_1s", "tones_5s", "click_1s"):
        expected = scipys(clips[name].samples, 4096, 1764, 882, 2.0 ** (bits - 1))
        close(feature(clips[name]), expected)


def test_dcase_is_the_code_on_ten_seconds_of_32_bit_integers(clips):
    feature, short = get_feature("gammatone:preset=dcase"), clips["tones_5s"].samples
    padded = np.pad(short, (0, 441_000 - len(short)))
    row = feature(clips["tones_5s"])
    assert row.shape == feature.shape == feature.stored_shape == (499, 64)
    close(row, scipys(padded, 4096, 1764, 882, 2.0**31))
    np.testing.assert_allclose(row[-240:], -50.0, atol=1e-4)


def test_the_papers_padding_is_the_reflected_signal(clips):
    feature, short = get_feature("gammatone:preset=paper"), clips["noise_1s"].samples
    padded = np.pad(short, (0, 441_000 - len(short)))
    reflected = np.pad(padded.astype(float), 1024, mode="reflect")
    row = feature(clips["noise_1s"])
    assert row.shape == feature.shape == (862, 64)
    close(row, scipys(reflected, 2048, 2048, 512, 2.0**31))


def test_full_scale_shifts_what_is_above_the_floor_by_its_decibels(clips):
    old, new = (get_feature(f"gammatone:bits={bits}")(clips["noise_1s"]) for bits in (16, 32))
    loud = old > -49.9
    np.testing.assert_allclose((new - old)[loud], 20 * np.log10(2.0**16), atol=1e-3)


def test_shapes_for_ten_seconds():
    signal = Signal(np.zeros(441_000, dtype=np.float32), 44100)
    assert get_feature("gammatone:preset=dcase_code")(signal).shape == (499, 64)
    silent = get_feature("gammatone")(signal)
    assert silent.shape == (862, 64)
    np.testing.assert_allclose(silent, -50.0, atol=1e-4)


@pytest.mark.parametrize("frequency", [200.0, 1000.0, 9000.0])
def test_a_sine_localises(frequency):
    feature = get_feature("gammatone")
    row = feature(Signal(tone(frequency, 1.0, 44100), 44100))[20:60]
    assert (
        np.abs(row.argmax(axis=1) - np.abs(feature.bank().centres() - frequency).argmin()).max()
        <= 1
    )


def test_every_clip_is_finite_and_above_the_floor(clips):
    for text in ("gammatone", "gammatone:preset=dcase_code"):
        for name, signal in clips.items():
            row = get_feature(text)(signal)
            assert np.isfinite(row).all() and row.min() >= -50.001, name


@pytest.mark.parametrize(
    "text", ["fmin=0", "fmax=30000", "n_filters=0", "erbs=0", "win_length=4096", "bits=20"]
)
def test_bad_parameters_are_refused(text):
    with pytest.raises(ParameterError):
        get_feature(f"gammatone:{text}")
