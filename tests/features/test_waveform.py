"""Samples as a feature (S2-1, S2-3)."""

import numpy as np
import pytest

from featkit.errors import AudioError, ParameterError
from featkit.features import get_feature


def test_stores_the_samples_and_repeats_them(clips):
    feature = get_feature("waveform:preset=elmarc")
    stored = feature(clips["tones_5s"])
    assert (
        feature.shape == (350_000,)
        and feature.stored_shape == (None,)
        and stored.shape == (60_000,)
    )
    np.testing.assert_array_equal(stored, clips["tones_5s"].at(12000))
    whole = feature.expand(stored)
    assert whole.shape == (350_000,)
    np.testing.assert_array_equal(whole[60_000:], whole[:-60_000])


def test_longer_clips_keep_their_beginning(clips):
    feature = get_feature("waveform:preset=elmarc")
    np.testing.assert_array_equal(
        feature.expand(feature(clips["noise_30s"])), clips["noise_30s"].at(12000)[:350_000]
    )


def test_zeros_and_crop(clips):
    zero = get_feature("waveform:sr=44100,n_samples=5,fill=zero")
    np.testing.assert_allclose(zero.expand(zero(clips["three_samples"])), [0.1, -0.2, 0.3, 0, 0])
    with pytest.raises(AudioError, match="3 samples"):
        get_feature("waveform:sr=44100,n_samples=5,fill=crop")(clips["three_samples"])
    assert get_feature("waveform:n_samples=5,fill=crop").stored_shape == (5,)


def test_own_length(clips):
    feature = get_feature("waveform:sr=44100")
    assert feature.shape == (None,)
    np.testing.assert_array_equal(
        feature.expand(feature(clips["noise_1s"])), clips["noise_1s"].samples
    )


@pytest.mark.parametrize("text", ["sr=0", "n_samples=0", "fill=loop"])
def test_bad_parameters_are_refused(text):
    with pytest.raises(ParameterError):
        get_feature(f"waveform:{text}")
