"""From the probabilities of segments to one decision for each clip (S3-11, M7)."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from featkit.errors import ParameterError


def mean_probability(probabilities: ArrayLike, clips: ArrayLike, n: int) -> NDArray[np.float64]:
    """Return each clip's mean class probabilities, shape (n, classes).

    Parameters
    ----------
    probabilities : array-like, shape (segments, classes)
        Class probabilities of every segment.
    clips : array-like of int, shape (segments,)
        Number of the clip that each segment is of, 0 … n − 1.
    n : int
        Clips.

    Raises
    ------
    ParameterError
        If a clip has no segment or the lengths differ.
    """
    values, owners = _checked(probabilities, clips, n)
    return _sums(values, owners, n) / np.bincount(owners, minlength=n)[:, None]


def majority(probabilities: ArrayLike, clips: ArrayLike, n: int) -> NDArray[np.int64]:
    """Return the class that most segments of each clip vote for, shape (n,); of equals the one of
    highest mean probability.

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
