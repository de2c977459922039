"""A baseline in the manner of eGeMAPS: functionals of low-level descriptors, by librosa.

The descriptors are librosa's, not those of the eGeMAPS standard, which are for voices: level,
brightness, noisiness and pitch frame by frame, and eight functionals of each over the clip.
"""

from dataclasses import dataclass
from typing import ClassVar

import librosa
import numpy as np

from featkit.audio import Signal
from featkit.features import Feature

SR, FFT, HOP = 22_050, 2048, 512
PERCENTILES = (5, 20, 50, 80, 95)


@dataclass(frozen=True)
class Descriptors(Feature):
    """Mean, deviation, five percentiles and mean absolute change of 16 descriptors of each frame.

    Level in dB, zero-crossing rate, spectral centroid, bandwidth, flatness in dB, two roll-offs (25
    and 85 %), seven bands of spectral contrast, flux, and the fundamental by YIN, at 22,050 Hz.
    """

    units: ClassVar[str] = "those of the descriptors"

    @property
    def shape(self) -> tuple[int | None, ...]:
        """(128,)."""
        return (16 * (len(PERCENTILES) + 3),)

    def __call__(self, signal: Signal) -> np.ndarray:
        """Return the functionals of one clip, float32."""
        samples = signal.at(SR)
        if len(samples) < FFT:
            samples = np.pad(samples, (0, FFT - len(samples)))
        frames = describe(samples)
        changes = np.abs(np.diff(frames, axis=1)).mean(axis=1)
        parts = [frames.mean(axis=1), frames.std(axis=1), changes]
        parts += list(np.percentile(frames, PERCENTILES, axis=1))
        return np.concatenate(parts).astype(np.float32)


def describe(samples: np.ndarray) -> np.ndarray:
    """Return 16 descriptors of each frame, shape (16, frames)."""
    power = np.abs(librosa.stft(samples, n_fft=FFT, hop_length=HOP))
    shared = {"S": power, "sr": SR}
    flux = np.concatenate([[0.0], np.sqrt(np.square(np.diff(power, axis=1)).sum(axis=0))])
    pitch = librosa.yin(samples, fmin=60, fmax=4000, sr=SR, frame_length=FFT, hop_length=HOP)
    rows = [
        librosa.amplitude_to_db(librosa.feature.rms(S=power, frame_length=FFT)),
        librosa.feature.zero_crossing_rate(samples, frame_length=FFT, hop_length=HOP),
        librosa.feature.spectral_centroid(**shared),
        librosa.feature.spectral_bandwidth(**shared),
        librosa.amplitude_to_db(librosa.feature.spectral_flatness(S=power)),
        librosa.feature.spectral_rolloff(**shared, roll_percent=0.25),
        librosa.feature.spectral_rolloff(**shared, roll_percent=0.85),
        librosa.feature.spectral_contrast(**shared),
        np.log1p(flux)[None],
        np.log2(pitch)[None],
    ]
    return np.concatenate(rows)
