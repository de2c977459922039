"""From what a user hands over to batches on a device: checked shapes, parts with targets, and
reading ahead of time.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import column_or_1d
from torch import Tensor

from featkit.errors import ParameterError
from featkit.training.rows import (
    MEMORY_BYTES,
    Index,
    Rows,
    even,
    fold_split,
    inner_split,
    usual_length,
)

Targets = NDArray[np.int64]

_THREADS = 4
_AHEAD = 8


@dataclass(frozen=True, eq=False)
class Part:
    """Rows with their targets: class numbers 0 … C − 1, and −1, in a part that is only scored, for
    a class that was not learned; or values (floats) to predict, an array for each row.
    """

    rows: Rows
    targets: NDArray[Any]


def frames(X: Any, length: int) -> int:
    """Return how many frames every row gets: ``length``, else the median if rows differ, else 0: no
    change.
    """
    lengths = {len(row) for row in X} if isinstance(X, (list, tuple)) and not length else set()
    return usual_length(X) if len(lengths) > 1 else length


def read(X: Any, length: int, shape: tuple[int, ...] = ()) -> Rows:
    """Return rows, made even to ``length`` frames unless it is 0, and of ``shape`` if one is
    given.

    Raises
    ------
    ParameterError
        If they are not.
    """
    X = list(X) if isinstance(X, tuple) else X
    if isinstance(X, np.ndarray) and not X.dtype.isnative:
        X = X.astype(X.dtype.newbyteorder("="))
    if (len(X) if isinstance(X, list) else X.shape[0]) == 0:
        raise ParameterError("there are no rows")
    if length:
        if np.ndim(X[0]) > 2:
            raise ParameterError(
                f"rows of shape {np.shape(X[0])} cannot be made even; "
                "only (frames, bins) and (samples,) can"
            )
        X = even(X, length)
    shapes = {np.shape(row) for row in X} if isinstance(X, list) else set()
    if len(shapes) > 1:
        raise ParameterError(
            f"rows of different shapes, such as {' and '.join(map(str, sorted(shapes)[:2]))}: "
            "a net reads one"
        )
    rows = Rows(np.stack(X) if isinstance(X, list) else X)
    if shape and rows.shape != tuple(shape):
        raise ParameterError(f"rows of shape {rows.shape}; this net was trained on {tuple(shape)}")
    return rows


def parts(
    rows: Rows, targets: Targets, fraction: float, groups: ArrayLike | None, seed: int
) -> tuple[Part, Part | None]:
    """Return the rows to learn from and, with a ``fraction`` above 0, the inner validation part.

    That is the lowest of the inner folds ``groups``, or without them a fraction of each class.
    """
    if groups is not None and np.shape(groups) != (len(rows),):
        raise ParameterError(
            f"{len(rows)} rows and groups of shape {np.shape(groups)}; "
            "expected an inner fold for each row"
        )
    if not fraction:
        return Part(rows, targets), None
    train, valid = (
        inner_split(targets, fraction, seed) if groups is None else fold_split(np.asarray(groups))
    )
    lost = np.setdiff1d(targets, targets[train])
    if len(lost):
        raise ParameterError(
            f"{len(lost)} classes are in the inner validation part only and would never be "
            "learned; give valid=0"
        )
    return Part(rows.subset(train), targets[train]), Part(rows.subset(valid), targets[valid])


def encoded(X: Any, y: ArrayLike) -> tuple[NDArray[Any], Targets]:
    """Return the sorted classes among the labels ``y``, and the place of each label among them.

    Raises
    ------
    ParameterError
        If there is not one label for each of the rows ``X``, or fewer than two rows or classes.
    """
    labels = column_or_1d(y)
    classes, targets = np.unique(labels, return_inverse=True)
    if len(labels) < 2 or len(classes) < 2:
        raise ParameterError(
            f"{len(labels)} clips of {len(classes)} classes: training needs two of each at least"
        )
    count = len(X) if isinstance(X, (list, tuple)) else X.shape[0]
    if count != len(labels):
        raise ParameterError(f"{count} rows and {len(labels)} labels")
    return classes, targets


def labelled(rows: Rows, y: ArrayLike, classes: NDArray[Any]) -> Part:
    """Return rows with their labels as places in ``classes``, −1 for a label that is not among
    them.

    Raises
    ------
    ParameterError
        If there is not one label for each row, or none of them is among the classes.
    """
    labels = np.asarray(y)
    if labels.shape != (len(rows),):
        raise ParameterError(f"eval_set has {len(rows)} rows and labels of shape {labels.shape}")
    learned = np.isin(labels, classes)
    if not learned.any():
        raise ParameterError("eval_set has no label that the training rows have")
    return Part(rows, np.where(learned, np.searchsorted(classes, labels), -1))


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
        self.resident: Tensor | None = None
        if (
            self.device.type == "cuda"
            and rows.resident
            and rows.nbytes <= torch.cuda.mem_get_info(self.device)[0] // 2
        ):
            self.resident = torch.from_numpy(rows.take(np.arange(len(rows)))).to(self.device)

    def batches(self, parts: Sequence[Index], epoch: int = 0) -> Iterator[Tensor]:
        """Yield the tensor of each part of the rows, in order."""
        if self.resident is not None:
            for part in parts:
                yield self.resident[torch.from_numpy(part).to(self.device)].float()
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
