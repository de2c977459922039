"""Recordings that featkit makes itself: the built-in default, without a download."""

import os
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from featkit.datasets import sounds, speech
from featkit.datasets.base import Dataset
from featkit.datasets.corpus import Corpus, registry
from featkit.datasets.making import VERSION, Render, Take, cache_folder, plan, write_set
from featkit.datasets.sounds import Array
from featkit.errors import ParameterError

ABOUT = {
    "description": "Bells, birds, drums at two tempi, engines, rain, sirens, strings, clockworks "
    "and wind, made from numbers.",
    "licence": "BSD-3-Clause, as featkit",
    "citation": "featkit, featkit.datasets.synthetic",
    "homepage": "featkit datasets synthesize OUT",
}
PER_GROUP = 4
SR = 22050


def load(variant: str, root: str | None = None) -> Dataset:
    """Made by featkit, no download: 10 classes in 5 folds; synthetic[:N|tempo|pitch|timbre|words].

    Without ``root`` the recordings are made once and kept in the user's cache (`cache_folder`).
    """
    if variant not in SETS and not ((variant.isdecimal() and int(variant) > 0) or not variant):
        raise ParameterError(
            f"synthetic:{variant} is unknown; expected synthetic, synthetic:N for N clips, "
            f"or :{', :'.join(SETS)}"
        )
    place = root or str(cache_folder() / f"synthetic-{VERSION}-{variant or 400}")
    if variant in SETS:
        return SETS[variant](place)
    return synthesize(place, int(variant or 400))


def synthesize(
    out: str | os.PathLike[str], n_clips: int = 400, seed: int = 0, sr: int = SR
) -> Dataset:
    """Return ten classes of synthetic recordings, written to ``out`` as WAV files with a table,
    ``clips.csv``.

    Classes differ in timbre, pitch, rhythm and texture; four takes share a source (a kit, an
    engine, a bell) and form one group. Level, onset, length (1.6–3 s), equalisation and background
    noise (3–25 dB below) vary, so that MFCC statistics and an SVM reach about 80 % rather than 100.
    A clip depends on ``seed`` and ``sr``, never on ``n_clips``. A set that the same call wrote to
    ``out`` earlier is reused.

    Parameters
    ----------
    out : path
        A new or empty folder, or one written by this function.
    n_clips : int
        Number of clips; classes take turns, and so do the five folds.
    seed : int
        Not negative.
    sr : int
        Sampling rate in Hz, at least 8000.

    Raises
    ------
    ParameterError
        If a number is out of range.
    DatasetError
        If ``out`` holds something else.
    """
    labels = tuple(sounds.SOUNDS)

    def render(take: Take, seed: int, sr: int) -> Array:
        session = np.random.default_rng([seed, 1, labels.index(take.label), take.fold, take.source])
        own = np.random.default_rng([seed, 2, take.index])
        n = 256 * round(
            own.uniform(1.6, 3.0) * sr / 256
        )  # a length with small factors: quick to transform
        return _record(sounds.SOUNDS[take.label](session, own, n, sr), own, sr)

    return write_set(out, "synthetic", plan(labels, n_clips, PER_GROUP), render, seed, sr, ABOUT)


def tempo_set(
    out: str | os.PathLike[str], per_class: int = 10, seed: int = 0, sr: int = SR
) -> Dataset:
    """Return click tracks of 6 s at 13 tempi from 60 to 205 beats a minute; the click's sound,
    level and phase are random.
    """
    tempi = [round(60 * 1.108**k) for k in range(13)]

    def render(take: Take, seed: int, sr: int) -> Array:
        own = np.random.default_rng([seed, 3, take.index])
        n, length = 6 * sr, round(0.1 * sr)
        click = sounds.struck(
            length, sr, own.uniform(400, 4000, 3), np.ones(3), np.full(3, own.uniform(0.005, 0.02))
        )
        times = sounds.beats(own, 6.0, 60 / int(take.label.removesuffix("bpm")), 0.0)
        return _scaled(sounds.place(n, [(t, 1.0, click) for t in times], sr), own, noise_db=-40)

    return _special(
        out, "synthetic_tempo", [f"{bpm:03d}bpm" for bpm in tempi], render, per_class, seed, sr
    )


def pitch_set(
    out: str | os.PathLike[str], per_class: int = 10, seed: int = 0, sr: int = SR
) -> Dataset:
    """Return tones of 2 s at 10 pitches, four semitones apart from A2 (110 Hz) up; timbre and level
    are random.
    """

    def render(take: Take, seed: int, sr: int) -> Array:
        own = np.random.default_rng([seed, 4, take.index])
        harmonics = own.uniform(0.2, 1, 12) * np.arange(1, 13) ** -own.uniform(0.5, 2)
        frequency = np.full(2 * sr, 110 * 2 ** (4 * int(take.label.removeprefix("pitch")) / 12))
        return _scaled(sounds.glide(frequency, sr, harmonics), own, noise_db=-40)

    return _special(
        out, "synthetic_pitch", [f"pitch{k}" for k in range(10)], render, per_class, seed, sr
    )


def timbre_set(
    out: str | os.PathLike[str], per_class: int = 10, seed: int = 0, sr: int = SR
) -> Dataset:
    """Return tones of 2 s with 6 spectra, around 220 Hz (± a semitone); the level is random."""
    k = np.arange(1, 25)
    spectra: dict[str, NDArray[np.float64]] = {
        "sine": (k == 1) * 1.0,
        "square": (k % 2) / k,
        "saw": 1 / k,
        "pulse": np.ones(24),
        "formant700": np.exp(-(((220 * k - 700) / 200) ** 2)),
        "formant2000": np.exp(-(((220 * k - 2000) / 300) ** 2)),
    }

    def render(take: Take, seed: int, sr: int) -> Array:
        own = np.random.default_rng([seed, 5, take.index])
        frequency = np.full(2 * sr, 220 * 2 ** (own.uniform(-1, 1) / 12))
        return _scaled(sounds.glide(frequency, sr, spectra[take.label]), own, noise_db=-40)

    return _special(out, "synthetic_timbre", list(spectra), render, per_class, seed, sr)


def words_set(
    out: str | os.PathLike[str], per_class: int = 40, seed: int = 0, sr: int = 8000
) -> Dataset:
    """Return spoken digits of 0.3–1.1 s by ten speakers, two in each fold, four takes of each word.

    Speech by a machine with formants, in a room with noise (5–30 dB below): nobody's voice, and
    easier or harder than people's in ways that nobody has measured. A speaker is a group, so a
    tested speaker has not been heard.
    """
    labels = tuple(speech.WORDS)
    takes: list[Take] = [
        SpokenTake(**vars(take)) for take in plan(labels, per_class * len(labels), PER_GROUP)
    ]

    def render(take: Take, seed: int, sr: int) -> Array:
        speaker = speech.Speaker.drawn(np.random.default_rng([seed, 6, take.fold, take.source]))
        own = np.random.default_rng([seed, 7, take.index])
        word = speech.spoken(take.label, speaker, own, sr)
        silence = [np.zeros(round(own.uniform(0.02, 0.15) * sr)) for _ in range(2)]
        clean = np.concatenate([silence[0], word, silence[1]])
        high = own.uniform(2000, 0.45 * sr)
        room = sounds.noise(own, len(clean), sr, own.uniform(30, 200), high, own.uniform(0, 6))
        return _scaled(clean + 10 ** (-own.uniform(5, 30) / 20) * room, own, noise_db=-60)

    return write_set(out, "synthetic_words", takes, render, seed, sr, ABOUT)


class SpokenTake(Take):
    """One recording of a word; its source is a speaker, who says every word."""

    @property
    def group(self) -> str:
        """Fold and speaker."""
        return f"speaker-{self.fold}-{self.source}"


SETS: dict[str, Callable[[str], Dataset]] = {
    "tempo": tempo_set,
    "pitch": pitch_set,
    "timbre": timbre_set,
    "words": words_set,
}


def _special(
    out: str | os.PathLike[str],
    name: str,
    labels: list[str],
    render: Render,
    per_class: int,
    seed: int,
    sr: int,
) -> Dataset:
    return write_set(
        out, name, plan(tuple(labels), per_class * len(labels), 1), render, seed, sr, ABOUT
    )


def _record(clean: Array, own: np.random.Generator, sr: int) -> Array:
    """Return a sound as if recorded carelessly: late, from a distance, in background noise."""
    late = own.uniform(0, 0.4) * own.random()
    clean = np.roll(clean, round(late * sr))
    clean[: round(late * sr)] = 0.0
    frequencies = np.fft.rfftfreq(len(clean), 1 / sr)
    tilt = np.maximum(frequencies, 50.0) ** (own.normal(0, 1.5) / 6.02)
    muffled = tilt / np.sqrt(1 + (frequencies / own.uniform(3000, 11000)) ** 4)
    heard = np.fft.irfft(np.fft.rfft(clean) * muffled, len(clean))
    background = sounds.noise(
        own, len(clean), sr, own.uniform(30, 300), own.uniform(1000, 9000), own.uniform(0, 5)
    )
    rms = np.sqrt(np.mean(heard**2)) + 1e-12
    return _scaled(heard / rms + 10 ** (-own.uniform(3, 25) / 20) * background, own, noise_db=-70)


def _scaled(samples: Array, own: np.random.Generator, noise_db: float) -> Array:
    """Return samples with a floor of white noise and a peak between −24 and −2 dB."""
    samples = samples / max(float(np.abs(samples).max()), 1e-12)
    samples = samples + 10 ** (noise_db / 20) * own.standard_normal(len(samples))
    return np.asarray(samples / np.abs(samples).max() * 10 ** (own.uniform(-24, -2) / 20))


corpus = registry.register(Corpus(load, ABOUT, generated=True))
