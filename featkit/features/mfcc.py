"""Mel-frequency cepstral coefficients over time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from featkit.audio import Signal
from featkit.dsp import length, mel
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
    """Mel-frequency cepstral coefficients, time first: the orthonormal DCT-II of a log-mel in dB.

    The log-mel is librosa's (Slaney scale, area 1). The defaults are those of [Wang2020], 40
    coefficients at 44.1 kHz, for the clip's own length. Presets: ``paper``, the same padded or cut
    to 10 s, 862 × 40; ``dcase``, what [Wang2020-code] does, 22 050 Hz and 10 s, 431 × 40;
    ``dcase_code``, the same for the clip's own length.

    Parameters
    ----------
    seconds, normalize, n_frames, fill
        Length and level, see `Framed`. With ``zero`` and a cut-off, the frames of silence are
        stored too: they depend on the loudest band, which the coefficients do not tell.
    sr : int
        Rate in Hz that the clip is resampled to.
    n_mfcc, n_mels : int
        Number of coefficients, and of mel bands from 0 to sr / 2.
    n_fft, hop_length : int
        Transform length and step in samples.
    top_db : float or None
        Cut decibels off this far below the clip's largest; None: do not. Their floor is −100 dB.
    pad_mode : {"reflect", "constant", "none"}
        What surrounds the clip: its reflection, zeros, or nothing.
    """

    units: ClassVar[str] = "dB"
    dims: ClassVar[tuple[str, ...]] = ("frame", "coefficient")
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = {
        "paper": {"seconds": 10.0},
        "dcase": {"sr": 22050, "seconds": 10.0},
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
        self.stft()
        self.bank()
        self.log_scale()

    @property
    def width(self) -> int:
        """n_mfcc."""
        return self.n_mfcc

    def frames_of(self, n_samples: int) -> int:
        """Return the number of frames of a clip of ``n_samples`` samples at ``sr`` Hz."""
        return self.stft().n_frames(n_samples)

    def stft(self) -> Stft:
        """Return the spectrogram's parameters."""
        return Stft(self.n_fft, self.n_fft, self.hop_length, self.pad_mode)

    @property
    def stored_shape(self) -> tuple[int | None, ...]:
        """(frames, n_mfcc); as `shape` where frames of silence are stored."""
        return self.shape if self._least_frames else super().stored_shape

    @property
    def _least_frames(self) -> int:
        """Number of frames to which frames of silence extend a clip before it is stored."""
        stored = self.fill == "zero" and self.top_db is not None
        return self.n_frames or 0 if stored else 0

    def bank(self) -> mel.MelBank:
        """Return the filter bank's parameters."""
        return mel.MelBank(self.sr, self.n_fft, self.n_mels)

    def log_scale(self) -> Scale:
        """Return the logarithm's parameters."""
        return Scale(top_db=self.top_db)

    def batch(self, samples: Any) -> Any:
        """Return the rows of clips of one length, in torch on their device."""
        from featkit.nets import spectra

        return spectra.mfcc(
            samples, self.stft(), self.bank(), self.log_scale(), self.n_mfcc, self._least_frames
        )

    def __call__(self, signal: Signal) -> Array:
        """Return the coefficients, float32, shape (frames, n_mfcc)."""
        bands = mel.apply(shared_power(self.view(signal), self.sr, self.stft()), self.bank())
        if len(bands) < self._least_frames:
            bands = length.fill(bands, self._least_frames, 0.0)
        return self.cut(cepstrum(self.log_scale()(bands), self.n_mfcc))

    def axes(self, row: Array, seconds: float) -> tuple[Axis, ...]:
        """Return the centre of each frame in s and the number of each coefficient."""
        return Axis("time", self.stft().times(len(row), self.sr), "s"), Axis(
            "coefficient", np.arange(self.n_mfcc, dtype=np.float64)
        )

    def silence(self, row: Array) -> Array:
        """Return the coefficients of a log-mel at its floor; there is no cut-off."""
        floor = np.full((1, self.n_mels), self.log_scale().silence(0.0), dtype=np.float32)
        coefficients: Array = cepstrum(floor, self.n_mfcc)[0]
        return coefficients
