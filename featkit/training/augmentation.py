"""Features of waveforms, and of waveforms that are shifted in pitch and stretched in time: drawn
anew every epoch, for training rows only [Palanisamy2020].
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from featkit.audio import Samples, Signal
from featkit.errors import ParameterError
from featkit.features import Feature, get_feature
from featkit.training.data import Part
from featkit.training.rows import Rows
from featkit.training.runtime import stream

SEMITONES = (-2, 2)
RATES = (0.9, 1.2)
_SHORTEST = 2048


def shift_and_stretch(samples: Samples, sr: int, semitones: int, rate: float) -> Samples:
    """Return samples shifted by ``semitones`` at their duration, then played ``rate`` times as fast
    at their pitch.

    The length is that of the input divided by ``rate``; a tone of f Hz becomes one of f ·
    2^(semitones / 12). Clips of fewer than 2,048 samples, the phase vocoder's window, come back as
    they are.
    """
    from librosa.effects import pitch_shift, time_stretch

    if rate <= 0:
        raise ParameterError(f"rate={rate:g} is not above 0")
    if len(samples) < _SHORTEST:
        return samples
    shifted = pitch_shift(samples, sr=sr, n_steps=semitones) if semitones else samples
    stretched = time_stretch(shifted, rate=rate) if rate != 1 else shifted
    return np.asarray(stretched, dtype=np.float32)


def augment(samples: Samples, sr: int, rng: np.random.Generator) -> Samples:
    """Return samples with a pitch shift from −2, −1, 0, 1, 2 semitones and then a stretch by a rate
    from [0.9, 1.2).
    """
    semitones = int(rng.integers(SEMITONES[0], SEMITONES[1], endpoint=True))
    return shift_and_stretch(samples, sr, semitones, float(rng.uniform(*RATES)))


def compute(waves: Sequence[Samples], sr: int, feature: Feature) -> list[NDArray[Any]]:
    """Return the feature of each waveform.

    Raises
    ------
    ParameterError
        If a row is not one-dimensional.
    """
    bad = next((number for number, wave in enumerate(waves) if np.ndim(wave) != 1), None)
    if bad is not None:
        raise ParameterError(
            f"row {bad} of shape {np.shape(waves[bad])} is not a waveform; expected (samples,)"
        )
    return [np.asarray(feature.expand(feature(Signal(wave, sr)))) for wave in waves]


def front_end(X: Any, front: str, sr: int, inside: str = "no") -> Any:
    """Return the feature ``front`` of each waveform of ``X``, or ``X`` itself if none is named or
    the net computes it.
    """
    if not front or inside != "no":
        return X
    if sr <= 0:
        raise ParameterError(
            f"front={front} reads waveforms, whose rate must be given: sr=44100, not sr={sr}"
        )
    return compute(list(X), sr, get_feature(front))


class Augmented:
    """Twice the rows: first each clip as it is, then each clip augmented anew in every epoch.

    Parameters
    ----------
    clean : ndarray of shape (n, …)
        Feature of each clip.
    waves : sequence of ndarray of float32, shape (samples,)
        The same clips.
    sr : int
        Their rate in Hz.
    feature : Feature
        What is computed from an augmented clip; must give rows of ``clean``'s shape whatever the
        length.
    seed : int
        Of the draws; a draw depends on seed, epoch and row only.
    epoch : int
        Which draws.
    """

    def __init__(
        self,
        clean: NDArray[Any],
        waves: Sequence[Samples],
        sr: int,
        feature: Feature,
        seed: int,
        epoch: int = 0,
    ) -> None:
        self.clean, self.waves, self.sr = clean, waves, sr
        self.feature, self.seed, self.epoch = feature, seed, epoch
        self.shape = (2 * len(clean), *clean.shape[1:])
        self.dtype = clean.dtype

    def at_epoch(self, epoch: int) -> "Augmented":
        """Return the rows of an epoch."""
        return Augmented(self.clean, self.waves, self.sr, self.feature, self.seed, epoch)

    def __getitem__(self, row: int) -> NDArray[Any]:
        n = len(self.clean)
        if row < n:
            clean: NDArray[Any] = self.clean[row]
            return clean
        rng = np.random.default_rng(stream(self.seed, self.epoch, row))
        fresh = compute([augment(self.waves[row - n], self.sr, rng)], self.sr, self.feature)[0]
        if fresh.shape != self.clean.shape[1:]:
            raise ParameterError(
                f"{self.feature.canonical} of an augmented clip is {fresh.shape}, "
                f"not {self.clean.shape[1:]}: augment needs a feature of fixed shape, "
                "such as multires_logmel"
            )
        return fresh


def augmented(X: Any, part: Part, front: str, sr: int, seed: int) -> Part:
    """Return a training part twice over, the second time augmented anew in every epoch.

    Parameters
    ----------
    X : sequence of ndarray of float32
        Waveforms that the rows of ``part`` were computed from.
    part : Part
        Clean features, all rows of ``X`` or an index into them.
    front, sr, seed
        FEATURE text, rate in Hz, seed of the draws.
    """
    if not front:
        raise ParameterError(
            "augment=true works on waveforms: give front=FEATURE and sr=HZ, "
            "and rows of the feature waveform"
        )
    index = np.arange(len(part.rows)) if part.rows.index is None else part.rows.index
    waves = [np.asarray(X[int(row)], dtype=np.float32) for row in index]
    clean = part.rows.take(np.arange(len(index)))
    both = Augmented(clean, waves, sr, get_feature(front), seed)
    return Part(Rows(both), np.concatenate([part.targets, part.targets]))
