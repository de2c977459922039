"""Presets against librosa with every number of the paper written out."""

import librosa
import numpy as np
import pytest

from featkit.audio import Signal
from featkit.features import get_feature

INSIDE = slice(4, 400)


@pytest.mark.parametrize(
    ("text", "sr", "numbers", "top_db"),
    [
        ("logmel:preset=dcase", 44100, {"n_fft": 2048, "hop_length": 512, "n_mels": 40}, None),
        ("logmel:preset=dcase_code", 44100, {"n_fft": 2048, "hop_length": 512, "n_mels": 40}, None),
        ("logmel:preset=piczak", 22050, {"n_fft": 1024, "hop_length": 512, "n_mels": 60}, 80.0),
    ],
)
def test_log_mels_are_librosas(text, sr, numbers, top_db):
    rng = np.random.default_rng(0)
    noise = (rng.normal(size=5 * sr) * np.linspace(0.01, 0.5, 5 * sr)).astype(np.float32)
    row = get_feature(text)(Signal(noise, sr))
    mel = librosa.feature.melspectrogram(
        y=noise, sr=sr, htk=False, norm="slaney", fmin=0, fmax=sr / 2, pad_mode="reflect", **numbers
    )
    expected = librosa.power_to_db(mel, ref=1.0, amin=1e-10, top_db=top_db).T
    frames = INSIDE if text == "logmel:preset=dcase" else slice(0, len(expected))
    np.testing.assert_allclose(row[frames][: len(expected)], expected[frames], atol=2e-3)


def test_the_scene_preset_has_ten_seconds_and_silence_where_there_is_no_sound():
    feature = get_feature("logmel:preset=dcase")
    noise = np.random.default_rng(0).normal(size=5 * 44100).astype(np.float32)
    row = feature.expand(feature(Signal(noise, 44100)))
    assert row.shape == (862, 40)
    np.testing.assert_allclose(row[440:], -100, atol=1e-3)
    assert row[:425].min() > -60
