"""Clips that hold the same recording: re-encoded, cut, louder or quieter.

The audio fingerprint of [Haitsma2002]: 32 bits for each frame say whether the difference between
neighbouring bands of a spectrogram rises or falls. Gain does not change them, coding changes few.
Two clips are copies where, at some shift, few bits differ over all the frames in which both sound.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

SECONDS_PER_FRAME = 256 / 11025
BITS = 32
# Frames this far below the clip's loudest hold no more than noise.
QUIET_DB = 60.0
# Other clips with the same bits that a frame is compared with: the next ones in the list.
NEIGHBOURS = 8
# Unrelated clips have half of the bits in common, long ones at the luckiest shift 0.61; copies 0.89
# (ESC-10, 40 copies). Windows overlap, so that a frame adds few bits of its own: of short clips
# more must be equal, by 6 standard deviations of what chance gives.
LEAST_SIMILAR = 0.7
DEVIATIONS = 6.0
FRAMES_PER_WINDOW = 4096 / 256
FEWEST_FRAMES = 12

Words = NDArray[np.uint32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Copy:
    """Two clips that hold the same recording.

    Attributes
    ----------
    a, b : int
        Their rows, a < b.
    similarity : float
        Fraction of equal bits where both sound, in [0.7, 1]; unrelated clips have about 0.5.
    shift : float
        How much later the recording starts in ``b``, in seconds.
    seconds : float
        How much of it both have.
    """

    a: int
    b: int
    similarity: float
    shift: float
    seconds: float


def copies(maps: Sequence[NDArray[np.floating[Any]]]) -> list[Copy]:
    """Return the pairs of clips that hold the same recording, the most similar first.

    Of many copies of one recording each is paired with some others, so that the pairs connect all.

    Parameters
    ----------
    maps : sequence of ndarray, shape (frames, 33)
        Rows of the feature `fingerprint`.
    """
    prints = [fingerprint(rows) for rows in maps]
    best: dict[tuple[int, int], Copy] = {}
    for a, b, shift in _candidates(prints):
        copy = _compare(prints, a, b, shift)
        if copy and copy.similarity > getattr(best.get((a, b)), "similarity", 0.0):
            best[a, b] = copy
    return sorted(best.values(), key=lambda copy: (-copy.similarity, copy.a, copy.b))


def fingerprint(rows: NDArray[np.floating[Any]]) -> tuple[Words, Mask]:
    """Return the 32 bits of each frame but the first, and whether the clip sounds there."""
    if len(rows) < 2:
        return np.zeros(0, dtype=np.uint32), np.zeros(0, dtype=bool)
    slopes = np.diff(rows.astype(np.float32), axis=1)
    rising = np.diff(slopes, axis=0) > 0
    words = np.ascontiguousarray(np.packbits(rising, axis=1)).view(">u4")[:, 0].astype(np.uint32)
    level = rows.max(axis=1)
    sounds = level > level.max() - QUIET_DB
    # Digital silence has one value everywhere.
    varied = np.ptp(rows, axis=1) > 0
    return words, (sounds & varied)[1:] & (sounds & varied)[:-1]


def _candidates(prints: Sequence[tuple[Words, Mask]]) -> list[tuple[int, int, int]]:
    """Return (a, b, shift) of clips that have three of the four bytes of a frame each in common,
    a < b.
    """
    all_words = np.concatenate(
        [np.zeros(0, np.uint32), *(words[sounds] for words, sounds in prints)]
    )
    all_frames = np.concatenate(
        [np.zeros(0, np.int64), *(np.flatnonzero(sounds) for _, sounds in prints)]
    )
    all_clips = np.repeat(np.arange(len(prints)), [int(sounds.sum()) for _, sounds in prints])
    pairs = [np.zeros((0, 3), dtype=np.int64)]
    for byte in range(BITS // 8):
        keys = all_words & ~np.uint32(0xFF << 8 * byte)
        order = np.lexsort((all_frames, all_clips, keys))
        keys, frames, clips = keys[order], all_frames[order], all_clips[order]
        # A tone that lasts has the same bits for long: its first frame stands for them.
        first = np.ones(len(keys), dtype=bool)
        first[1:] = (keys[1:] != keys[:-1]) | (clips[1:] != clips[:-1])
        keys, frames, clips = keys[first], frames[first], clips[first]
        for step in range(1, NEIGHBOURS + 1):
            same = np.flatnonzero(keys[step:] == keys[:-step])
            shifts = frames[same + step] - frames[same]
            pairs.append(np.stack([clips[same], clips[same + step], shifts], axis=1))
    return [(a, b, shift) for a, b, shift in np.unique(np.concatenate(pairs), axis=0).tolist()]


def _compare(prints: Sequence[tuple[Words, Mask]], a: int, b: int, shift: int) -> Copy | None:
    """Return the pair at this shift, or None if they are unrelated."""
    start, (words_a, on_a), (words_b, on_b) = max(0, -shift), prints[a], prints[b]
    length = min(len(words_a) - start, len(words_b) - start - shift)
    here, there = slice(start, start + length), slice(start + shift, start + shift + length)
    both = on_a[here] & on_b[there]
    frames = int(both.sum())
    if frames < FEWEST_FRAMES:
        return None
    different = np.bitwise_count(words_a[here][both] ^ words_b[there][both]).sum()
    similarity = 1 - float(different) / (BITS * frames)
    bits = BITS * (1 + frames / FRAMES_PER_WINDOW)
    if similarity < max(LEAST_SIMILAR, 0.5 + DEVIATIONS / (2 * np.sqrt(bits))):
        return None
    return Copy(a, b, similarity, shift * SECONDS_PER_FRAME, frames * SECONDS_PER_FRAME)
