"""Three log-mel spectrograms of different time resolution as the channels of one image (F3), or one
of them (F4).
"""

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

    Power spectrograms of one n_fft = sr / 10 (shorter windows have zeros on both sides), mirrored
    at the ends, through HTK mel triangles of height 1 from 0 to sr / 2, ln(x + ``offset``), an
    antialiased bilinear resize whatever the clip's length. A clip of at most n_fft samples is first
    lengthened by zeros to n_fft + 1. Source: S0-4 (F3) and S0-5 (F4). Within 5e-3 of double
    precision wherever a band holds more than some 1e-11 of its frame's power, float32's limit.

    Do not use it where duration matters: every clip is stretched to the same width (pitfall 18).

    Parameters
    ----------
    sr : int
        Rate in Hz that the clip is resampled to.
    n_mels : int
        Mel bands, the image's rows from low to high.
    width : int
        Columns of the image.
    single : bool
        True: the 25-ms log-mel in all three channels (F4; stored once).
    offset : float
        Added to the power before the logarithm.
    """

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
        """Return the spectrogram of each resolution; lengths are rounded to even as Python does
        (S0-4's table).
        """
        windows = WINDOWS_MS[:1] if self.single else WINDOWS_MS
        return [
            Stft(round(self.sr / 10), round(self.sr * w / 1000), round(self.sr * h / 1000))
            for w, h in windows
        ]

    def bank(self) -> mel.MelBank:
        """Return the filter bank, one for all resolutions."""
        return mel.MelBank(self.sr, round(self.sr / 10), self.n_mels, scale="htk", norm="none")

    def batch(self, samples: Any) -> Any:
        """Return the rows of clips of one length, in torch on their device."""
        from featkit.nets import spectra

        return spectra.multires_log_mel(samples, self.stfts(), self.bank(), self.offset, self.width)

    def __call__(self, signal: Signal) -> Array:
        """Return the image, float32, shape `stored_shape`."""
        stfts = self.stfts()
        samples = lengthen(signal.at(self.sr), self.shortest)
        image = np.empty((len(stfts), self.n_mels, self.width), dtype=np.float32)
        for channel, power in enumerate(mel.resolutions(samples, stfts, self.bank(), self.offset)):
            image[channel] = resize(logarithm.ln(power, self.offset).T, (self.n_mels, self.width))
        return image

    def axes(self, row: Array, seconds: float) -> tuple[Axis, ...]:
        """Return each channel's window in ms, the frequency in Hz at which each band peaks, and the
        middle of each column in s.

        Times are those of the finest resolution; in the others, a column lies at most half a step
        of theirs beside them.
        """
        finest = self.stfts()[0]
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
