"""Gammatone spectrogram: the magnitudes of an FFT, weighted by gammatone filters."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from featkit.audio import Signal
from featkit.dsp import gammatone
from featkit.dsp.logarithm import Scale
from featkit.dsp.stft import Stft, hann
from featkit.errors import ParameterError
from featkit.features._framed import Framed
from featkit.features._shared import shared_power
from featkit.features.base import Array, Axis, registry

# Window, step and padding of the reference code.
CODE: Mapping[str, object] = {
    "n_fft": 4096,
    "win_length": 1764,
    "hop_length": 882,
    "pad_mode": "none",
}


@registry.register
@dataclass(frozen=True)
class Gammatone(Framed):
    """Gammatone spectrogram in dB, time first: 64 filters evenly spaced in ERBs, 20 Hz to sr / 2.

    20 · log10 of bands / n_fft; a band is the sum of an FFT's magnitudes of integer samples, each
    divided by √(sr · Σ window²) and weighted by the filter. Values below ``floor_db`` are raised to
    it. The floor depends on the scale of the samples: [Wang2020-code] insists on 32-bit integers,
    full scale 2³¹. Then 10 % of the cells of ESC-10 are on the floor, nearly all of them digital
    silence; with 16-bit samples 34 % are. The code computes with integers; here nothing is rounded.

    The defaults are those of [Wang2020] (window 2048, hop 512 at 44.1 kHz, the signal reflected at
    its ends) for the clip's own length. Presets: ``paper``, the same padded or cut to 10 s, 862 ×
    64; ``dcase``, what [Wang2020-code] does: window 40 ms, hop 20 ms, n_fft 4096, no padding at the
    ends, 10 s, 499 × 64; ``dcase_code``, the same for the clip's own length.

    Parameters
    ----------
    seconds, normalize, n_frames, fill
        Length and level, see `Framed`.
    sr : int
        Rate in Hz that the clip is resampled to.
    n_fft, win_length, hop_length : int
        Transform length, window length and step in samples.
    n_filters, fmin, fmax, erbs
        Filters from ``fmin`` to ``fmax`` Hz (None: sr / 2), ``erbs`` equivalent rectangular
        bandwidths wide.
    floor_db : float
        Lowest value.
    bits : {16, 24, 32}
        Width of the integer samples: full scale is 2^(bits − 1).
    pad_mode : {"reflect", "constant", "none"}
        What surrounds the clip: its reflection, zeros, or nothing.
    """

    version: ClassVar[int] = 2
    units: ClassVar[str] = "dB"
    dims: ClassVar[tuple[str, ...]] = ("frame", "filter")
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = {
        "paper": {"seconds": 10.0},
        "dcase": {**CODE, "seconds": 10.0},
        "dcase_code": CODE,
    }

    sr: int = 44100
    n_fft: int = 2048
    win_length: int = 2048
    hop_length: int = 512
    n_filters: int = 64
    fmin: float = 20.0
    fmax: float | None = None
    erbs: float = 1.0
    floor_db: float = -50.0
    bits: Literal[16, 24, 32] = 32
    pad_mode: Literal["reflect", "constant", "none"] = "reflect"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (math.isfinite(self.floor_db) and 0 < self.erbs < math.inf):
            raise ParameterError(
                f"gammatone: floor_db={self.floor_db:g} must be finite, "
                f"and erbs={self.erbs:g} finite and > 0"
            )
        if self.bits not in (16, 24, 32):
            raise ParameterError(f"gammatone: bits={self.bits} is not one of 16, 24, 32")
        self.stft()
        self.bank()

    @property
    def width(self) -> int:
        """n_filters."""
        return self.n_filters

    def frames_of(self, n_samples: int) -> int:
        """Return the number of frames of a clip of ``n_samples`` samples at ``sr`` Hz."""
        return self.stft().n_frames(n_samples)

    def stft(self) -> Stft:
        """Return the spectrogram's parameters."""
        return Stft(self.n_fft, self.win_length, self.hop_length, self.pad_mode)

    def bank(self) -> gammatone.GammatoneBank:
        """Return the filter bank's parameters."""
        return gammatone.GammatoneBank(
            self.sr, self.n_fft, self.n_filters, self.fmin, self.fmax, self.erbs
        )

    def log_scale(self) -> Scale:
        """Return the logarithm's parameters."""
        return Scale("db", 10 ** (self.floor_db / 20), None, 1)

    def gain(self) -> float:
        """Return the factor from bands of samples in [−1, 1] to the values whose dB are taken."""
        window = hann(self.win_length).astype(np.float64)
        return 2.0 ** (self.bits - 1) / self.n_fft / float(np.sqrt(self.sr * np.sum(window**2)))

    def batch(self, samples: Any) -> Any:
        """Return the rows of clips of one length, in torch on their device."""
        from featkit.nets import spectra

        bands = spectra.gammatone_bands(samples, self.stft(), self.bank()) * self.gain()
        return spectra.logarithm(bands, self.log_scale())

    def __call__(self, signal: Signal) -> Array:
        """Return the spectrogram, float32, shape (frames, n_filters)."""
        power = shared_power(self.view(signal), self.sr, self.stft())
        bands = gammatone.apply(power.magnitudes(), self.bank())
        bands *= np.float32(self.gain())
        return self.cut(self.log_scale()(bands))

    def axes(self, row: Array, seconds: float) -> tuple[Axis, ...]:
        """Return the centre of each frame in s and the centre frequency of each filter in Hz."""
        return Axis("time", self.stft().times(len(row), self.sr), "s"), Axis(
            "frequency", self.bank().centres(), "Hz"
        )

    def silence(self, row: Array) -> float:
        """Return ``floor_db``."""
        return self.floor_db
