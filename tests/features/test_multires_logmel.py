"""The three-resolution image against torchaudio and against its closed form in double precision."""

from pathlib import Path

import numpy as np
import pytest
from conftest import closed_form_logmel, tone
from PIL import Image

from featkit.audio import Signal
from featkit.dsp.stft import Stft
from featkit.errors import ParameterError
from featkit.features import get_feature
from featkit.features._shared import shared_power

FLOOR = np.log(1e-6)


def closed_form(y, sr, n_fft, win, hop, width):
    """One channel: the closed form in float64, resized by Pillow."""
    image = closed_form_logmel(y, sr, n_fft, win, hop).astype(np.float32)
    return np.asarray(Image.fromarray(image).resize((width, 128), Image.Resampling.BILINEAR))


def test_equals_the_closed_form_on_every_clip(clips):
    feature = get_feature("multires_logmel")
    for name, signal in clips.items():
        image = feature(signal)
        assert image.shape == feature.shape == (3, 128, 250) and image.dtype == np.float32
        for channel, (win, hop) in enumerate(((1102, 441), (2205, 1102), (4410, 2205))):
            expected = closed_form(signal.samples, 44100, 4410, win, hop, 250)
            worst = np.abs(image[channel] - expected).max()
            assert worst <= 5e-3, f"{name}, channel {channel}: {worst}"


@pytest.mark.parametrize(
    ("sr", "n_fft", "lengths"),
    [
        (22050, 2205, ((551, 220), (1102, 551), (2205, 1102))),  # odd n_fft
        (
            11025,
            1102,
            ((276, 110), (551, 276), (1102, 551)),
        ),  # n_fft of primes that only scipy transforms
    ],
)
def test_other_rates_equal_the_closed_form(rng, sr, n_fft, lengths):
    signal = Signal((0.1 * rng.standard_normal(sr)).astype(np.float32), sr)
    image = get_feature(f"multires_logmel:preset=gtzan,sr={sr}")(signal)
    assert image.shape == (3, 128, 1500)
    for channel, (win, hop) in enumerate(lengths):
        np.testing.assert_allclose(
            image[channel], closed_form(signal.samples, sr, n_fft, win, hop, 1500), atol=5e-3
        )


@pytest.mark.parametrize(
    ("preset", "lengths"),
    [
        ("esc50", ((1102, 441), (2205, 1102), (4410, 2205))),
        ("us8k", ((551, 220), (1102, 551), (2205, 1102))),
    ],
)
def test_lengths_are_those_of_the_table(preset, lengths):
    feature = get_feature(f"multires_logmel:preset={preset}")
    assert [(s.win_length, s.hop_length) for s in feature.stfts()] == list(lengths)
    assert {s.n_fft for s in feature.stfts()} == {feature.sr // 10}


@pytest.mark.parametrize("preset", ["esc50", "us8k", "gtzan"])
def test_equals_torchaudio_itself(preset):
    """Values made by benchmarks/golden_torchaudio.py; 12 columns of each image."""
    golden = np.load(Path(__file__).with_name("torchaudio.npz"))
    feature = get_feature(f"multires_logmel:preset={preset}")
    k = np.arange(round(1.3 * feature.sr), dtype=np.float64)
    noise = 0.2 * np.sin(0.7548776662466927 * k * k) * np.exp(-k / feature.sr)
    columns = np.linspace(0, feature.width - 1, 12).round().astype(int)
    image = feature(Signal(noise.astype(np.float32), feature.sr))
    np.testing.assert_allclose(image[:, :, columns], golden[preset], atol=2e-4)


def test_an_odd_n_fft_has_the_bins_that_torchaudio_stretches():
    even, odd = (get_feature(f"multires_logmel:preset={p}").bank() for p in ("esc50", "us8k"))
    np.testing.assert_allclose(even.bins()[[1, -1]], [10.0, 22050.0])
    np.testing.assert_allclose(odd.bins()[[1, -1]], [11025 / 1102, 11025.0])


def test_silence_is_the_floor(clips):
    np.testing.assert_allclose(
        get_feature("multires_logmel")(clips["silence_2s"]), FLOOR, atol=1e-5
    )


def test_a_sine_peaks_in_its_band():
    feature = get_feature("multires_logmel")
    image = feature(Signal(tone(3000.0, 1.0, 44100), 44100))
    centres = feature.bank().edges()[1:-1]
    assert np.abs(image.mean(axis=2).argmax(axis=1) - np.abs(centres - 3000).argmin()).max() <= 1


def test_gain_shifts_by_its_logarithm(clips):
    signal = clips["noise_1s"]
    louder = Signal(signal.samples * 4, 44100)
    feature = get_feature("multires_logmel")
    np.testing.assert_allclose(feature(louder) - feature(signal), 2 * np.log(4), atol=2e-3)


def test_short_clips_are_lengthened_to_one_sample_more_than_n_fft(rng):
    y = rng.standard_normal(100).astype(np.float32)
    feature = get_feature("multires_logmel")
    longer = Signal(np.concatenate([y, np.zeros(4311, dtype=np.float32)]), 44100)
    np.testing.assert_array_equal(feature(Signal(y, 44100)), feature(longer))


def test_single_stores_one_channel_and_shows_it_three_times(clips):
    single = get_feature("multires_logmel:single=true")
    stored = single(clips["noise_1s"])
    assert stored.shape == single.stored_shape == (1, 128, 250)
    image = single.expand(stored)
    assert image.shape == single.shape == (3, 128, 250)
    np.testing.assert_array_equal(image[0], image[2])
    np.testing.assert_array_equal(stored[0], get_feature("multires_logmel")(clips["noise_1s"])[0])


def test_numbers_do_not_depend_on_what_else_was_computed(clips):
    feature = get_feature("multires_logmel")
    fresh, used = (Signal(clips["noise_1s"].samples, 44100) for _ in range(2))
    shared_power(used, 44100, Stft(4410, 1102, 441))
    get_feature("mfcc_stats")(used)
    np.testing.assert_array_equal(feature(fresh), feature(used))


@pytest.mark.parametrize("text", ["sr=10", "width=0", "offset=0", "n_mels=0"])
def test_bad_parameters_are_refused(text):
    with pytest.raises(ParameterError):
        get_feature(f"multires_logmel:{text}")
