"""Predictions while a recording is being made: windows of raw samples from a pipe."""

from collections.abc import Callable, Iterator
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from featkit.bundle.model import Bundle
from featkit.bundle.prediction import Prediction
from featkit.errors import ParameterError

Encoding = Literal["s16", "s32", "f32"]
_TYPES = {"s16": ("<i2", 2.0**15), "s32": ("<i4", 2.0**31), "f32": ("<f4", 1.0)}


def listen(
    bundle: Bundle,
    read: Callable[[int], bytes],
    *,
    sr: int,
    window: float,
    hop: float | None = None,
    channels: int = 1,
    encoding: Encoding = "s16",
) -> Iterator[Prediction]:
    """Yield a prediction for each window of a stream as soon as its last sample is there.

    A stream that ends before its first window is one window; what is left at the end of a longer
    one, less than a hop, is not predicted.

    Parameters
    ----------
    bundle : Bundle
    read : callable
        ``read(n)`` waits for ``n`` bytes and returns them, or fewer where the stream ends; such as
        ``sys.stdin.buffer.read``.
    sr : int
        Rate in Hz.
    window, hop : float
        Length of a window and step to the next in seconds; the step is ``window`` by default and at
        most that.
    channels : int
        Interleaved; their mean is predicted.
    encoding : {"s16", "s32", "f32"}
        Little-endian integers of full scale, or floats in [−1, 1].

    Raises
    ------
    ParameterError
        If a number is out of range, or the encoding unknown. Windows never raise.
    """
    size, step = round(window * sr), round((window if hop is None else hop) * sr)
    if encoding not in get_args(Encoding):
        raise ParameterError(f"encoding={encoding!r} is not one of {', '.join(get_args(Encoding))}")
    if min(sr, channels, size, step) < 1 or step > size:
        raise ParameterError(
            f"sr={sr} Hz, channels={channels}, window={window} s, hop={hop} s: all must be above "
            "0, and the hop at most the window"
        )
    return _windows(bundle, lambda n: _samples(read, n, channels, encoding), sr, size, step)


def _windows(
    bundle: Bundle,
    take: Callable[[int], NDArray[np.float32]],
    sr: int,
    size: int,
    step: int,
) -> Iterator[Prediction]:
    """Yield a prediction for ``size`` samples and then after every ``step`` more."""
    heard = take(size)
    start = 0
    if len(heard):
        yield bundle.predict_samples(heard, sr, pool=False)
    while len(heard) == size:
        new = take(step)
        if len(new) < step:
            return
        heard = np.concatenate([heard[step:], new])
        start += step
        yield bundle.predict_samples(heard, sr, start / sr, pool=False)


def _samples(
    read: Callable[[int], bytes], count: int, channels: int, encoding: Encoding
) -> NDArray[np.float32]:
    """Return ``count`` samples, or fewer at the end, the mean of the channels."""
    dtype, scale = _TYPES[encoding]
    frame = channels * np.dtype(dtype).itemsize
    data = read(count * frame)
    values = np.frombuffer(data[: len(data) // frame * frame], dtype=dtype)
    mono: NDArray[np.float32] = (
        values.reshape(-1, channels).mean(axis=1, dtype=np.float64) / scale
    ).astype(np.float32)
    return mono
