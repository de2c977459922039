"""Mel-frequency cepstral coefficients over time (F7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from featkit.audio import Signal
from featkit.dsp import mel
from featkit.dsp.cepstrum import cepstrum
from featkit.dsp.logarithm import Scale
from featkit.dsp.stft import Stft
from featkit.errors import ParameterError
from featkit.features._framed import Framed
from featkit.features._shared import shared_power
from featkit.features.base import Array, Axis, registry


@registry.register
@dataclass(frozen=True)
class Mfcc(Framed):
    """Mel-frequency cepstral coefficients, time first: the orthonormal DCT-II of a Slaney log-mel
    in dB.

    Presets: ``paper`` (S1: 40 coefficients at 44.1 kHz, the defaults) and ``dcase_code`` (S1-8: at
    22 050 Hz). Source: F7.

    Parameters
    ----------
    n_frames, fill
        The length rule, see `Framed`. ``zero`` needs ``top_db=none``: with a cut-off below the
        loudest value, the coefficients of silence cannot be told from the stored frames.
    sr : int
        Rate in Hz that the clip is resampled to.
    n_mfcc, n_mels : int
        Coefficients kept, and mel bands (0 to sr / 2, area 1) they come from.
    n_fft, hop_length : int
        Transform length and step in samples.
    top_db : float or None
        Decibels are cut off this far below the clip's largest; None does not. Their floor is −100
        dB.
    pad_mode : {"reflect", "constant", "none"}
        What stands beyond the clip's ends: its mirror image, zeros, or nothing.
    """

    units: ClassVar[str] = "dB"
    dims: ClassVar[tuple[str, ...]] = ("frame", "coefficient")
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = {
        "paper": {},
        "dcase_code": {"sr": 22050},
    }

    sr: int = 44100
    n_mfcc: int = 40
    n_fft: int = 2048
    hop_length: int = 512
    n_mels: int = 128
    top_db: float | None = 80.0
    pad_mode: Literal["reflect", "constant", "none"] = "reflect"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.n_mfcc <= self.n_mels:
            raise ParameterError(
                f"mfcc: n_mfcc={self.n_mfcc} must lie between 1 and n_mels={self.n_mels}"
            )
        if self.fill == "zero" and self.n_frames is not None and self.top_db is not None:
            raise ParameterError(
                f"mfcc: fill=zero needs top_db=none (got {self.top_db:g}); or take fill=repeat or crop"
            )
        self.stft()
        self.bank()
        self.log_scale()

    @property
    def width(self) -> int:
        """n_mfcc."""
        return self.n_mfcc

    def stft(self) -> Stft:
        """Return the spectrogram's parameters."""
        return Stft(self.n_fft, self.n_fft, self.hop_length, self.pad_mode)

    def bank(self) -> mel.MelBank:
        """Return the filter bank's parameters."""
        return mel.MelBank(self.sr, self.n_fft, self.n_mels)

    def log_scale(self) -> Scale:
        """Return the logarithm's parameters."""
        return Scale(top_db=self.top_db)

    def batch(self, samples: Any) -> Any:
        """Return the rows of clips of one length, in torch on their device."""
        from featkit.nets import spectra

        return spectra.mfcc(samples, self.stft(), self.bank(), self.log_scale(), self.n_mfcc)

    def __call__(self, signal: Signal) -> Array:
        """Return the coefficients, float32, shape (frames, n_mfcc) with at most ``n_frames``
        frames.
        """
        bands = mel.apply(shared_power(signal, self.sr, self.stft()), self.bank())
        return self.cut(cepstrum(self.log_scale()(bands), self.n_mfcc))

    def axes(self, row: Array, seconds: float) -> tuple[Axis, ...]:
        """Return the middle of each frame in s, and the number of each coefficient."""
        return Axis("time", self.stft().times(len(row), self.sr), "s"), Axis(
            "coefficient", np.arange(self.n_mfcc, dtype=np.float64)
        )

    def silence(self, row: Array) -> Array:
        """Return the coefficients of a log-mel at its floor."""
        floor = np.full((1, self.n_mels), self.log_scale().silence(0.0), dtype=np.float32)
        coefficients: Array = cepstrum(floor, self.n_mfcc)[0]
        return coefficients
