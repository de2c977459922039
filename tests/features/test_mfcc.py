"""MFCCs over time against librosa in double precision."""

import librosa
import numpy as np
import pytest
from scipy import fft

from featkit.audio import Signal
from featkit.errors import ParameterError
from featkit.features import get_feature


@pytest.mark.parametrize("text", ["mfcc", "mfcc:preset=dcase_code"])
def test_equals_librosa_on_every_clip(clips, text):
    feature = get_feature(text)
    for name, signal in clips.items():
        y = signal.at(feature.sr).astype(float)
        y = np.pad(y, (0, max(0, 1025 - len(y))))
        theirs = librosa.feature.mfcc(y=y, sr=feature.sr, n_mfcc=40, pad_mode="reflect").T
        ours = feature(signal)
        assert ours.shape == theirs.shape and ours.dtype == np.float32
        worst = np.abs(ours - theirs).max()
        assert worst <= 2e-3, f"{name}: {worst}"


def test_ten_seconds_are_862_or_431_frames():
    signal = Signal(np.zeros(441_000, dtype=np.float32), 44100)
    assert get_feature("mfcc")(signal).shape == (862, 40)
    assert get_feature("mfcc:preset=dcase_code")(signal).shape == (431, 40)


def test_is_the_orthonormal_dct_of_the_logmel(clips):
    logmel = get_feature("logmel:sr=44100,pad_mode=reflect")(clips["noise_1s"])
    expected = fft.dct(logmel.astype(float), norm="ortho")[:, :40]
    np.testing.assert_allclose(get_feature("mfcc")(clips["noise_1s"]), expected, atol=1e-3)


def test_c0_follows_loudness(clips):
    quiet = get_feature("mfcc:top_db=none")(clips["noise_1s"])
    loud = get_feature("mfcc:top_db=none")(Signal(clips["noise_1s"].samples * 2, 44100))
    np.testing.assert_allclose((loud - quiet)[:, 0], 20 * np.log10(2) * np.sqrt(128), rtol=1e-4)
    np.testing.assert_allclose((loud - quiet)[:, 1:], 0.0, atol=2e-3)


@pytest.mark.parametrize(("text", "rows"), [("paper", 862), ("dcase", 431)])
def test_the_papers_presets_pad_five_seconds_to_ten(clips, text, rows):
    feature = get_feature(f"mfcc:preset={text}")
    row = feature(clips["tones_5s"])
    assert row.shape == feature.shape == feature.stored_shape == (rows, 40)
    y = clips["tones_5s"].at(feature.sr).astype(float)
    padded = np.pad(y, (0, 10 * feature.sr - len(y)))
    theirs = librosa.feature.mfcc(y=padded, sr=feature.sr, n_mfcc=40, pad_mode="reflect").T
    np.testing.assert_allclose(row, theirs, atol=2e-3)


def test_zero_fill_is_what_silence_gives(clips):
    feature = get_feature("mfcc:top_db=none,n_frames=200,fill=zero")
    own = get_feature("mfcc:top_db=none")
    row, n = feature.expand(feature(clips["noise_1s"])), len(own(clips["noise_1s"]))
    np.testing.assert_array_equal(row[:n], own(clips["noise_1s"]))
    silent = own(clips["silence_2s"])[0]
    np.testing.assert_allclose(row[n:], [silent] * (200 - n), atol=1e-3)


def test_zero_fill_with_a_cut_off_lies_that_far_below_the_loudest_band(clips):
    feature = get_feature("mfcc:n_frames=200,fill=zero")
    row = feature(clips["noise_1s"])
    assert row.shape == feature.stored_shape == feature.shape == (200, 40)
    logmel = get_feature("logmel:sr=44100,pad_mode=reflect,n_frames=200,fill=zero")
    bands = logmel.expand(logmel(clips["noise_1s"])).astype(float)
    np.testing.assert_allclose(row, fft.dct(bands, norm="ortho")[:, :40], atol=2e-3)
    assert row[-1, 0] == pytest.approx((bands.max() - 80) * np.sqrt(128), rel=1e-5)


@pytest.mark.parametrize("text", ["n_mfcc=0", "n_mfcc=129", "top_db=0", "hop_length=0"])
def test_bad_parameters_are_refused(text):
    with pytest.raises(ParameterError):
        get_feature(f"mfcc:{text}")
