import numpy as np
import pytest
from conftest import tone

from featkit.audio import Signal
from featkit.audio.altering import (
    EQUALISER_HZ,
    Alteration,
    crop,
    equalise,
    shift_and_stretch,
)
from featkit.errors import ParameterError

SR = 16_000
OFF = dict.fromkeys(("pitch", "stretch", "crop", "eq", "gain", "noise"), 0.0)


def peak(samples, sr=SR):
    """Frequency of the largest bin of a windowed spectrum, in Hz."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return np.fft.rfftfreq(len(samples), 1 / sr)[spectrum.argmax()]


@pytest.mark.parametrize(("semitones", "rate"), [(0, 1.25), (3, 1.0), (-4, 1.1), (2, 2 ** (1 / 6))])
def test_a_tone_moves_by_semitones_and_lasts_as_long_as_the_rate_says(semitones, rate):
    samples = shift_and_stretch(tone(1000.0, 2.0, SR), SR, semitones, rate)
    assert len(samples) / SR == pytest.approx(2.0 / rate, abs=0.02)
    inner = samples[2000:-2000]
    assert peak(inner) == pytest.approx(1000 * 2 ** (semitones / 12), abs=2.0)


def test_the_equaliser_has_its_gain_at_each_of_its_frequencies():
    decibels = np.array([3.0, -6.0, 0.0, 4.0, -2.0, 1.0])
    for hertz, gain in zip(EQUALISER_HZ[:-1], decibels, strict=False):
        before = tone(hertz, 1.0, SR)
        after = equalise(before, SR, decibels)
        assert 20 * np.log10(after.std() / before.std()) == pytest.approx(gain, abs=0.2)


def test_a_crop_loses_the_fraction_and_keeps_what_lies_between():
    samples = np.arange(1000, dtype=np.float32)
    assert np.array_equal(crop(samples, 0.2, 0.25), samples[50:850])
    assert np.array_equal(crop(samples[:1], 0.9, 0.5), samples[:1])


def test_gain_alone_scales_within_its_range():
    signal = Signal(tone(500.0, 0.5, SR), SR)
    levels = []
    for seed in range(40):
        altered = Alteration(**(OFF | {"gain": 6.0})).of(signal, seed).samples
        factor = altered[5] / signal.samples[5]
        assert np.allclose(altered, factor * signal.samples, rtol=1e-6)
        levels.append(20 * np.log10(factor))
    assert -6 <= min(levels) < -3 and 3 < max(levels) <= 6


def test_noise_is_as_far_below_the_recording_as_it_says():
    signal = Signal(tone(500.0, 2.0, SR), SR)
    noise = Alteration(**(OFF | {"noise": 20.0})).of(signal, 1).samples - signal.samples
    assert 20 * np.log10(signal.samples.std() / noise.std()) == pytest.approx(20.0, abs=0.2)


def test_nothing_is_altered_where_all_ranges_are_nought():
    signal = Signal(tone(500.0, 0.5, SR), SR)
    assert np.array_equal(Alteration(**OFF).of(signal, 3).samples, signal.samples)


def test_the_copy_depends_on_samples_and_seed_and_on_nothing_else(rng):
    one, other = (rng.standard_normal(8000).astype(np.float32) for _ in range(2))

    def altered(samples, seed):
        return Alteration().of(Signal(samples, SR), seed).samples

    assert np.array_equal(altered(one, 1), altered(one.copy(), 1))
    assert not np.array_equal(altered(one, 1)[:4000], altered(one, 2)[:4000])
    gains = Alteration(**(OFF | {"gain": 6.0}))
    assert gains.of(Signal(one, SR), 1).samples[0] / one[0] != pytest.approx(
        gains.of(Signal(other, SR), 1).samples[0] / other[0], rel=1e-3
    )


def test_one_range_changes_no_other_draw(rng):
    signal = Signal(rng.standard_normal(8000).astype(np.float32), SR)
    cropped = Alteration(**(OFF | {"crop": 0.5})).of(signal, 1).samples
    louder = Alteration(**(OFF | {"crop": 0.5, "gain": 6.0})).of(signal, 1).samples
    assert np.allclose(louder / cropped, louder[0] / cropped[0], rtol=1e-5)


def test_shorter_than_a_window_keeps_pitch_and_tempo(rng):
    samples = rng.standard_normal(100).astype(np.float32)
    assert shift_and_stretch(samples, SR, 2.0, 1.1) is samples


@pytest.mark.parametrize(("name", "value"), [("pitch", 13), ("crop", 0.95), ("gain", -1.0)])
def test_ranges_are_checked(name, value):
    with pytest.raises(ParameterError, match=f"{name}={value:g} is not between 0"):
        Alteration(**{name: value})
