"""Words from numbers: pitch, formants, noise and pauses are where they were put."""

import numpy as np
import pytest

from featkit.datasets.speech import PHONES, WORDS, Speaker, spoken

SR = 8000
LOW = Speaker(pitch=100.0, throat=1.0, pace=1.0, tilt=6.0, breath=0.0)


def spectrum(samples):
    """Power by frequency in Hz."""
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    return np.fft.rfftfreq(len(samples), 1 / SR), power


def test_words_are_made_of_phones_that_exist_and_differ():
    assert set("".join(WORDS.values())) <= set(PHONES)
    assert len(set(WORDS.values())) == len(WORDS) == 10


@pytest.mark.parametrize("word", WORDS)
def test_a_word_is_as_loud_and_as_long_as_stated(word):
    samples = spoken(word, LOW, np.random.default_rng(0), SR)
    seconds = sum(PHONES[sign].seconds for sign in WORDS[word])
    assert 0.8 * seconds <= len(samples) / SR <= 1.25 * seconds
    assert np.sqrt(np.mean(samples**2)) == pytest.approx(1)


def test_the_voice_has_the_pitch_of_its_speaker(rng):
    # The vowels of "nine" take the middle half.
    samples = spoken("nine", LOW, rng, SR)
    middle = samples[len(samples) // 4 : len(samples) // 2]
    correlation = np.correlate(middle, middle, "full")[len(middle) - 1 :]
    lag = 40 + np.argmax(correlation[40:160])
    # The pitch falls by up to six semitones.
    assert 100 * 2 ** (-5 / 12) < SR / lag < 100 * 2 ** (3 / 12)


def test_a_fricative_is_high_and_a_closure_silent(rng):
    samples = spoken("six", LOW, rng, SR)
    frequencies, power = spectrum(samples[: SR // 20])
    assert power[frequencies > 2000].sum() > 0.8 * power.sum()
    frames = np.square(samples[: len(samples) // 80 * 80].reshape(-1, 80)).mean(1)
    inside = frames[len(frames) // 4 : -len(frames) // 8]
    assert inside.min() < 0.02 * frames.max()


def test_vowels_resonate_at_their_formants_and_short_throats_above():
    peaks = []
    for throat in (1.0, 1.15):
        speaker = Speaker(60.0, throat, 2.0, 0.0, 0.0)
        # The vowel of "two", after the burst.
        samples = spoken("two", speaker, np.random.default_rng(1), SR)
        frequencies, power = spectrum(samples[-len(samples) // 2 :])
        low = (frequencies > 150) & (frequencies < 550)
        peaks.append((frequencies[low] * power[low]).sum() / power[low].sum())
    assert peaks[0] == pytest.approx(310, rel=0.12)
    assert peaks[1] / peaks[0] == pytest.approx(1.15, abs=0.08)
