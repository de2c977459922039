"""Three definitions of a feature's change over time; time is always the first axis.

They do not agree: the plain difference is what [Pons2019] takes of its MFCCs, the regression is
librosa's since 0.5, and the unnormalised, lagging sum is that of librosa 0.3.1 [Piczak2015-code].
"""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from featkit.errors import ParameterError

Array = NDArray[np.floating[Any]]
Kind = Literal["plain", "librosa", "librosa031"]


def plain(frames: Array) -> Array:
    """Return x[t + 1] − x[t], one frame fewer [Pons2019]."""
    return np.diff(frames, axis=0)


def regression(frames: Array, width: int = 9) -> Array:
    """Return the slope of the least-squares line through ``width`` frames around each frame.

    The first and last width // 2 frames hold the slope of the first and the last ``width`` frames,
    as in librosa ≥ 0.5.

    Raises
    ------
    ParameterError
        If ``width`` is not an odd number ≥ 3, or there are fewer frames than ``width``.
    """
    _check_width(width)
    if len(frames) < width:
        raise ParameterError(
            f"a regression over {width} frames needs at least that many; the clip has {len(frames)}"
        )
    return np.asarray(
        signal.savgol_filter(frames, width, polyorder=1, deriv=1, axis=0, mode="interp")
    )


def librosa031(frames: Array, width: int = 9) -> Array:
    """Return librosa 0.3.1's difference, which [Piczak2015-code] uses.

    That is Σ_k (h − k) · x[t − k] over k = 0 … width − 1, with h = width // 2. It is causal, so it
    lags by h frames, and is not normalised: a ramp of slope 1 gives 60 at the default width. The
    h + 1 frames before the first are copies of it and earlier ones are 0, which affects the first
    h − 1 results.
    """
    _check_width(width)
    half = width // 2
    edges = [(half + 1, half + 1)] + [(0, 0)] * (frames.ndim - 1)
    padded = np.pad(frames, edges, mode="edge")
    weights = np.arange(half, -half - 1, -1, dtype=frames.dtype)
    return np.asarray(
        signal.lfilter(weights, [1.0], padded, axis=0)[half + 1 : -half - 1].astype(frames.dtype)
    )


def _check_width(width: int) -> None:
    if width < 3 or width % 2 == 0:
        raise ParameterError(f"width={width} must be an odd number of frames, at least 3")
