"""Levels of a recording: how loud, how clipped, how silent, how far up in frequency."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from featkit.audio import Signal
from featkit.dsp.stft import Stft
from featkit.errors import ParameterError
from featkit.features._shared import shared_power
from featkit.features.base import Array, Feature, registry

NAMES = ("seconds", "sr_hz", "peak_db", "rms_db", "offset", "clipped", "silent", "cutoff_hz")
_FLOOR = 1e-10
_FULL = 0.999
_STFT = Stft(2048, 2048, 1024, "none")


@registry.register
@dataclass(frozen=True)
class Levels(Feature):
    """What a recording's making tells of it, rather than what it is of: eight numbers.

    Meant for looking at data. Where a class can be told by these, a classifier may live from how
    its clips were recorded or coded.

    ``seconds`` and ``sr_hz``, length and rate of the clip; ``peak_db`` and ``rms_db``, largest
    magnitude and root mean square in dB of full scale, at least −100; ``offset``, the mean sample;
    ``clipped``, the fraction of samples at 0.999 of full scale or above; ``silent``, the fraction
    of 20-ms frames below ``silence_db``; ``cutoff_hz``, the highest frequency whose mean power is
    within ``cutoff_db`` of that of the strongest (2048 samples at the clip's own rate).

    Parameters
    ----------
    silence_db : float
        In dB of full scale, < 0.
    cutoff_db : float
        > 0.
    """

    units: ClassVar[str] = "s, Hz, dB, fractions"
    dims: ClassVar[tuple[str, ...]] = ("level",)

    silence_db: float = -60.0
    cutoff_db: float = 90.0

    def __post_init__(self) -> None:
        if self.silence_db >= 0 or self.cutoff_db <= 0:
            raise ParameterError(
                f"levels: silence_db={self.silence_db:g} must be below 0 and "
                f"cutoff_db={self.cutoff_db:g} above 0"
            )

    @property
    def shape(self) -> tuple[int | None, ...]:
        """(8,)."""
        return (len(NAMES),)

    def __call__(self, signal: Signal) -> Array:
        """Return the levels in the order of `NAMES`, float32."""
        samples = signal.samples
        size = np.abs(samples)
        length = max(1, signal.sr // 50)
        frames = samples[: len(samples) // length * length].reshape(-1, length)
        frames = frames if len(frames) else samples[None]
        quiet = np.mean(_rms_db(frames) < self.silence_db)
        return np.array(
            [
                signal.duration,
                signal.sr,
                _power_db(float(size.max()) ** 2),
                _rms_db(samples),
                samples.mean(dtype=np.float64),
                np.mean(size >= _FULL),
                quiet,
                self._cutoff(signal),
            ],
            dtype=np.float32,
        )

    def _cutoff(self, signal: Signal) -> float:
        """Return the highest frequency in Hz that is not far below the strongest; 0 in silence."""
        power = shared_power(signal, signal.sr, _STFT)
        mean = power.frames().mean(axis=0, dtype=np.float64)
        strongest = mean.max()
        if strongest <= 0:
            return 0.0
        loud = np.flatnonzero(mean >= strongest * 10 ** (-self.cutoff_db / 10))
        return float(_STFT.frequencies(signal.sr)[loud[-1]])


def _rms_db(samples: Array) -> Any:
    """Return the root mean square over the last axis in dB of full scale, at least −100."""
    return _power_db(np.mean(np.square(samples, dtype=np.float64), axis=-1))


def _power_db(power: Any) -> Any:
    return 10 * np.log10(np.maximum(power, _FLOOR))
