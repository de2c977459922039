"""Three log-mel spectrograms of different time resolution as the channels of one image."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from featkit.audio import Signal
from featkit.dsp import logarithm, mel
from featkit.dsp.resize import resize
from featkit.dsp.stft import Stft, lengthen
from featkit.errors import ParameterError
from featkit.features._twin import Twin
from featkit.features.base import Array, Axis, registry

WINDOWS_MS = ((25, 10), (50, 25), (100, 50))


@registry.register
@dataclass(frozen=True)
class MultiresLogmel(Twin):
    """Image of three log-mels with windows of 25, 50 and 100 ms, each resized to ``width`` columns.

    The front-end of [Palanisamy2020], as torchaudio computes it [Palanisamy2020-code]: power
    spectrograms of one n_fft = sr / 10 (shorter windows are padded with zeros on both sides) of the
    signal reflected at its ends, HTK mel triangles of height 1, ln(x + ``offset``), and an
    antialiased bilinear resize whatever the clip's length. A clip of at most n_fft samples is first
    extended with zeros to n_fft + 1. Accurate to 5e-3 wherever a band holds more than about 1e-11
    of its frame's power, the limit of float32.

    Presets: ``esc50`` (44.1 kHz, 250 columns, the defaults), ``us8k`` (22 050 Hz, 250 columns) and
    ``gtzan`` (22 050 Hz, 1500 columns). At 22 050 Hz n_fft is odd, 2205, and torchaudio stretches
    the frequencies of the bins by 2205 / 2204; so does this feature.

    Do not use it if duration matters: every clip is stretched to the same width.

    Parameters
    ----------
    seconds, normalize
        Length and level, see `Framed`.
    sr : int
        Rate in Hz that the clip is resampled to.
    n_mels : int
        Mel bands, from low to high: the rows of the image.
    width : int
        Number of columns of the image.
    single : bool
        True: the 25-ms log-mel in all three channels; it is stored once.
    offset : float
        Added to the power before the logarithm.
    """

    version: ClassVar[int] = 2
    units: ClassVar[str] = "ln power"
    dims: ClassVar[tuple[str, ...]] = ("resolution", "mel", "column")
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = {
        "esc50": {"sr": 44100, "width": 250},
        "us8k": {"sr": 22050, "width": 250},
        "gtzan": {"sr": 22050, "width": 1500},
    }

    sr: int = 44100
    n_mels: int = 128
    width: int = 250
    single: bool = False
    offset: float = 1e-6

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.sr < 1000 or self.width < 1 or not self.offset > 0:
            got = f"sr={self.sr}, width={self.width}, offset={self.offset:g}"
            raise ParameterError(
                f"multires_logmel: got {got}; need sr ≥ 1000, width ≥ 1, offset > 0"
            )
        self.bank()

    @property
    def shape(self) -> tuple[int | None, ...]:
        """(3, n_mels, width)."""
        return (3, self.n_mels, self.width)

    @property
    def stored_shape(self) -> tuple[int | None, ...]:
        """As `shape`, with one channel if ``single``."""
        return (1 if self.single else 3, self.n_mels, self.width)

    @property
    def shortest(self) -> int:
        """n_fft + 1."""
        return round(self.sr / 10) + 1

    def stfts(self) -> list[Stft]:
        """Return the spectrogram of each resolution; halves are rounded to even lengths."""
        windows = WINDOWS_MS[:1] if self.single else WINDOWS_MS
        return [
            Stft(round(self.sr / 10), round(self.sr * w / 1000), round(self.sr * h / 1000))
            for w, h in windows
        ]

    def bank(self) -> mel.MelBank:
        """Return the filter bank, one for all resolutions."""
        n_fft = round(self.sr / 10)
        return mel.MelBank(self.sr, n_fft, self.n_mels, scale="htk", norm="none", grid="torchaudio")

    def batch(self, samples: Any) -> Any:
        """Return the rows of clips of one length, in torch on their device."""
        from featkit.nets import spectra

        return spectra.multires_log_mel(samples, self.stfts(), self.bank(), self.offset, self.width)

    def __call__(self, signal: Signal) -> Array:
        """Return the image, float32, shape `stored_shape`."""
        stfts = self.stfts()
        samples = lengthen(self.view(signal).at(self.sr), self.shortest)
        image = np.empty((len(stfts), self.n_mels, self.width), dtype=np.float32)
        for channel, power in enumerate(mel.resolutions(samples, stfts, self.bank(), self.offset)):
            image[channel] = resize(logarithm.ln(power, self.offset).T, (self.n_mels, self.width))
        return image

    def axes(self, row: Array, seconds: float) -> tuple[Axis, ...]:
        """Return each channel's window in ms, each band's peak in Hz and each column's centre in s.

        Times are those of the finest resolution; a column of the others is off by at most half of
        their step.
        """
        finest = self.stfts()[0]
        seconds = seconds if self.seconds is None else self.seconds
        frames = finest.n_frames(max(round(seconds * self.sr), self.shortest))
        places = np.asarray(
            (np.arange(self.width) + 0.5) * (frames / self.width) - 0.5, dtype=np.float64
        )
        windows = np.array([window for window, _ in WINDOWS_MS[: len(row)]], dtype=np.float64)
        if self.single:
            windows = np.full(len(row), windows[0])
        return (
            Axis("window", windows, "ms"),
            Axis("frequency", self.bank().centres(), "Hz"),
            Axis("time", places * (finest.hop_length / self.sr), "s"),
        )

    def expand(self, row: Array) -> Array:
        """Return the three channels of a stored image."""
        return np.repeat(row, 3, axis=0) if self.single else row
