"""Statistics of 20 MFCCs and of their differences: one vector of 120 numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from featkit.audio import Signal
from featkit.dsp import mel
from featkit.dsp.cepstrum import cepstrum
from featkit.dsp.logarithm import Scale
from featkit.dsp.spectra import power
from featkit.dsp.stft import Stft, lengthen
from featkit.errors import ParameterError
from featkit.features._shared import shared_power
from featkit.features._twin import Twin
from featkit.features.base import Array, registry


@registry.register
@dataclass(frozen=True)
class MfccStats(Twin):
    """Mean and deviation over time of MFCCs and of their first and second plain differences.

    The baseline of [Pons2019]. Order: mean, std, Δmean, Δstd, ΔΔmean, ΔΔstd of coefficients 0 …
    n_mfcc − 1. The MFCCs are librosa's: Slaney mel power bands of area 1, dB with a floor of 1e-10,
    cut off ``top_db`` below the clip's largest value, orthonormal DCT-II. A clip shorter than
    ``n_fft`` samples is extended with zeros. If a long hop leaves one frame (two for ΔΔ), there is
    no difference and its statistics are 0.

    The defaults surround the clip with zeros, as librosa ≥ 0.9 does. Preset ``elmarc`` reflects it,
    as the librosa ≤ 0.5 of [elmarc] did: that moves some statistics by more than 1.

    Parameters
    ----------
    seconds, normalize
        Length and level, see `Framed`.
    sr : int
        Rate in Hz that the clip is resampled to.
    n_mfcc, n_mels : int
        Number of coefficients, and of mel bands.
    n_fft, hop_length : int
        Transform length and step in samples.
    top_db : float or None
        See above; None: no cut-off.
    pad_mode : {"constant", "reflect"}
        What surrounds the clip: zeros or its reflection.
    """

    units: ClassVar[str] = "dB"
    dims: ClassVar[tuple[str, ...]] = ("statistic",)
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = {"elmarc": {"pad_mode": "reflect"}}

    sr: int = 12000
    n_mfcc: int = 20
    n_fft: int = 2048
    hop_length: int = 512
    n_mels: int = 128
    top_db: float | None = 80.0
    pad_mode: Literal["constant", "reflect"] = "constant"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.n_mfcc <= self.n_mels:
            raise ParameterError(
                f"mfcc_stats: n_mfcc={self.n_mfcc} must lie between 1 and n_mels={self.n_mels}"
            )
        Scale(top_db=self.top_db)
        self.stft()
        self.bank()

    @property
    def shape(self) -> tuple[int | None, ...]:
        """(6 · n_mfcc,)."""
        return (6 * self.n_mfcc,)

    @property
    def shortest(self) -> int:
        """n_fft."""
        return self.n_fft

    def stft(self) -> Stft:
        """Return the spectrogram's parameters."""
        return Stft(self.n_fft, self.n_fft, self.hop_length, self.pad_mode)

    def bank(self) -> mel.MelBank:
        """Return the filter bank's parameters."""
        return mel.MelBank(self.sr, self.n_fft, self.n_mels)

    def batch(self, samples: Any) -> Any:
        """Return the rows of clips of one length, in torch on their device."""
        from featkit.nets import spectra

        coefficients = spectra.mfcc(
            samples, self.stft(), self.bank(), Scale(top_db=self.top_db), self.n_mfcc
        )
        return spectra.statistics(coefficients)

    def __call__(self, signal: Signal) -> Array:
        """Return the statistics, float32, shape (6 · n_mfcc,)."""
        signal = self.view(signal)
        samples = signal.at(self.sr)
        if len(samples) >= self.n_fft:
            spectrum = shared_power(signal, self.sr, self.stft())
        else:
            spectrum = power(lengthen(samples, self.n_fft), self.stft())
        bands = mel.apply(spectrum, self.bank())
        return statistics(cepstrum(Scale(top_db=self.top_db)(bands), self.n_mfcc))


def statistics(frames: Array) -> Array:
    """Return mean and deviation of ``frames`` (time, n) and of their first and second differences.

    The result is float32 of shape (6 · n,).
    """
    values = frames.astype(np.float64)
    parts = []
    for _ in range(3):
        parts += (
            [values.mean(axis=0), values.std(axis=0)]
            if len(values)
            else [np.zeros(frames.shape[1])] * 2
        )
        values = np.diff(values, axis=0)
    return np.concatenate(parts).astype(np.float32)
