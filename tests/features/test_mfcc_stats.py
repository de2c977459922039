"""MFCC statistics against librosa in double precision."""

import librosa
import numpy as np
import pytest

from featkit.audio import Signal
from featkit.errors import ParameterError
from featkit.features import get_feature
from featkit.features.mfcc_stats import statistics


def librosas(y, pad_mode="constant"):
    y = np.pad(y.astype(float), (0, max(0, 2048 - len(y))))
    m = librosa.feature.mfcc(y=y, sr=12000, n_mfcc=20, pad_mode=pad_mode)
    parts = [m, np.diff(m), np.diff(m, 2)]
    return np.concatenate([f(part, axis=1) for part in parts for f in (np.mean, np.std)])


@pytest.mark.parametrize("pad_mode", ["constant", "reflect"])
def test_equals_librosa_on_every_clip(clips, pad_mode):
    feature = get_feature(f"mfcc_stats:pad_mode={pad_mode}")
    assert feature.shape == (120,)
    for name, signal in clips.items():
        row = feature(signal)
        assert row.shape == (120,) and row.dtype == np.float32 and row.any(), name
        np.testing.assert_allclose(
            row, librosas(signal.at(12000), pad_mode), rtol=1e-3, atol=5e-3, err_msg=name
        )


def test_elmarc_reflects_the_clip_and_the_default_does_not():
    assert get_feature("mfcc_stats").pad_mode == "constant"
    assert get_feature("mfcc_stats:preset=elmarc").pad_mode == "reflect"


def test_differences_are_plain_and_in_order():
    ramp = np.arange(6.0)[:, None] * [1.0, -2.0]
    expected = [2.5, -5.0, *np.std(ramp, axis=0), 1.0, -2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    np.testing.assert_allclose(statistics(ramp), expected, atol=1e-6)


def test_one_or_two_frames_have_differences_of_zero_never_nan():
    one = statistics(np.array([[3.0, 4.0]]))
    np.testing.assert_array_equal(one, [3, 4] + [0] * 10)
    two = statistics(np.array([[3.0], [5.0]]))
    np.testing.assert_allclose(two, [4, 1, 2, 0, 0, 0])
    feature = get_feature("mfcc_stats:hop_length=5000")
    assert np.isfinite(feature(Signal(np.ones(10, dtype=np.float32), 12000))).all()


def test_silence_is_the_floor_in_c0_and_nothing_else(clips):
    row = get_feature("mfcc_stats")(clips["silence_2s"])
    np.testing.assert_allclose(row[0], -100.0 * np.sqrt(128), rtol=1e-5)
    np.testing.assert_allclose(row[1:], 0.0, atol=1e-3)


def test_c0_follows_the_gain(clips):
    feature = get_feature("mfcc_stats:top_db=none")
    quiet, loud = clips["noise_1s"], Signal(clips["noise_1s"].samples * 2, 44100)
    np.testing.assert_allclose(
        feature(loud)[0] - feature(quiet)[0], 20 * np.log10(2) * np.sqrt(128), rtol=1e-4
    )


@pytest.mark.parametrize("text", ["n_mfcc=0", "n_mfcc=129", "top_db=-1", "hop_length=0", "sr=0"])
def test_bad_parameters_are_refused(text):
    with pytest.raises(ParameterError):
        get_feature(f"mfcc_stats:{text}")
