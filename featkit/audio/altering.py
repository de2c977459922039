"""A recording altered at random: another pitch, tempo, excerpt, colour, level and noise.

Pitch and tempo change together in one pass of a phase vocoder and one resampling. The draws depend
on the samples and a seed, hence neither on the order of the clips nor on the number of workers.
"""

import hashlib
from dataclasses import dataclass, fields

import numpy as np

from featkit.audio.signal import Samples, Signal, resample
from featkit.errors import ParameterError

# Window of the phase vocoder: shorter recordings keep their pitch and tempo.
WINDOW = 2048
# The equaliser's curve goes through a gain drawn at each of these frequencies.
EQUALISER_HZ = np.geomspace(50, 16_000, 6)
_LARGEST = {"pitch": 12.0, "stretch": 1.0, "crop": 0.9, "eq": 40.0, "gain": 40.0, "noise": 100.0}


@dataclass(frozen=True)
class Alteration:
    """How far copies may be from a recording; 0 leaves a property as it is.

    Attributes
    ----------
    pitch : float
        Semitones up or down, 0–12: uniform within ± this.
    stretch : float
        Tempo, 0–1: the logarithm of the rate is uniform within ± ln(1 + stretch).
    crop : float
        Fraction cut away, 0–0.9: uniform from 0, in total, at both ends.
    eq : float
        Decibels, 0–40: a smooth gain over frequency, uniform within ± this at each of six
        frequencies.
    gain : float
        Decibels, 0–40: uniform within ± this.
    noise : float
        Decibels, 0–100: white noise this far below the recording's level.

    Raises
    ------
    ParameterError
        If a value is outside its range.
    """

    pitch: float = 1.0
    stretch: float = 0.1
    crop: float = 0.1
    eq: float = 3.0
    gain: float = 6.0
    noise: float = 0.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value, largest = getattr(self, field.name), _LARGEST[field.name]
            if not 0 <= value <= largest:
                raise ParameterError(f"{field.name}={value:g} is not between 0 and {largest:g}")

    def of(self, signal: Signal, seed: int) -> Signal:
        """Return the altered recording that ``seed`` draws, once for all who ask for it."""
        return signal.memo(("altered", self, seed), lambda: self._draw(signal, seed))

    def _draw(self, signal: Signal, seed: int) -> Signal:
        digest = hashlib.blake2b(signal.samples.tobytes(), digest_size=16).digest()
        rng = np.random.default_rng([seed, *np.frombuffer(digest, dtype=np.uint32)])
        samples, sr = signal.samples, signal.sr
        # Every draw is made whatever the ranges are, so that one range changes no other draw.
        lost, start, semitones, tempo, level = rng.uniform(size=5)
        curve = self.eq * rng.uniform(-1, 1, len(EQUALISER_HZ))
        samples = crop(samples, self.crop * lost, start)
        semitones = self.pitch * (2 * semitones - 1)
        rate = (1 + self.stretch) ** (2 * tempo - 1)
        samples = shift_and_stretch(samples, sr, semitones, rate)
        samples = equalise(samples, sr, curve) if self.eq else samples
        samples = samples * np.float32(10 ** (self.gain * (2 * level - 1) / 20))
        if self.noise:
            rms = np.sqrt(np.mean(np.square(samples, dtype=np.float64)))
            white = rng.standard_normal(len(samples))
            samples = samples + (rms * 10 ** (-self.noise / 20) * white).astype(np.float32)
        return Signal(samples, sr)


def crop(samples: Samples, fraction: float, start: float) -> Samples:
    """Return samples without ``fraction`` of them; ``start`` (0–1) divides the loss over the ends.

    At least one sample stays.
    """
    lost = min(int(fraction * len(samples)), max(len(samples) - 1, 0))
    first = int(start * lost)
    return samples[first : first + len(samples) - lost]


def shift_and_stretch(samples: Samples, sr: int, semitones: float, rate: float) -> Samples:
    """Return samples ``semitones`` higher and played ``rate`` times as fast.

    A tone of f Hz becomes one of f · 2^(semitones / 12), and n samples become about n / rate.
    Fewer than `WINDOW` samples come back as they are.
    """
    from librosa.effects import time_stretch

    if len(samples) < WINDOW or (semitones == 0 and rate == 1):
        return samples
    factor = 2 ** (semitones / 12)
    slow = time_stretch(samples, rate=rate / factor) if rate != factor else samples
    return resample(np.asarray(slow, dtype=np.float32), round(sr * factor), sr)


def equalise(samples: Samples, sr: int, decibels: np.ndarray) -> Samples:
    """Return samples with ``decibels`` of gain at `EQUALISER_HZ`.

    Over the logarithm of frequency the curve is linear in between, and constant outside.
    """
    frequencies = np.maximum(np.fft.rfftfreq(len(samples), 1 / sr), 1.0)
    gain = np.interp(np.log(frequencies), np.log(EQUALISER_HZ), decibels)
    spectrum = np.fft.rfft(samples) * 10 ** (gain / 20)
    return np.fft.irfft(spectrum, len(samples)).astype(np.float32)
