"""Log-mel spectrograms as torchaudio and librosa make them, and with the settings of the papers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from featkit.audio import Signal
from featkit.dsp import mel
from featkit.dsp.logarithm import Scale
from featkit.dsp.stft import Stft, pad
from featkit.features._framed import Framed
from featkit.features._shared import shared_power
from featkit.features.base import Array, Axis, registry


@registry.register
@dataclass(frozen=True)
class Logmel(Framed):
    """Log-mel spectrogram, time first.

    The defaults are those of librosa ≥ 0.9 (preset ``librosa``). Other presets: ``torchaudio``, HTK
    triangles of height 1 at the finest resolution of [Palanisamy2020-code]; ``elmarc``, 1376 × 96
    at 12 kHz, short clips repeated [Pons2019]; ``piczak``, 60 bands at 22 050 Hz [Piczak2015];
    ``dcase``, 862 × 40 at 44.1 kHz, padded or cut to 10 s [Wang2020]; ``dcase_code``, the same for
    the clip's own length.

    Parameters
    ----------
    seconds, normalize, n_frames, fill
        Length and level, see `Framed`.
    sr : int
        Rate in Hz that the clip is resampled to.
    n_fft, hop_length : int
        Transform length and step in samples.
    win_length : int or None
        Window length in samples; None: ``n_fft``.
    n_mels, fmin, fmax, scale, norm
        The filter bank: bands from ``fmin`` to ``fmax`` Hz (None: sr / 2), on the scale ``htk`` or
        ``slaney``, of area 1 (``area``) or height 1 (``none``).
    power : {1, 2}
        Bands of the magnitude (1) or of the power (2) spectrum.
    pad_mode : {"reflect", "constant", "none"}
        What surrounds the clip: its reflection, zeros, or nothing.
    log : {"ln", "db", "none"}
        ln(x + floor); decibels of max(x, floor), 10 · log10 of power or 20 · log10 of magnitude; or
        x itself.
    floor : float
        See ``log``; > 0.
    top_db : float or None
        With ``db``: cut values off this far below the clip's largest; None: do not.
    """

    units: ClassVar[str] = "dB; ln with log=ln, power with log=none"
    dims: ClassVar[tuple[str, ...]] = ("frame", "mel")
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = {
        "librosa": {},
        "torchaudio": {
            "sr": 44100,
            "n_fft": 4410,
            "win_length": 1102,
            "hop_length": 441,
            "scale": "htk",
            "norm": "none",
            "log": "ln",
            "floor": 1e-6,
            "top_db": None,
            "pad_mode": "reflect",
        },
        "elmarc": {
            "sr": 12000,
            "n_fft": 512,
            "hop_length": 256,
            "n_mels": 96,
            "pad_mode": "reflect",
            "n_frames": 1376,
        },
        "piczak": {"n_fft": 1024, "n_mels": 60, "pad_mode": "reflect"},
        "dcase": {
            "sr": 44100,
            "n_mels": 40,
            "pad_mode": "reflect",
            "top_db": None,
            "seconds": 10.0,
        },
        "dcase_code": {"sr": 44100, "n_mels": 40, "pad_mode": "reflect", "top_db": None},
    }

    sr: int = 22050
    n_fft: int = 2048
    win_length: int | None = None
    hop_length: int = 512
    n_mels: int = 128
    fmin: float = 0.0
    fmax: float | None = None
    scale: Literal["htk", "slaney"] = "slaney"
    norm: Literal["area", "none"] = "area"
    power: Literal[1, 2] = 2
    pad_mode: Literal["reflect", "constant", "none"] = "constant"
    log: Literal["ln", "db", "none"] = "db"
    floor: float = 1e-10
    top_db: float | None = 80.0

    def __post_init__(self) -> None:
        super().__post_init__()
        self.stft()
        self.bank()
        self.log_scale()

    @property
    def width(self) -> int:
        """n_mels."""
        return self.n_mels

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

    def bank(self) -> mel.MelBank:
        """Return the filter bank's parameters."""
        return mel.MelBank(
            self.sr, self.n_fft, self.n_mels, self.fmin, self.fmax, self.scale, self.norm
        )

    def log_scale(self) -> Scale:
        """Return the logarithm's parameters."""
        return Scale(self.log, self.floor, self.top_db, self.power)

    def batch(self, samples: Any) -> Any:
        """Return the rows of clips of one length, in torch on their device."""
        from featkit.nets import spectra

        return spectra.log_mel(samples, self.stft(), self.bank(), self.log_scale())

    def __call__(self, signal: Signal) -> Array:
        """Return the log-mel, float32, shape (frames, n_mels)."""
        signal = self.view(signal)
        spectrum = shared_power(signal, self.sr, self.stft())
        bands = mel.apply(spectrum.magnitudes() if self.power == 1 else spectrum, self.bank())
        if self.power == 2 and self.top_db is None and self.log != "none":
            mel.refine(
                bands, pad(signal.at(self.sr), self.stft()), self.stft(), self.bank(), self.floor
            )
        return self.cut(self.log_scale()(bands))

    def axes(self, row: Array, seconds: float) -> tuple[Axis, ...]:
        """Return the centre of each frame in s and the frequency in Hz at which each band peaks."""
        return Axis("time", self.stft().times(len(row), self.sr), "s"), Axis(
            "frequency", self.bank().centres(), "Hz"
        )

    def silence(self, row: Array) -> float:
        """Return the value of digital silence in the clip that ``row`` holds."""
        return self.log_scale().silence(float(row.max()))
