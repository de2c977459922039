"""Mean and deviation, or middle and half range, of the training rows, read in batches."""

import math
from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from featkit.errors import ParameterError
from featkit.training.rows import Rows

# Of float32, in which nets read their rows: what deviates from its mean by less than this fraction
# is constant to them.
_RESOLUTION = 1e-7

Statistics = tuple[NDArray[np.float32], NDArray[np.float32]]


def statistics(rows: Rows, scale: str) -> Statistics:
    """Return mean and standard deviation, or middle and half range, that broadcast to a row; 1
    where values do not differ.

    Parameters
    ----------
    rows : Rows
        The training rows, and no others.
    scale : {"channel", "bin", "range"}
        For images (C, H, W): one pair for each channel, or for each channel and frequency bin. For
        matrices (T, M): one pair, or one for each bin. For vectors: one pair, or one for each
        value. ``range``: middle and half of the range, as many pairs as ``channel``.

    Raises
    ------
    ParameterError
        If a value is not finite.
    """
    if scale == "range":
        return _extremes(rows, _axes(len(rows.shape), "channel"))
    axes = _axes(len(rows.shape), scale)
    pixels = len(rows) * math.prod(rows.shape[axis - 1] for axis in axes if axis)
    mean = _sum(rows, axes, lambda chunk: chunk) / pixels
    # The second pass squares distances from the mean: no cancellation, whatever the offset of a
    # decibel scale.
    squares = _sum(rows, axes, lambda chunk: np.square(chunk - mean))
    if not np.isfinite(squares).all():
        raise ParameterError("the training rows hold values that are not finite (NaN or infinite)")
    std = np.sqrt(squares / pixels)
    spread = std > _RESOLUTION * np.abs(mean)
    return mean[0].astype(np.float32), np.where(spread, std, 1)[0].astype(np.float32)


def _extremes(rows: Rows, axes: tuple[int, ...]) -> Statistics:
    """Return middle and half of the range."""
    low, high = (
        reduce(choose, (each(chunk, axis=axes, keepdims=True) for chunk in rows.chunks(64)))[0]
        for choose, each in ((np.minimum, np.min), (np.maximum, np.max))
    )
    if not (np.isfinite(low).all() and np.isfinite(high).all()):
        raise ParameterError("the training rows hold values that are not finite (NaN or infinite)")
    middle, half = (low / 2 + high / 2), (high / 2 - low / 2)
    spread = half > _RESOLUTION * np.abs(middle)
    return middle.astype(np.float32), np.where(spread, half, 1).astype(np.float32)


def _sum(
    rows: Rows, axes: tuple[int, ...], change: Callable[[NDArray[Any]], NDArray[Any]]
) -> NDArray[np.float64]:
    parts = (
        change(chunk).sum(axis=axes, dtype=np.float64, keepdims=True) for chunk in rows.chunks(64)
    )
    return reduce(np.add, parts)


def _axes(ndim: int, scale: str) -> tuple[int, ...]:
    """Return the axes of (n, *row) that are averaged over."""
    separate = {(3, "channel"): (1,), (3, "bin"): (1, 2), (2, "bin"): (2,), (1, "bin"): (1,)}.get(
        (ndim, scale), ()
    )
    return tuple(axis for axis in range(ndim + 1) if axis not in separate)


class Heard:
    """Rows behind a layer in front of a net, computed one at a time, for statistics of them.

    Parameters
    ----------
    rows : Rows
        Waveforms.
    layer : torch.nn.Module
        `featkit.features.listening.Listening`.
    """

    dtype = np.dtype(np.float32)

    def __init__(self, rows: Rows, layer: Any) -> None:
        self.rows, self.layer = rows, layer
        self.shape = (len(rows), *layer.shape(*rows.shape))

    def __getitem__(self, row: int) -> NDArray[np.float32]:
        samples = torch.from_numpy(np.array(self.rows.take(np.array([row])), dtype=np.float32))
        with torch.inference_mode():
            computed: NDArray[np.float32] = self.layer(samples)[0].numpy()
        return computed
