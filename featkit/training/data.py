"""Rows for training: arrays in memory, memory maps and stores behind one interface, read in
batches, ahead of time where lazy.
"""

import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from featkit.errors import ParameterError

Index = NDArray[np.int64]

MEMORY_BYTES = 4 << 30
_THREADS = 4
_AHEAD = 8


class Rows:
    """Some rows of an array-like, read when asked for.

    Parameters
    ----------
    source : array-like of shape (n, …)
        A numpy array or memory map, or anything with ``shape``, ``dtype`` and ``source[i]``, such
        as a Zarr array. One with ``at_epoch(epoch)`` gives other values every epoch
        (`featkit.training.augmentation.Augmented`).
    index : ndarray of int, optional
        The rows meant, in order; all of them by default.
    """

    def __init__(self, source: Any, index: Index | None = None) -> None:
        if len(source.shape) < 2:
            raise ParameterError(
                f"X of shape {tuple(source.shape)} has no rows of values; expected (n, …)"
            )
        self.source = source
        self.index = index

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one row."""
        return tuple(self.source.shape[1:])

    @property
    def nbytes(self) -> int:
        """Bytes of all rows as float32."""
        return 4 * len(self) * math.prod(self.shape)

    @property
    def resident(self) -> bool:
        """Whether the values are in memory already."""
        return isinstance(self.source, np.ndarray) and not isinstance(self.source, np.memmap)

    def __len__(self) -> int:
        return int(self.source.shape[0]) if self.index is None else len(self.index)

    def subset(self, index: Index) -> Self:
        """Return some of these rows, without reading them."""
        return type(self)(self.source, index if self.index is None else self.index[index])

    def take(self, index: Index) -> NDArray[Any]:
        """Return rows as one array, in the order given."""
        wanted = index if self.index is None else self.index[index]
        if isinstance(self.source, np.ndarray):
            return np.asarray(self.source[wanted])
        return np.stack([np.asarray(self.source[int(row)]) for row in wanted])

    def chunks(self, size: int) -> Iterator[NDArray[Any]]:
        """Yield all rows, ``size`` at a time."""
        for start in range(0, len(self), size):
            yield self.take(np.arange(start, min(start + size, len(self))))

    def at_epoch(self, epoch: int) -> Self:
        """Return the rows as they are in an epoch."""
        return (
            type(self)(self.source.at_epoch(epoch), self.index)
            if hasattr(self.source, "at_epoch")
            else self
        )


class Loader:
    """Batches of rows as float32 tensors on a device.

    Rows in memory are used as they are, and rows of at most ``memory`` bytes are read into memory
    once (on a GPU: into its memory, if they take at most half of what is free). Others are read by
    threads, a few batches ahead, into pinned memory.

    Parameters
    ----------
    rows : Rows
        What to read.
    device : str
        Such as ``"cpu"`` or ``"cuda"``.
    memory : int
        Bytes of rows that may be read into memory.
    """

    def __init__(self, rows: Rows, device: str = "cpu", memory: int = MEMORY_BYTES) -> None:
        self.device = torch.device(device)
        changing = hasattr(rows.source, "at_epoch")
        if not rows.resident and not changing and rows.nbytes <= memory:
            rows = Rows(np.concatenate(list(rows.chunks(64))))
        self.rows = rows
        self.kept: Tensor | None = None
        if (
            self.device.type == "cuda"
            and rows.resident
            and rows.nbytes <= torch.cuda.mem_get_info(self.device)[0] // 2
        ):
            self.kept = torch.from_numpy(rows.take(np.arange(len(rows)))).to(self.device)

    def batches(self, parts: Sequence[Index], epoch: int = 0) -> Iterator[Tensor]:
        """Yield the tensor of each part of the rows, in order."""
        if self.kept is not None:
            for part in parts:
                yield self.kept[torch.from_numpy(part).to(self.device)].float()
            return
        rows = self.rows.at_epoch(epoch)

        def read(part: Index) -> Tensor:
            tensor = torch.from_numpy(np.ascontiguousarray(rows.take(part)))
            return tensor.pin_memory() if self.device.type == "cuda" else tensor

        for tensor in map(read, parts) if rows.resident else _ahead(read, parts):
            yield tensor.to(self.device, non_blocking=True).float()


def _ahead(read: Callable[[Index], Tensor], parts: Iterable[Index]) -> Iterator[Tensor]:
    """Yield what ``read`` gives for each part while threads read the next ones."""
    waiting: deque[Future[Tensor]] = deque()
    with ThreadPoolExecutor(_THREADS) as pool:
        try:
            for part in parts:
                waiting.append(pool.submit(read, part))
                if len(waiting) > _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for left in waiting:
                left.cancel()


def split_batches(order: Index, size: int) -> list[Index]:
    """Return consecutive parts of ``size`` rows; a last part of one row joins the one before, since
    batch norm needs two.
    """
    parts = [order[start : start + size] for start in range(0, len(order), size)]
    if len(parts) > 1 and len(parts[-1]) == 1:
        parts[-2:] = [np.concatenate(parts[-2:])]
    return parts


def even(rows: Sequence[NDArray[Any]], length: int) -> NDArray[Any]:
    """Return rows that differ in length as one array: the first ``length`` frames, shorter ones
    repeated (S2-3).

    Repeating leaves no silence at the end, from which a net could read the clip's duration.
    """
    if any(len(row) == 0 for row in rows):
        raise ParameterError(
            f"row {next(i for i, row in enumerate(rows) if len(row) == 0)} has no frames"
        )
    return np.stack([np.asarray(row)[np.arange(length) % len(row)] for row in rows])


def usual_length(rows: Sequence[NDArray[Any]]) -> int:
    """Return the median number of frames of rows that differ in length, rounded down."""
    return int(np.median([len(row) for row in rows]))
