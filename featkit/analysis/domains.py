"""Sounds of three domains, made from numbers: steady tones, speech-like sound, music."""

from collections.abc import Callable, Iterator

import numpy as np

from featkit.audio import Signal
from featkit.datasets import sounds
from featkit.datasets.sounds import Array

SR = 22_050
SECONDS = 5.0
# Formants of vowels in Hz, rounded: a, e, i, o, u.
_VOWELS = (
    (730, 1090, 2440),
    (530, 1840, 2480),
    (270, 2290, 3010),
    (570, 840, 2410),
    (300, 870, 2240),
)


def tones(take: np.random.Generator, n: int, sr: int) -> Array:
    """A steady chord of one to four sines between 80 and 8,000 Hz."""
    out = np.zeros(n)
    for _ in range(take.integers(1, 5)):
        frequency = 80 * 100 ** take.random()
        phase = 2 * np.pi * (frequency * np.arange(n) / sr + take.random())
        out += take.uniform(0.2, 1) * np.sin(phase)
    return out


def speech(take: np.random.Generator, n: int, sr: int) -> Array:
    """Syllables: a gliding voice through three formants, every other one led by a hiss, with
    pauses between.
    """
    root = take.uniform(90, 230)
    events = []
    start = float(take.uniform(0, 0.2))
    while start < n / sr:
        length = take.uniform(0.12, 0.3)
        events.append((start, float(take.uniform(0.5, 1)), _syllable(take, root, length, sr)))
        start += length + take.uniform(0.02, 0.12) + (0.4 if take.random() < 0.15 else 0.0)
    return sounds.place(n, events, sr)


def _syllable(take: np.random.Generator, root: float, seconds: float, sr: int) -> Array:
    size = round(seconds * sr)
    pitch = root * 2 ** (take.normal(0, 0.15) + np.linspace(0.1, -0.1, size))
    count = int(0.45 * sr / pitch.max())
    harmonics = np.arange(1.0, count + 1)
    vowel = _VOWELS[take.integers(len(_VOWELS))]
    partials = root * harmonics[:, None]
    envelope = np.sum(1 / (1 + ((partials - np.array(vowel)) / 90) ** 2), axis=1)
    voice = np.hanning(size) * sounds.glide(pitch, sr, envelope / harmonics)
    voice /= np.abs(voice).max() + 1e-12
    if take.random() < 0.5:
        hiss = sounds.noise(take, size // 3, sr, 2500, 8000, 0) * np.hanning(size // 3)
        voice[: size // 3] += 0.3 * hiss / (np.abs(hiss).max() + 1e-12)
    return np.asarray(voice)


def music(take: np.random.Generator, n: int, sr: int) -> Array:
    """Plucked strings over a drum kit, with bells in half of the clips."""
    parts = [sounds.strings, sounds.drums(80, 140)]
    if take.random() < 0.5:
        parts.append(sounds.bells)
    out = np.zeros(n)
    for part in parts:
        layer = part(take, take, n, sr)
        out += take.uniform(0.3, 1) * layer / (np.abs(layer).max() + 1e-12)
    return out


DOMAINS: dict[str, Callable[[np.random.Generator, int, int], Array]] = {
    "tones": tones,
    "speech-like": speech,
    "music": music,
}


def clips(domain: str, count: int, seed: int = 0) -> Iterator[Signal]:
    """Yield ``count`` clips of 5 s at 22,050 Hz, with a peak of 0.9 over noise 70 dB below it."""
    number = list(DOMAINS).index(domain)
    n = round(SECONDS * SR)
    for index in range(count):
        take = np.random.default_rng([seed, number, index])
        samples = DOMAINS[domain](take, n, SR)
        samples = samples / max(float(np.abs(samples).max()), 1e-12)
        samples += 10 ** (-70 / 20) * take.standard_normal(n)
        yield Signal((0.9 * samples / np.abs(samples).max()).astype(np.float32), SR)
