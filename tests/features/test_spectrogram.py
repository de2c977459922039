"""The linear spectrogram against librosa in double precision."""

import librosa
import numpy as np
import pytest
from conftest import tone

from featkit.audio import Signal
from featkit.errors import ParameterError
from featkit.features import get_feature


def test_equals_librosa_within_float32(clips):
    feature = get_feature("spectrogram:top_db=60")
    assert feature.shape == (None, 1025)
    for name in ("noise_1s", "tones_5s", "noise_30s", "silence_2s"):
        power = np.abs(librosa.stft(clips[name].at(22050).astype(float), pad_mode="reflect")) ** 2
        ours = feature(clips[name])
        assert ours.dtype == np.float32
        # A bin 60 dB below the loudest keeps four digits of its amplitude in float32.
        np.testing.assert_allclose(
            ours, librosa.power_to_db(power, top_db=60).T, atol=1e-2, err_msg=name
        )


def test_sine_peaks_in_its_bin_at_its_level():
    sr, k = 22050, 100
    row = get_feature("spectrogram")(Signal(tone(k * sr / 2048, 1.0, sr, 1.0), sr))
    assert (row[3:-3].argmax(axis=1) == k).all()
    np.testing.assert_allclose(row[3:-3, k], 20 * np.log10(2048 / 4), atol=1e-3)


def test_natural_logarithm_of_silence_is_that_of_the_floor(clips):
    row = get_feature("spectrogram:log=ln,floor=1e-6")(clips["silence_2s"])
    np.testing.assert_allclose(row, np.log(1e-6), rtol=1e-6)


def test_length_rule(clips):
    feature = get_feature("spectrogram:n_frames=100,fill=zero,top_db=none")
    image = feature.expand(feature(clips["noise_1s"]))
    assert image.shape == feature.shape == (100, 1025)
    np.testing.assert_allclose(image[44:], -100.0, rtol=1e-5)


@pytest.mark.parametrize(
    "text", ["floor=0", "sr=0", "win_length=4096", "n_frames=0", "log=log2", "fill=loop"]
)
def test_bad_parameters_are_refused(text):
    with pytest.raises(ParameterError):
        get_feature(f"spectrogram:{text}")
