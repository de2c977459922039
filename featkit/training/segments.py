"""Parts of a clip in time: overlapping segments, with the random delay that augments them
[Tax2017], and windows of any row; and one decision for each clip from its parts' probabilities.

>>> [window.tolist() for window in windows(np.arange(6), 3, 2)]
[[0, 1, 2], [2, 3, 4]]
"""

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from featkit.audio import Samples
from featkit.errors import ParameterError

SR = 22_050
HOP = 512
FRAMES = 101
LENGTH = HOP * (FRAMES - 1)
MAX_DELAY = SR - 1
SILENCE_DB = -72.0

Normalize = Literal["clip", "segment", "none"]


def cut(
    samples: Samples,
    silence_db: float = SILENCE_DB,
    normalize: Normalize = "clip",
    frames: int = FRAMES,
) -> NDArray[np.float32]:
    """Return the segments of a clip at 22,050 Hz, shape (k, 512 · (frames − 1)), half of each
    shared with the next.

    A 5-s clip has three of 101 frames, and nine of 41, the short variant [Piczak2015]. Segments
    whose mean log-mel is at or below ``silence_db`` are dropped; where all of them are, as in an
    all-zero clip, the first is kept, so that every clip has a vote.
    A clip shorter than a segment is padded with zeros.

    Parameters
    ----------
    samples : ndarray of float32, shape (n,)
        The clip at 22,050 Hz.
    silence_db : float
        Threshold in dB; −72 [MSTmodel] (the default) or −70 [Piczak2015-code].
    normalize : {"clip", "segment", "none"}
        What is divided by its largest magnitude: the clip [MSTmodel], each segment [Tax2017], or
        neither.
    frames : int
        Log-mel frames in a segment, at least 3.
    """
    if frames < 3:
        raise ParameterError(f"frames={frames}: a segment has at least 3")
    if normalize not in ("clip", "segment", "none"):
        raise ParameterError(f"normalize={normalize!r} is not one of clip, segment, none")
    length, step = HOP * (frames - 1), HOP * (frames - 1) // 2
    if not len(samples):
        raise ParameterError("a clip of 0 samples has no segments")
    padded = np.pad(
        peak_one(samples) if normalize == "clip" else samples, (0, max(0, length - len(samples)))
    )
    places = starts(len(padded), length, step)
    segments = np.stack([padded[start : start + length] for start in places]).astype(np.float32)
    if normalize == "segment":
        segments = np.stack([peak_one(segment) for segment in segments])
    loud = np.array([mean_db(segment) > silence_db for segment in segments])
    return segments[loud] if loud.any() else segments[:1]


def delayed(samples: Samples, rng: np.random.Generator) -> Samples:
    """Return a copy of a clip that starts 0 … 22 049 zeros later; a 5-s clip then has up to four
    segments.
    """
    return np.concatenate([np.zeros(rng.integers(MAX_DELAY + 1), dtype=np.float32), samples])


def peak_one(samples: Samples) -> Samples:
    """Return samples divided by their largest magnitude; silence stays as it is."""
    peak = np.abs(samples).max(initial=0)
    return samples / peak if peak > 0 else samples


def mean_db(segment: Samples) -> float:
    """Return the mean of a segment's log-mel: 60 bands, power in dB re 1, clipped at 80 dB below
    its maximum and −100 dB.
    """
    import librosa

    mel = librosa.feature.melspectrogram(y=segment, sr=SR, n_fft=1024, hop_length=HOP, n_mels=60)
    return float(librosa.power_to_db(mel, ref=1.0, amin=1e-10, top_db=80.0).mean())


def starts(frames: int, length: int, hop: int) -> range:
    """Return the first frame of each whole window of a row of ``frames``.

    Parameters
    ----------
    frames, length, hop : int
        Of the row, of a window, and from the start of one to that of the next; all from 1.
    """
    if min(frames, length, hop) < 1:
        raise ParameterError(
            f"windows of length={length} at hop={hop} in {frames} frames: each must be at least 1"
        )
    return range(0, max(frames, length) - length + 1, hop)


def windows(row: NDArray[Any], length: int, hop: int) -> NDArray[Any]:
    """Return the windows of a row, shape (windows, …), each of the row's shape but in time.

    Time is the last axis of an image (C, H, W), else the first. Frames after the last whole window
    are left out; a row shorter than a window is repeated, so that no silence tells its duration.

    Parameters
    ----------
    row : ndarray
        Waveform (samples,), matrix (frames, bins) or image (C, H, frames).
    length, hop : int
        In frames, or samples of a waveform, see `starts`.
    """
    axis = 2 if row.ndim == 3 else 0
    frames = row.shape[axis]
    places = starts(frames, length, hop)
    whole = np.take(row, np.arange(max(frames, length)) % frames, axis=axis)
    return np.stack([np.take(whole, range(first, first + length), axis=axis) for first in places])


def mean_probability(probabilities: ArrayLike, clips: ArrayLike, n: int) -> NDArray[np.float64]:
    """Return each clip's mean class probabilities, shape (n, classes).

    Parameters
    ----------
    probabilities : array-like, shape (segments, classes)
        Class probabilities of every segment.
    clips : array-like of int, shape (segments,)
        Number of the clip that each segment belongs to, 0 … n − 1.
    n : int
        Number of clips.

    Raises
    ------
    ParameterError
        If a clip has no segment or the lengths differ.
    """
    values, owners = _checked(probabilities, clips, n)
    return _sums(values, owners, n) / np.bincount(owners, minlength=n)[:, None]


def majority(probabilities: ArrayLike, clips: ArrayLike, n: int) -> NDArray[np.int64]:
    """Return the class that most segments of each clip vote for, shape (n,); ties go to the highest
    mean probability.

    Parameters and errors are those of `mean_probability`.
    """
    values, owners = _checked(probabilities, clips, n)
    votes = np.eye(values.shape[1])[values.argmax(axis=1)]
    # Votes are whole numbers and half a mean probability is below 1, so it orders only equal
    # counts.
    winners: NDArray[np.int64] = (
        _sums(votes, owners, n) + mean_probability(values, owners, n) / 2
    ).argmax(axis=1)
    return winners


def _sums(values: NDArray[np.float64], owners: NDArray[np.int64], n: int) -> NDArray[np.float64]:
    totals = np.zeros((n, values.shape[1]))
    np.add.at(totals, owners, values)
    return totals


def _checked(
    probabilities: ArrayLike, clips: ArrayLike, n: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    values, owners = np.asarray(probabilities, dtype=np.float64), np.asarray(clips, dtype=np.int64)
    if values.ndim != 2 or owners.shape != (len(values),):
        raise ParameterError(
            f"{values.shape} probabilities and {owners.shape} clip numbers do not belong together"
        )
    if len(owners) and not 0 <= owners.min() <= owners.max() < n:
        raise ParameterError(
            f"clip numbers {owners.min()} … {owners.max()} are not within 0 … {n - 1}"
        )
    empty = np.flatnonzero(np.bincount(owners, minlength=n) == 0)
    if len(empty):
        raise ParameterError(
            f"{len(empty)} of {n} clips have no segment, the first is number {empty[0]}"
        )
    return values, owners
