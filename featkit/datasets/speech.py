"""Spoken digits from numbers: a source of harmonics or noise and the resonances of a throat.

A crude cascade of formants: words can be told by ear with some practice, speakers by their pitch
and the length of their throats. Formants are round figures of the usual tables for English vowels.
"""

from dataclasses import dataclass

import numpy as np

from featkit.datasets import sounds
from featkit.datasets.sounds import Array

# Seconds of a phone at a normal pace; formants in Hz; loudness of voice and of noise; the band of
# the noise in Hz. A closure is a phone without either.
VOWEL = 0.14


@dataclass(frozen=True)
class Phone:
    """One sound of speech: how long, and where it resonates."""

    seconds: float
    formants: tuple[float, float, float]
    voice: float = 1.0
    noise: float = 0.0
    band: tuple[float, float] = (1000.0, 4000.0)


PHONES = {
    "i": Phone(VOWEL, (280, 2250, 2900)),
    "I": Phone(0.09, (400, 1900, 2550)),
    "e": Phone(VOWEL, (530, 1850, 2500)),
    "a": Phone(VOWEL, (710, 1150, 2500)),
    "V": Phone(0.11, (620, 1200, 2400)),
    "o": Phone(VOWEL, (500, 900, 2500)),
    "u": Phone(VOWEL, (310, 870, 2250)),
    "w": Phone(0.06, (300, 610, 2200), 0.6),
    "r": Phone(0.08, (320, 1060, 1400), 0.7),
    "n": Phone(0.10, (250, 1450, 2300), 0.35),
    "v": Phone(0.07, (300, 1000, 2400), 0.3, 0.06, (800, 3800)),
    "z": Phone(0.10, (300, 1700, 2500), 0.25, 0.3, (2800, 3900)),
    "s": Phone(0.13, (300, 1700, 2500), 0.0, 0.5, (2900, 3900)),
    "f": Phone(0.11, (300, 1000, 2400), 0.0, 0.12, (800, 3800)),
    "T": Phone(0.10, (300, 1400, 2500), 0.0, 0.09, (1400, 3800)),
    "-": Phone(0.05, (400, 1500, 2500), 0.0),
    "t": Phone(0.03, (400, 1700, 2600), 0.0, 0.5, (2200, 3900)),
    "k": Phone(0.03, (350, 1600, 2300), 0.0, 0.4, (1200, 2400)),
}
WORDS = {
    "zero": "zIro",
    "one": "wVn",
    "two": "-tu",
    "three": "Tri",
    "four": "for",
    "five": "faIv",
    "six": "sI-ks",
    "seven": "sevVn",
    "eight": "eI-t",
    "nine": "naIn",
}
BANDWIDTHS = (70.0, 100.0, 160.0)


@dataclass(frozen=True)
class Speaker:
    """What all takes of a speaker share: pitch in Hz, throat (a factor of formants), pace (a factor
    of durations), tilt in dB per octave, and breath, as a fraction of the voice.
    """

    pitch: float
    throat: float
    pace: float
    tilt: float
    breath: float

    @classmethod
    def drawn(cls, source: np.random.Generator) -> "Speaker":
        """Return a random speaker; short throats have high voices."""
        throat = source.uniform(0.88, 1.18)
        pitch = 150 * throat**3 * 2 ** source.uniform(-0.3, 0.3)
        return cls(
            pitch, throat, source.uniform(0.8, 1.25), source.uniform(4, 9), source.uniform(0, 0.03)
        )


def spoken(word: str, speaker: Speaker, take: np.random.Generator, sr: int) -> Array:
    """Return one take of a word of `WORDS`, 0.2 to 0.8 s, RMS 1.

    Durations, formants and the course of the pitch differ from take to take.
    """
    phones = [PHONES[sign] for sign in WORDS[word]]
    seconds = np.array([phone.seconds for phone in phones]) * speaker.pace
    ends = np.cumsum(seconds * take.uniform(0.8, 1.25, len(phones)))
    n = round(ends[-1] * sr)
    times = np.arange(n) / sr
    # Straight lines from the middle of one phone to that of the next.
    middles = ends - np.diff(ends, prepend=0) / 2
    bent = speaker.throat * take.normal(1, 0.03, (len(phones), 3))
    tracks = bent * np.array([phone.formants for phone in phones])
    formants = [np.interp(times, middles, track) for track in tracks.T]
    voice = np.interp(times, middles, [phone.voice for phone in phones])
    out = voice * _voiced(speaker, formants, take, times, sr)
    for phone, end, length in zip(phones, ends, np.diff(ends, prepend=0), strict=True):
        if phone.noise:
            out += phone.noise * _hiss(phone, end - length, end, take, n, sr)
    fade = np.minimum(1, np.minimum(times, times[::-1]) / 0.01)
    return np.asarray(fade * out / np.sqrt(np.mean((fade * out) ** 2)))


def _voiced(
    speaker: Speaker, formants: list[Array], take: np.random.Generator, times: Array, sr: int
) -> Array:
    """Return the voice, RMS 1: harmonics and breath, each as loud as the formants let it be."""
    fall = np.linspace(take.uniform(0, 2), take.uniform(-4, 0), len(times))
    wobble = take.normal(0, 0.3) * np.sin(2 * np.pi * take.uniform(3, 7) * times)
    pitch = speaker.pitch * 2 ** ((fall + wobble) / 12)
    phase = 2 * np.pi * np.cumsum(pitch) / sr
    out = np.zeros(len(times))
    for k in range(1, int(sr / 2 / pitch.min()) + 1):
        heard = _gain(k * pitch, formants) * (k * pitch < 0.48 * sr)
        out += k ** (-speaker.tilt / 6.02) * heard * np.sin(k * phase)
    out /= np.sqrt(np.mean(out**2))
    return np.asarray(out + speaker.breath * sounds.noise(take, len(times), sr, 300, 3500, 3))


def _gain(frequency: Array, formants: list[Array]) -> Array:
    """Return the gain of three resonators in a row, 1 at 0 Hz."""
    gain = np.ones(len(frequency))
    for formant, width in zip(formants, BANDWIDTHS, strict=True):
        pole = formant**2 + (width / 2) ** 2
        real = pole - frequency**2
        gain *= pole / np.sqrt(real**2 + (frequency * width) ** 2)
    return gain


def _hiss(
    phone: Phone, start: float, end: float, take: np.random.Generator, n: int, sr: int
) -> Array:
    """Return the noise of a phone, which swells and fades in 15 ms."""
    low, high = phone.band
    noise = sounds.noise(take, n, sr, low, min(high, 0.48 * sr), 0)
    times = np.arange(n) / sr
    return noise * np.clip(np.minimum(times - start, end - times) / 0.015, 0, 1)
