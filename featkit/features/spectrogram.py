"""Spectrogram with linear frequencies and logarithmic power."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from featkit.audio import Signal
from featkit.dsp.logarithm import Scale
from featkit.dsp.stft import Stft
from featkit.features._framed import Framed
from featkit.features._shared import shared_power
from featkit.features.base import Array, Axis, registry


@registry.register
@dataclass(frozen=True)
class Spectrogram(Framed):
    """Logarithmic power spectrogram with linear frequencies from 0 to sr / 2, time first.

    One of the four inputs that [Palanisamy2020] compares, and that of the ResNet of
    [InstrumentsReport].

    Parameters
    ----------
    seconds, normalize, n_frames, fill
        Length and level, see `Framed`.
    sr : int
        Rate in Hz that the clip is resampled to.
    n_fft, hop_length : int
        Transform length and step in samples; there are n_fft // 2 + 1 frequencies.
    win_length : int or None
        Window length in samples; None: ``n_fft``.
    pad_mode : {"reflect", "constant", "none"}
        What surrounds the clip: its reflection, zeros, or nothing.
    log : {"ln", "db", "none"}
        ln(power + floor), 10 · log10(max(power, floor)), or the power itself.
    floor : float
        See ``log``; > 0.
    top_db : float or None
        With ``db``: cut values off this far below the clip's largest; None: do not.
    """

    units: ClassVar[str] = "dB; ln with log=ln, power with log=none"
    dims: ClassVar[tuple[str, ...]] = ("frame", "frequency")

    sr: int = 22050
    n_fft: int = 2048
    win_length: int | None = None
    hop_length: int = 512
    pad_mode: Literal["reflect", "constant", "none"] = "reflect"
    log: Literal["ln", "db", "none"] = "db"
    floor: float = 1e-10
    top_db: float | None = 80.0

    def __post_init__(self) -> None:
        super().__post_init__()
        self.stft()
        self.log_scale()

    @property
    def width(self) -> int:
        """n_fft // 2 + 1."""
        return self.stft().n_bins

    def frames_of(self, n_samples: int) -> int:
        """Return the number of frames of a clip of ``n_samples`` samples at ``sr`` Hz."""
        return self.stft().n_frames(n_samples)

    def stft(self) -> Stft:
        """Return the spectrogram's parameters."""
        return Stft(
            self.n_fft,
            self.n_fft if self.win_length is None else self.win_length,
            self.hop_length,
            self.pad_mode,
        )

    def log_scale(self) -> Scale:
        """Return the logarithm's parameters."""
        return Scale(self.log, self.floor, self.top_db)

    def batch(self, samples: Any) -> Any:
        """Return the rows of clips of one length, in torch on their device."""
        from featkit.nets import spectra

        return spectra.logarithm(spectra.power(samples, self.stft()), self.log_scale())

    def __call__(self, signal: Signal) -> Array:
        """Return the spectrogram, float32, shape (frames, n_fft // 2 + 1)."""
        power = shared_power(self.view(signal), self.sr, self.stft())
        return self.cut(self.log_scale()(power.frames()))

    def axes(self, row: Array, seconds: float) -> tuple[Axis, ...]:
        """Return the centre of each frame in s and the frequency of each bin in Hz."""
        return Axis("time", self.stft().times(len(row), self.sr), "s"), Axis(
            "frequency", self.stft().frequencies(self.sr), "Hz"
        )

    def silence(self, row: Array) -> float:
        """Return the value of digital silence in the clip that ``row`` holds."""
        return self.log_scale().silence(float(row.max()))
