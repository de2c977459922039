"""Log-mel spectrograms against librosa and their closed form; the length rules; the presets."""

import librosa
import numpy as np
import pytest
from conftest import closed_form_logmel, tone

from featkit.audio import Signal
from featkit.errors import AudioError, ParameterError
from featkit.features import get_feature

PRESETS = ["librosa", "torchaudio", "elmarc", "piczak", "dcase", "dcase_code"]


def librosas(feature, y):
    """The same log-mel by librosa in double precision, time first."""
    y = librosa.util.fix_length(
        y, size=max(len(y), feature.n_fft // 2 + 1 if feature.pad_mode == "reflect" else 1)
    )
    bands = librosa.feature.melspectrogram(
        y=y.astype(float),
        sr=feature.sr,
        n_fft=feature.n_fft,
        hop_length=feature.hop_length,
        n_mels=feature.n_mels,
        pad_mode=feature.pad_mode,
    )
    return librosa.power_to_db(bands, amin=feature.floor, top_db=feature.top_db).T


@pytest.mark.parametrize("preset", ["librosa", "elmarc", "piczak"])
def test_equals_librosa_on_every_clip(clips, preset):
    feature = get_feature(f"logmel:preset={preset}")
    for name, signal in clips.items():
        ours, theirs = feature(signal), librosas(feature, signal.at(feature.sr))
        assert ours.dtype == np.float32
        worst = np.abs(ours - theirs[: feature.n_frames]).max()
        assert worst <= 2e-3, f"{name}: {worst} dB"


def test_torchaudio_preset_equals_the_closed_form(clips):
    feature = get_feature("logmel:preset=torchaudio")
    for name in ("noise_1s", "tones_5s", "click_1s"):
        y = clips[name].samples
        np.testing.assert_allclose(
            feature(clips[name]).T, closed_form_logmel(y, 44100, 4410, 1102, 441), atol=5e-3
        )


def test_torchaudio_and_librosa_differ_on_purpose():
    ours, other = (
        get_feature("logmel:preset=torchaudio").bank(),
        get_feature("logmel:sr=44100,n_fft=4410").bank(),
    )
    np.testing.assert_allclose(ours.matrix().max(axis=1)[60:], 1.0, atol=0.2)  # height 1 …
    areas = other.matrix().sum(axis=1)[20:] * 10.0  # … or area 1; bins are 10 Hz apart
    np.testing.assert_allclose(areas, 1.0, atol=0.1)
    assert np.abs(ours.centres() - other.centres()).max() > 100


def test_dcase_is_862_by_40_without_a_clip_below_the_loudest():
    feature = get_feature("logmel:preset=dcase")
    assert feature.shape == (862, 40)
    loud = Signal(
        np.concatenate([tone(1000.0, 9.0, 44100, 0.9), np.zeros(44100, dtype=np.float32)]), 44100
    )
    row = feature(loud)
    assert row.shape == (862, 40)
    np.testing.assert_allclose(row[-20:], -100.0, atol=1e-3)


def test_dcase_pads_a_short_clip_before_analysis(clips):
    feature = get_feature("logmel:preset=dcase")
    padded = np.pad(clips["tones_5s"].samples, (0, 441_000 - len(clips["tones_5s"].samples)))
    row = feature(clips["tones_5s"])
    assert row.shape == feature.stored_shape == (862, 40)
    own = get_feature("logmel:preset=dcase_code")
    np.testing.assert_array_equal(row, own(Signal(padded, 44100)))
    assert own(clips["tones_5s"]).shape == (431, 40)


def test_without_a_logarithm_it_is_mel_power(clips):
    power = get_feature("logmel:log=none")(clips["noise_1s"])
    y = clips["noise_1s"].at(22050).astype(float)
    theirs = librosa.feature.melspectrogram(y=y, sr=22050, pad_mode="constant").T
    np.testing.assert_allclose(power, theirs, rtol=1e-4, atol=1e-6 * theirs.max())
    filled = get_feature("logmel:log=none,n_frames=60,fill=zero")
    assert (filled.expand(filled(clips["noise_1s"]))[-10:] == 0).all()


def test_magnitude_bands_are_on_the_decibel_scale_of_magnitudes(clips):
    feature = get_feature("logmel:power=1,top_db=none,floor=1e-5")
    y = clips["noise_1s"].at(22050).astype(float)
    bands = librosa.feature.melspectrogram(y=y, sr=22050, power=1.0)
    np.testing.assert_allclose(feature(clips["noise_1s"]).T, 20 * np.log10(bands), atol=2e-3)


def test_6_db_more_gain_is_6_02_db(clips):
    feature = get_feature("logmel:top_db=none")
    signal = clips["noise_1s"]
    np.testing.assert_allclose(
        feature(Signal(signal.samples * 2, 44100)) - feature(signal), 20 * np.log10(2), atol=1e-3
    )


def test_sine_peaks_in_its_band():
    feature = get_feature("logmel")
    row = feature(Signal(tone(1500.0, 1.0, 22050), 22050))
    assert (
        abs(row.mean(axis=0).argmax() - np.abs(feature.bank().edges()[1:-1] - 1500).argmin()) <= 1
    )


def test_five_seconds_are_235_frames_repeated_with_that_period(clips):
    feature = get_feature("logmel:preset=elmarc")
    stored = feature(clips["tones_5s"])
    assert (
        feature.shape == (1376, 96)
        and feature.stored_shape == (None, 96)
        and stored.shape == (235, 96)
    )
    image = feature.expand(stored)
    assert image.shape == (1376, 96)
    np.testing.assert_array_equal(image[235:], image[:-235])
    np.testing.assert_array_equal(image[:235], stored)


def test_a_longer_clip_keeps_its_first_frames(clips):
    feature = get_feature("logmel:preset=elmarc,n_frames=50")
    whole = get_feature("logmel:preset=elmarc,n_frames=none")
    assert whole.shape == (None, 96)
    np.testing.assert_array_equal(feature(clips["noise_30s"]), whole(clips["noise_30s"])[:50])
    assert feature.expand(feature(clips["noise_30s"])).shape == (50, 96)


@pytest.mark.parametrize(
    ("text", "value"),
    [("top_db=none", -100.0), ("top_db=80", None), ("log=ln,floor=1e-6", np.log(1e-6))],
)
def test_zero_fill_is_the_value_of_silence(clips, text, value):
    feature = get_feature(f"logmel:preset=elmarc,fill=zero,{text}")
    stored = feature(clips["noise_1s"])
    filled = feature.expand(stored)[len(stored) :]
    assert filled.shape == (1376 - 47, 96)
    np.testing.assert_allclose(filled, stored.max() - 80 if value is None else value, rtol=1e-5)


def test_crop_refuses_a_short_clip_and_has_a_fixed_shape(clips):
    feature = get_feature("logmel:preset=elmarc,fill=crop,n_frames=100")
    assert feature.stored_shape == (100, 96) and feature(clips["tones_5s"]).shape == (100, 96)
    with pytest.raises(AudioError, match="47 frames"):
        feature(clips["noise_1s"])


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_is_finite_on_every_clip(clips, preset):
    feature = get_feature(f"logmel:preset={preset}")
    assert feature.canonical == ("logmel" if preset == "librosa" else f"logmel:preset={preset}")
    for name, signal in clips.items():
        row = feature(signal)
        assert np.isfinite(row).all() and row.any(), name
        assert row.ndim == 2 and row.shape[1] == feature.n_mels


@pytest.mark.parametrize(
    "text",
    [
        "floor=0",
        "top_db=0",
        "n_frames=0",
        "power=3",
        "win_length=4096",
        "fmax=20000",
        "hop_length=0",
        "scale=bark",
    ],
)
def test_bad_parameters_are_refused(text):
    with pytest.raises(ParameterError):
        get_feature(f"logmel:{text}")
