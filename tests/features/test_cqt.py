"""The constant-Q spectrogram against a direct sum in double precision and against librosa."""

import librosa
import numpy as np
import pytest
from conftest import tone

from featkit.audio import Signal
from featkit.errors import ParameterError
from featkit.features import get_feature


def direct(y, sr=44100, hop=512, fmin=220.0, n_bins=64):
    """10 · log10(√l · |Σ y · w · e^(−2πi f t / sr)|), w a Hann window of sum 1 and length l = ⌈Q ·
    sr / f⌉, in float64.
    """
    n, q = 4096, 1 / (2 ** (1 / 12) - 1)
    frames = np.lib.stride_tricks.sliding_window_view(
        np.pad(y.astype(float), n // 2, mode="reflect"), n
    )[::hop]
    columns = []
    for frequency in fmin * 2 ** (np.arange(n_bins) / 12):
        length = int(np.ceil(q * sr / frequency))
        window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)
        start = n // 2 - length // 2 - length % 2
        kernel = window / window.sum() * np.exp(-2j * np.pi * frequency * np.arange(length) / sr)
        columns.append(np.abs(frames[:, start : start + length] @ kernel) * np.sqrt(length))
    return 10 * np.log10(np.maximum(np.array(columns).T, 1e-10))


@pytest.mark.parametrize("name", ["noise_1s", "tones_5s", "click_1s"])
def test_equals_the_direct_sum(clips, name):
    ours, expected = get_feature("cqt")(clips[name]), direct(clips[name].samples)
    strong = expected > expected.max() - 20
    np.testing.assert_allclose(ours[strong], expected[strong], atol=1e-3)
    np.testing.assert_allclose(np.maximum(ours, -50), np.maximum(expected, -50), atol=0.1)


@pytest.mark.parametrize("name", ["noise_1s", "tones_5s"])
def test_agrees_with_librosas_recursive_transform_where_there_is_sound(clips, name):
    theirs = np.abs(
        librosa.cqt(
            clips[name].samples,
            sr=44100,
            fmin=220,
            n_bins=64,
            sparsity=0,
            pad_mode="reflect",
            tuning=0.0,
        )
    ).T
    theirs = 10 * np.log10(np.maximum(theirs, 1e-10))[20:-20]
    ours = get_feature("cqt")(clips[name])[20:-20]
    strong = theirs > theirs.max() - 10  # within 20 dB of the loudest
    assert np.median(np.abs(ours - theirs)[strong]) < 0.15
    assert np.abs(ours - theirs)[strong].max() < 1.0


@pytest.mark.parametrize(
    ("frequency", "bin_"), [(220.0, 0), (440.0, 12), (880.0, 24), (7040.0, 60)]
)
def test_a_tone_lies_in_its_bin_and_an_octave_is_12_bins(frequency, bin_):
    row = get_feature("cqt")(Signal(tone(frequency, 1.0, 44100), 44100))
    assert (row[10:-10].argmax(axis=1) == bin_).all()


def test_ten_seconds_are_862_by_64_and_silence_is_the_floor():
    row = get_feature("cqt")(Signal(np.zeros(441_000, dtype=np.float32), 44100))
    assert row.shape == (862, 64) and row.dtype == np.float32
    np.testing.assert_allclose(row, -100.0, atol=1e-3)


def test_dcase_pads_a_short_clip_to_ten_seconds(clips):
    feature, short = get_feature("cqt:preset=dcase"), clips["tones_5s"].samples
    row = feature(clips["tones_5s"])
    assert row.shape == feature.shape == feature.stored_shape == (862, 64)
    padded = np.pad(short, (0, 441_000 - len(short)))
    np.testing.assert_array_equal(row, get_feature("cqt")(Signal(padded, 44100)))
    np.testing.assert_allclose(row[-400:], -100.0, atol=1e-3)


def test_ten_times_the_amplitude_is_10_units(clips):
    loud = get_feature("cqt")(Signal(clips["noise_1s"].samples * 10, 44100))
    np.testing.assert_allclose(loud - get_feature("cqt")(clips["noise_1s"]), 10.0, atol=1e-3)


def test_every_clip_is_finite(clips):
    for name, signal in clips.items():
        row = get_feature("cqt")(signal)
        assert np.isfinite(row).all() and row.min() >= -100.001, name


@pytest.mark.parametrize(
    "text", ["n_bins=100", "hop_length=0", "fmin=0", "bins_per_octave=0", "seconds=0.05"]
)
def test_bad_parameters_are_refused(text):
    with pytest.raises(ParameterError):
        get_feature(f"cqt:{text}")
