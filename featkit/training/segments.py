"""Overlapping segments of a clip, without silent ones, and the random delay that augments them
(S3-2 … S3-4, F11).
"""

import numpy as np
from numpy.typing import NDArray

from featkit.audio import Samples
from featkit.errors import ParameterError

SR = 22_050
HOP = 512
FRAMES = 101
LENGTH = HOP * (FRAMES - 1)
STEP = LENGTH // 2
MAX_DELAY = SR - 1
SILENCE_DB = -72.0


def cut(
    samples: Samples, silence_db: float = SILENCE_DB, normalize: str = "clip"
) -> NDArray[np.float32]:
    """Return the segments of a clip at 22 050 Hz, shape (k, 51200): 101 log-mel frames each, half
    of them shared.

    A 5-s clip has three. Segments whose mean log-mel is at or below ``silence_db`` are dropped;
    where all of them are, as in an all-zero clip, the first is kept, so that every clip has a vote.
    A clip shorter than a segment is padded with zeros.

    Parameters
    ----------
    samples : ndarray of float32, shape (n,)
        The clip at 22 050 Hz.
    silence_db : float
        Threshold in dB; −72 (the default) or Piczak's −70.
    normalize : {"clip", "segment", "none"}
        What is divided by its largest magnitude: the clip (the code of S3), each segment (its
        text), or neither.
    """
    if normalize not in ("clip", "segment", "none"):
        raise ParameterError(f"normalize={normalize!r} is not one of clip, segment, none")
    if not len(samples):
        raise ParameterError("a clip of 0 samples has no segments")
    padded = np.pad(
        peak_one(samples) if normalize == "clip" else samples, (0, max(0, LENGTH - len(samples)))
    )
    starts = range(0, len(padded) - LENGTH + 1, STEP)
    segments = np.stack([padded[start : start + LENGTH] for start in starts]).astype(np.float32)
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
