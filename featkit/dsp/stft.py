"""Short-time Fourier transform of one clip, in float32: padding, window, power spectrogram.

Conventions, as in librosa and torch: frame t is centred on sample t · hop, the window is a periodic
Hann, a window shorter than n_fft has zeros on both sides, nothing is normalised.

Short signals: reflection needs more than n_fft // 2 samples, and without padding a frame needs
win_length of them; a shorter signal is first extended with zeros on the right.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from featkit.errors import ParameterError

Floats = NDArray[np.float32]
PadMode = Literal["reflect", "constant", "none"]

# One batch of frames and spectra fits into a core's second-level cache. `scipy.fft` keeps float32.
BATCH_BYTES = 600_000

# Frames that compiled code processes at once, one per vector lane, and the rows of zeros that
# follow the bins of a batch.
LANES = 16
SPARE = 3


@dataclass(frozen=True)
class Stft:
    """The numbers that define a power spectrogram, in samples.

    Attributes
    ----------
    n_fft, win_length, hop_length : int
        Transform length, window length (at most ``n_fft``) and step.
    pad_mode : {"reflect", "constant", "none"}
        What surrounds the signal: its reflection, or zeros; or nothing, and frame t covers the
        samples from t · hop to t · hop + win_length.
    """

    n_fft: int
    win_length: int
    hop_length: int
    pad_mode: PadMode = "reflect"

    def __post_init__(self) -> None:
        if not 1 <= self.win_length <= self.n_fft or self.n_fft < 2:
            raise ParameterError(
                f"win_length={self.win_length} must lie between 1 and n_fft={self.n_fft}, "
                "which must be at least 2"
            )
        if self.hop_length < 1:
            raise ParameterError(f"hop_length={self.hop_length} must be at least 1 sample")
        if self.pad_mode not in ("reflect", "constant", "none"):
            raise ParameterError(
                f"pad_mode={self.pad_mode!r} is not one of reflect, constant, none"
            )

    @property
    def n_bins(self) -> int:
        """Number of frequencies from 0 to sr / 2: n_fft // 2 + 1."""
        return self.n_fft // 2 + 1

    @property
    def left(self) -> int:
        """Number of zeros before the window within n_fft."""
        return (self.n_fft - self.win_length) // 2

    @property
    def shortest(self) -> int:
        """Length in samples to which a shorter signal is extended with zeros."""
        return {
            "reflect": self.n_fft // 2 + 1,
            "constant": 1 + self.n_fft % 2,
            "none": self.win_length,
        }[self.pad_mode]

    @property
    def padding(self) -> tuple[int, int]:
        """Number of samples added before and after the signal."""
        return (
            (self.left, self.n_fft - self.win_length - self.left)
            if self.pad_mode == "none"
            else (self.n_fft // 2,) * 2
        )

    def n_frames(self, n_samples: int) -> int:
        """Return the number of frames of a signal of ``n_samples`` samples."""
        return (
            1 + (max(n_samples, self.shortest) + sum(self.padding) - self.n_fft) // self.hop_length
        )

    def times(self, n_frames: int, sr: int) -> NDArray[np.float64]:
        """Return the centre of each frame's window, in seconds from the first sample."""
        middle = self.win_length / 2 if self.pad_mode == "none" else 0.0
        return np.asarray((np.arange(n_frames) * self.hop_length + middle) / sr)

    def frequencies(self, sr: int) -> NDArray[np.float64]:
        """Return the frequency of each bin in Hz, shape (n_bins,)."""
        return np.asarray(np.arange(self.n_bins) * (sr / self.n_fft))


@lru_cache(maxsize=64)
def hann(win_length: int, n_fft: int | None = None) -> Floats:
    """Return a periodic Hann window, float32, with zeros on both sides up to ``n_fft`` (the odd one
    on the right).
    """
    single = hann_double(win_length, n_fft).astype(np.float32)
    single.flags.writeable = False
    return single


def hann_double(win_length: int, n_fft: int | None = None) -> NDArray[np.float64]:
    """Return `hann` in float64, 0.5 − 0.5 · cos(2πt / win_length)."""
    window = np.zeros(n_fft or win_length)
    left = (len(window) - win_length) // 2
    window[left : left + win_length] = 0.5 - 0.5 * np.cos(
        2 * np.pi * np.arange(win_length) / win_length
    )
    return window


def lengthen(samples: Floats, length: int) -> Floats:
    """Return ``samples``, extended with zeros on the right to ``length`` if shorter."""
    if len(samples) >= length:
        return samples
    out = np.zeros(length, dtype=np.float32)
    out[: len(samples)] = samples
    return out


def pad(samples: Floats, stft: Stft) -> Floats:
    """Return ``samples``, extended if too short, padded on both sides as ``stft.pad_mode`` says."""
    samples = lengthen(samples, stft.shortest)
    n, (before, after) = len(samples), stft.padding
    padded = np.zeros(before + n + after, dtype=np.float32)
    padded[before : before + n] = samples
    if stft.pad_mode == "reflect":
        padded[:before] = samples[before:0:-1]
        padded[before + n :] = samples[n - 1 - after : n - 1][::-1]
    return padded


@dataclass(frozen=True, eq=False)
class Power:
    """A power spectrogram in the layout of the compiled code, 16 frames side by side.

    Attributes
    ----------
    lanes : ndarray of float32, shape (⌈n_frames / 16⌉, n_fft // 2 + 1 + 3, 16)
        Batches; bins and three rows of zeros; frames. What follows the last frame is undefined.
    n_frames : int
    """

    lanes: Floats
    n_frames: int

    @classmethod
    def of(cls, frames: Floats) -> Self:
        """Return the power spectrogram whose power is ``frames``, shape (frames, bins)."""
        batches = -(-len(frames) // LANES)
        whole = np.zeros((batches * LANES, frames.shape[1] + SPARE), dtype=np.float32)
        whole[: len(frames), :-SPARE] = frames
        return cls(
            np.ascontiguousarray(whole.reshape(batches, LANES, -1).transpose(0, 2, 1)), len(frames)
        )

    def frames(self) -> Floats:
        """Return the power, shape (frames, bins)."""
        batches, rows, _ = self.lanes.shape
        return (
            self.lanes[:, :-SPARE]
            .transpose(0, 2, 1)
            .reshape(batches * LANES, rows - SPARE)[: self.n_frames]
        )

    def magnitudes(self) -> "Power":
        """Return the square roots."""
        return Power(np.sqrt(self.lanes), self.n_frames)


def power_plain(padded: Floats, stft: Stft) -> Floats:
    """Return the power spectrogram |X|² of a padded signal, shape (frames, bins), by `scipy.fft`.

    This is the definition that faster code is tested against.
    """
    window = hann(stft.win_length, stft.n_fft)
    frames = np.lib.stride_tricks.sliding_window_view(padded, stft.n_fft)[:: stft.hop_length]
    out = np.empty((len(frames), stft.n_bins), dtype=np.float32)
    batch = max(1, BATCH_BYTES // (8 * stft.n_fft))
    for start in range(0, len(frames), batch):
        spectrum = fft.rfft(frames[start : start + batch] * window)
        out[start : start + batch] = np.square(spectrum.real) + np.square(spectrum.imag)
    return out
