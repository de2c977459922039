"""One feature in one block while it is computed: which rows are due, their values, what failed."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from featkit import audio
from featkit.errors import FeatkitError
from featkit.extraction.task import DEVICES, Due, Task, word
from featkit.features import Feature
from featkit.store import layout
from featkit.store.shelf import Shelf

Row = NDArray[Any]


class Work:
    """One feature in one block.

    Parameters
    ----------
    task : Task
    stored : Due
        What the store has of the block, and which rows must be computed whatever their audio is.
    shelf : Shelf
        Where the feature is kept.

    Attributes
    ----------
    due : ndarray of bool
        Rows to compute.
    values : list of ndarray or None
        One for each clip of the block.
    errors : dict of int to (str, str)
        Stage and reason of each row that failed.
    together : bool
        Whether all clips of the block are computed in one call if any of them is due.
    """

    def __init__(self, task: Task, stored: Due, shelf: Shelf) -> None:
        self.feature, self.stored, self.shelf = stored.feature, stored, shelf
        self.block, self.device = task.block, task.device
        self.together = task.whole(stored.feature)
        self.due = stored.due.copy()
        self.values: list[Row | None] = [None] * len(task.sources)
        self.errors: dict[int, tuple[str, str]] = {}

    def heard(self, i: int, content: str) -> None:
        """Make row ``i`` due if it is not done, or was made from audio of another ``content``."""
        done = self.stored.status[i] == layout.DONE
        self.due[i] |= not done or int(self.stored.identity[i, 0]) != word(content)

    def unreadable(self, i: int, reason: str) -> None:
        """Note that the audio of row ``i`` cannot be read.

        A valid row stays valid, since a folder may be out of reach for a while only.
        """
        self.due[i] = self.stored.status[i] != layout.DONE
        if self.due[i]:
            self.errors[i] = ("read", reason)

    def undecodable(self, i: int, error: Exception) -> None:
        """Note that the audio of row ``i`` cannot be decoded."""
        if self.due[i]:
            self.errors[i] = ("decode", _reason(error))

    def compute(self, i: int, signal: audio.Signal) -> None:
        """Compute row ``i`` if it is due and needs no neighbours."""
        if self.due[i] and not self.together:
            self._take(i, _computed(self.feature, [signal], "cpu")[0])

    def keep(self) -> list[int]:
        """Read the valid rows that stay as they are, and return those that turn out damaged.

        The damaged ones are due from now on.
        """
        if not self.due.any():
            return []
        valid = [int(i) for i in np.flatnonzero((self.stored.status == layout.DONE) & ~self.due)]
        lengths = self.stored.lengths
        damaged = []
        stored = self.shelf.read_block(
            self.block, valid, None if lengths is None else [int(lengths[i]) for i in valid]
        )
        for i, row in zip(valid, stored, strict=True):
            if isinstance(row, Exception):
                self.due[i] = True
                damaged.append(i)
            else:
                self.values[i] = row
        return damaged

    def compute_together(self, signals: dict[int, audio.Signal]) -> None:
        """Compute all rows of the block in one call if any is due and they belong together."""
        if not self.together or not self.due.any():
            return
        rows = [i for i in signals if i not in self.errors]
        self.due[rows] = True
        values = _computed(self.feature, [signals[i] for i in rows], self.device)
        for i, value in zip(rows, values, strict=True):
            self._take(i, value)

    def write(self, contents: Sequence[str]) -> None:
        """Write the block if any row of it was due; ``contents`` are the hashes of its audio."""
        if not self.due.any():
            return
        stored = self.stored
        identity = stored.identity.copy()
        replaced = (stored.status[self.due] == layout.DONE).any()
        for i in map(int, np.flatnonzero(self.due)):
            identity[i] = word(contents[i]), stored.code, DEVICES.index(self.device)
        self.shelf.write_block(
            self.block,
            self.values,
            identity,
            self._ledger(),
            until_then=np.where(self.due, layout.MISSING, stored.status).astype(np.uint8)
            if replaced
            else None,
            had_errors=bool((stored.status == layout.FAILED).any()),
        )

    def _ledger(self) -> dict[int, str]:
        """Return the reasons of all failed rows, of earlier runs too, as JSON."""
        lines: dict[int, str] = {}
        earlier = np.flatnonzero((self.stored.status == layout.FAILED) & ~self.due)
        if len(earlier):
            texts = self.shelf.column_block("error", self.block, len(self.stored.status))
            lines = {int(i): str(texts[i]) for i in earlier}
        for i, (stage, reason) in self.errors.items():
            lines[i] = json.dumps({"stage": stage, "error": reason})
        return lines

    def _take(self, i: int, value: Row | Exception) -> None:
        problem = (
            _reason(value) if isinstance(value, Exception) else problem_of(value, self.feature)
        )
        if problem:
            self.errors[i] = (self.feature.canonical, problem)
        else:
            self.values[i] = value  # type: ignore[assignment]


def _reason(error: Exception) -> str:
    """Return an error as the ledger states it: errors raised on purpose speak for themselves."""
    return str(error) if isinstance(error, FeatkitError) else f"{type(error).__name__}: {error}"


def _computed(
    feature: Feature, signals: Sequence[audio.Signal], device: str
) -> list[Row | Exception]:
    """Return what ``feature`` makes of each signal.

    An error that it does not attribute to one signal counts for all of them.
    """
    try:
        return list(feature.compute(signals, device))
    except Exception as error:
        return [error] * len(signals)


def problem_of(value: object, feature: Feature) -> str:
    """Return why ``value`` is not a valid row of ``feature``, or nothing."""
    if not isinstance(value, np.ndarray):
        return f"gave a {type(value).__name__}; expected an array of real numbers"
    if value.dtype.kind not in "fiub":
        return f"gave an array of {value.dtype}; expected an array of real numbers"
    expected = feature.stored_shape
    fits = value.ndim == len(expected) and all(
        size in (None, got) for size, got in zip(expected, value.shape, strict=True)
    )
    if not fits:
        return f"gave an array of shape {value.shape}; it promises {expected}"
    if value.ndim and not len(value):
        return "gave an array without frames"
    with np.errstate(over="ignore"):
        lost = int(np.count_nonzero(~np.isfinite(value.astype(np.float32, copy=False))))
    if lost:
        return f"{lost} of {value.size} values are not finite in float32"
    return ""
