"""Constant-Q spectrogram."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from featkit.audio import Signal
from featkit.dsp.logarithm import DB_PER_NEPER
from featkit.errors import ParameterError
from featkit.features._framed import Framed
from featkit.features.base import Array, Axis, registry

# In all kernels together: half a gigabyte each for cosines and sines.
MOST_VALUES = 2**27


@registry.register
@dataclass(frozen=True)
class Cqt(Framed):
    """Constant-Q spectrogram, time first: 10 · log10 of magnitudes, floor −100.

    That is half the usual decibels, as in [Wang2020-code]. Bin b lies at fmin · 2^(b /
    bins_per_octave) Hz. Computed by nnAudio's CQT1992v2 in torch on any device: Hann kernels of L1
    norm times √length, the signal reflected at its ends.

    The defaults are those of [Wang2020-code] for the clip's own length; preset ``dcase`` also pads
    or cuts it to 10 s, 862 × 64.

    Parameters
    ----------
    seconds, normalize, n_frames, fill
        Length and level, see `Framed`.
    sr : int
        Rate in Hz that the clip is resampled to.
    hop_length : int
        Step in samples.
    fmin : float
        Frequency of the lowest bin in Hz.
    n_bins, bins_per_octave : int
        Number of bins, in all and per octave.
    """

    units: ClassVar[str] = "10 log10 magnitude"
    dims: ClassVar[tuple[str, ...]] = ("frame", "bin")
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = {"dcase": {"seconds": 10.0}}

    sr: int = 44100
    hop_length: int = 512
    fmin: float = 220.0
    n_bins: int = 64
    bins_per_octave: int = 12

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.hop_length < 1 or self.n_bins < 1 or self.bins_per_octave < 1 or not self.fmin > 0:
            raise ParameterError(
                "cqt: hop_length, n_bins, bins_per_octave and fmin must be positive; "
                f"got {self.params()}"
            )
        longest = self.sr / self.fmin / (2 ** (1 / self.bins_per_octave) - 1)
        if longest * self.n_bins > MOST_VALUES:
            raise ParameterError(
                f"cqt: {self.n_bins} kernels of up to {longest:.0f} samples are too many; "
                "raise fmin, or take fewer bins"
            )
        if self.n_samples is not None and self.n_samples <= longest:
            raise ParameterError(
                f"cqt: seconds={self.seconds:g} is shorter than the longest kernel, "
                f"{longest / self.sr:.3g} s"
            )
        highest = self.fmin * 2 ** ((self.n_bins - 1) / self.bins_per_octave)
        if highest > self.sr / 2:
            raise ParameterError(
                f"cqt: the highest bin, {highest:.0f} Hz, lies above sr / 2 = {self.sr / 2:g} Hz; "
                "take fewer bins"
            )

    @property
    def width(self) -> int:
        """n_bins."""
        return self.n_bins

    def frames_of(self, n_samples: int) -> int:
        """Return the number of frames of a clip of ``n_samples`` samples at ``sr`` Hz."""
        return 1 + n_samples // self.hop_length

    def kernels(self) -> dict[str, Any]:
        """Return the transform's parameters."""
        return {
            key: getattr(self, key)
            for key in ("sr", "hop_length", "fmin", "n_bins", "bins_per_octave")
        }

    def batch(self, samples: Any) -> Any:
        """Return the spectrograms of clips of one length, (clips, frames, n_bins)."""
        from featkit.nets.cqt_layer import magnitudes

        return magnitudes(samples, **self.kernels()).clamp(min=1e-10).log() * DB_PER_NEPER

    def __call__(self, signal: Signal) -> Array:
        """Return the spectrogram, float32, shape (frames, n_bins)."""
        (row,) = self.compute_in_torch([signal], "cpu")
        if isinstance(row, Exception):
            raise row
        return row

    def axes(self, row: Array, seconds: float) -> tuple[Axis, ...]:
        """Return the centre of each frame in s and the frequency of each bin in Hz."""
        frequencies = self.fmin * 2.0 ** (np.arange(self.n_bins) / self.bins_per_octave)
        times = np.asarray(np.arange(len(row)) * (self.hop_length / self.sr), dtype=np.float64)
        return Axis("time", times, "s"), Axis(
            "frequency", np.asarray(frequencies, dtype=np.float64), "Hz"
        )

    def silence(self, row: Array) -> float:
        """Return the floor, −100."""
        return -100.0
