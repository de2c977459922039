"""A row divided in time into windows of one length.

>>> [window.tolist() for window in cut(np.arange(6), 3, 2)]
[[0, 1, 2], [2, 3, 4]]
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from featkit.errors import ParameterError


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


def cut(row: NDArray[Any], length: int, hop: int) -> NDArray[Any]:
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
    windows = [np.take(whole, range(first, first + length), axis=axis) for first in places]
    return np.stack(windows)
