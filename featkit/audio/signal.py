"""One decoded clip, whose views (rates, spectra) are computed once and shared; resampling is by
soxr at quality HQ.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from featkit.audio.limits import check_samples
from featkit.errors import ParameterError

Samples = NDArray[np.float32]
T = TypeVar("T")


@dataclass(eq=False)
class Signal:
    """One decoded clip and everything that features have computed from it so far.

    Attributes
    ----------
    samples : ndarray of float32, shape (n,)
        Mono, in [−1, 1], at the file's own rate. Read-only.
    sr : int
        The file's rate in Hz.
    """

    samples: Samples
    sr: int
    _memo: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.samples = np.ascontiguousarray(self.samples, dtype=np.float32)
        self.samples.flags.writeable = False

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.sr

    def at(self, sr: int | None) -> Samples:
        """Return the samples at ``sr`` Hz (None: as they are), resampled once."""
        if sr is None or sr == self.sr:
            return self.samples
        return self.memo(("at", sr), lambda: resample(self.samples, self.sr, sr))

    def memo(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what ``make`` returned when ``key`` was first requested."""
        if key not in self._memo:
            self._memo[key] = make()
        value: T = self._memo[key]
        return value


def resample(samples: Samples, sr: int, to: int) -> Samples:
    """Return ``samples`` at ``to`` Hz, ⌈n · to / sr⌉ of them (soxr HQ).

    Raises
    ------
    ParameterError
        If ``to`` is not above 0.
    AudioError
        If the result is larger than the limit of `featkit.audio.limits`.
    """
    import soxr

    if to <= 0:
        raise ParameterError(f"sr={to} Hz is not a sampling rate")
    if to == sr:
        return samples
    length = -(-len(samples) * to // sr)
    check_samples(length, to)
    out = np.zeros(length, dtype=np.float32)
    resampled = soxr.resample(samples, sr, to, quality="HQ")[:length]
    out[: len(resampled)] = resampled
    return out
