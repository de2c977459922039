"""Which clips of a fold were predicted correctly."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from featkit.results.scores import Score


@dataclass(frozen=True, eq=False)
class Hits:
    """The correct predictions of one fold, clip by clip.

    Attributes
    ----------
    ids : ndarray of str, shape (n_clips,)
        Sorted.
    fraction : ndarray of float, shape (n_clips,)
        Fraction of runs that predicted the clip correctly, 0–1.
    groups : ndarray of str, shape (n_clips,)
    """

    ids: NDArray[np.str_]
    fraction: NDArray[np.float64]
    groups: NDArray[np.str_]


def hits_of(runs: Sequence[Score]) -> Hits:
    """Return the hits of one fold's runs, over the clips that all of them predicted."""
    common = set(runs[0].ids).intersection(*(score.ids for score in runs[1:]))
    correct: dict[str, list[bool]] = {clip: [] for clip in sorted(common)}
    for score in runs:
        for clip, truth, predicted in zip(score.ids, score.y_true, score.y_pred, strict=True):
            if clip in common:
                correct[clip].append(truth == predicted)
    groups = dict(zip(runs[0].ids, runs[0].groups or runs[0].ids, strict=True))
    fraction = np.array([np.mean(values) for values in correct.values()], dtype=np.float64)
    return Hits(np.array(list(correct)), fraction, np.array([groups[clip] for clip in correct]))
