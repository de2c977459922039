"""Interventions change what they say they change, and nothing else."""

import numpy as np
import pytest
from conftest import tone

from featkit.audio import Signal
from featkit.audio.interventions import parse
from featkit.errors import ParameterError

SR = 8000


def changed(text, samples, sr=SR):
    return parse(text)(Signal(samples, sr)).samples


def level(samples):
    """Root mean square without the ends, where a filter sees less of its past."""
    inner = samples[len(samples) // 4 : -len(samples) // 4]
    return np.sqrt(np.mean(np.square(inner, dtype=np.float64)))


@pytest.mark.parametrize(
    ("text", "hertz", "stays"),
    [
        ("highpass=20", 15.0, False),
        ("highpass=20", 25.0, True),
        ("highpass=1000", 800.0, False),
        ("lowpass=1000", 900.0, True),
        ("lowpass=1000", 1200.0, False),
    ],
)
def test_a_filter_keeps_its_band_and_nothing_beyond(text, hertz, stays):
    samples = tone(hertz, 4.0, SR)
    ratio = level(changed(text, samples)) / level(samples)
    assert ratio == pytest.approx(1.0, abs=1e-3) if stays else ratio < 1e-3


def test_the_ends_of_a_hum_are_filtered_too():
    samples = tone(15.0, 4.3, SR)
    left = np.sqrt(np.mean(np.square(changed("highpass=20", samples), dtype=np.float64)))
    assert left < 0.03 * level(samples)


def test_a_limit_beyond_the_band_of_the_recording():
    samples = tone(440.0, 0.5, SR)
    assert (changed("lowpass=4000", samples) == samples).all()
    with pytest.raises(ParameterError):
        changed("highpass=4000", samples)


def test_gain_and_reversal_are_exact():
    samples = np.random.default_rng(0).uniform(-0.1, 0.1, 500).astype(np.float32)
    np.testing.assert_allclose(changed("gain=-20", samples), samples / 10, rtol=1e-6)
    assert (changed("reverse", samples) == samples[::-1]).all()
    both = changed("gain=-20,reverse", samples)
    np.testing.assert_allclose(both, samples[::-1] / 10, rtol=1e-6)


def test_noise_has_the_ratio_and_is_the_same_for_the_same_recording():
    samples = tone(440.0, 2.0, SR)
    noise = changed("noise=10", samples) - samples
    assert 20 * np.log10(level(samples) / level(noise)) == pytest.approx(10.0, abs=0.2)
    assert (changed("noise=10", samples) == changed("noise=10", samples)).all()
    other = changed("noise=10", samples[:-1]) - samples[:-1]
    assert abs(np.corrcoef(noise[:-1], other)[0, 1]) < 0.05
    silent = np.zeros(100, dtype=np.float32)
    assert (changed("noise=10", silent) == 0).all()


@pytest.mark.parametrize("codec", ["ogg", "mp3"])
def test_a_codec_keeps_length_and_sound(codec):
    samples = tone(440.0, 20.3, SR)  # Longer than one block of the encoder.
    coded = changed(f"codec={codec}", samples)
    assert coded.shape == samples.shape and not (coded == samples).all()
    assert level(coded) == pytest.approx(level(samples), rel=0.05)


def test_a_rate_that_a_codec_lacks_is_named():
    with pytest.raises(ParameterError, match="12345"):
        changed("codec=mp3", np.zeros(100, dtype=np.float32), 12345)


def test_one_sample_survives():
    for text in ("highpass=20", "lowpass=1000", "gain=6", "reverse", "noise=3", "codec=ogg"):
        assert changed(text, np.full(1, 0.5, dtype=np.float32)).shape == (1,)


@pytest.mark.parametrize(
    "text",
    ["", "cut=3", "gain", "gain=loud", "gain=inf", "lowpass=0", "reverse=1", "codec=aac"],
)
def test_what_is_no_intervention_is_refused(text):
    with pytest.raises(ParameterError):
        parse(text)


def test_a_text_gives_its_intervention_again():
    text = "highpass=20,gain=-6.5,reverse,codec=mp3"
    assert parse(text).text == text and parse(parse(text).text) == parse(text)
