"""One feature in one block while it is computed: which rows are due, their values, what failed."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from featkit import audio
from featkit.errors import FeatkitError, StoreError
from featkit.extraction.task import DEVICES, Due, Heard, Task
from featkit.features import Feature
from featkit.naming.plugins import FAULTS, as_exception, one_process, stated
from featkit.store import records
from featkit.store.records import DONE, FAILED, MISSING, Record
from featkit.store.shelf import Shelf
from featkit.store.writing import enter, pieces_of, write_block

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
        New values, one for each clip of the block.
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
        self.entries = stored.entries.copy()
        self._before = Record(stored.entries, stored.generation)
        self._pieces: dict[int, list[bytes]] = {}
        self._damaged: set[int] = set()

    def heard(self, i: int, heard: Heard) -> None:
        """Make row ``i`` due if it is not done, or was made from other audio."""
        content = records.from_hexadecimal(heard.content)
        same = (self.entries["content"][i] == content).all()
        self.due[i] |= self.stored.entries["status"][i] != DONE or not same
        self.entries["content"][i] = content
        self.entries["file"][i] = records.from_hexadecimal(heard.file)
        self.entries["size"][i], self.entries["mtime"][i] = heard.size, heard.mtime

    def unreadable(self, i: int, reason: str) -> None:
        """Note that the audio of row ``i`` cannot be read.

        A valid row stays valid, since a folder may be out of reach for a while only.
        """
        self.due[i] = self.stored.entries["status"][i] != DONE or i in self._damaged
        self.entries[i] = self.stored.entries[i]
        if self.due[i]:
            self.entries[i] = np.zeros((), dtype=records.ENTRY)
            self.errors[i] = ("read", reason)

    def undecodable(self, i: int, error: Exception) -> None:
        """Note that the audio of row ``i`` cannot be decoded."""
        if self.due[i]:
            self.errors[i] = ("decode", stated(error))

    def compute(self, i: int, signal: audio.Signal) -> None:
        """Compute row ``i`` if it is due and needs no neighbours."""
        if self.due[i] and not self.together:
            self._take(i, computed(self.feature, [signal], "cpu")[0])

    def keep(self) -> list[int]:
        """Read the rows that stay as they are, and return those that turn out damaged.

        The damaged ones are due from now on.
        """
        status = self.stored.entries["status"]
        stays = np.flatnonzero((status != MISSING) & ~self.due)
        if not self._changed() or not len(stays):
            return []
        try:
            stored = self.shelf.read_block(self.block)
        except StoreError:
            self.due[stays] = True
            self._damaged = {int(i) for i in stays}
            return sorted(self._damaged)
        self._before = stored.record
        for i in map(int, stays[status[stays] == DONE]):
            pieces = stored.pieces(i)
            if isinstance(pieces, StoreError):
                self.due[i] = True
                self._damaged.add(i)
            else:
                self._pieces[i] = pieces
        return sorted(self._damaged)

    def compute_together(self, signals: Mapping[int, audio.Signal]) -> None:
        """Compute all rows of the block in one call if any is due and they belong together."""
        if not self.together or not self.due.any():
            return
        rows = [i for i in signals if i not in self.errors]
        self.due[rows] = True
        values = computed(self.feature, [signals[i] for i in rows], self.device)
        for i, value in zip(rows, values, strict=True):
            self._take(i, value)

    def write(self) -> None:
        """Write the block if anything in it has changed."""
        if not self._changed():
            return
        rows = [self._pieces.get(i, []) for i in range(len(self.values))]
        for i in map(int, np.flatnonzero(self.due)):
            self.entries["code"][i] = self.stored.code
            self.entries["device"][i] = DEVICES.index(self.device)
            for name in ("status", "length", "sum"):
                self.entries[name][i] = 0
            value = self.values[i]
            rows[i] = []
            if value is not None:
                rows[i] = pieces_of(self.shelf, value)
                enter(self.shelf, self.entries, i, rows[i], len(value) if value.ndim else 1)
            elif i in self.errors:
                self.entries["status"][i] = FAILED
        errors = {
            int(i): self._before.errors[int(i)]
            for i in np.flatnonzero((self.entries["status"] == FAILED) & ~self.due)
        }
        for i, (stage, reason) in self.errors.items():
            errors[i] = json.dumps({"stage": stage, "error": reason})
        write_block(self.shelf, self.block, rows, self.entries, errors, self._before)

    def _changed(self) -> bool:
        return bool(self.due.any() or self.entries.tobytes() != self.stored.entries.tobytes())

    def _take(self, i: int, value: Row | Exception) -> None:
        if isinstance(value, Exception):
            problem = stated(value)
        else:
            problem = problem_of(value, self.feature, self.shelf.dtype)
        if problem:
            self.errors[i] = (self.feature.canonical, problem)
        else:
            self.values[i] = value  # type: ignore[assignment]


def computed(
    feature: Feature, signals: Sequence[audio.Signal], device: str
) -> list[Row | Exception]:
    """Return what ``feature`` makes of each signal.

    An error that it does not attribute to one signal counts for all of them.
    """
    try:
        with one_process():
            values = list(feature.compute(signals, device))
    except FAULTS as error:
        return [as_exception(error)] * len(signals)
    if len(values) == len(signals):
        return values
    problem = FeatkitError(f"gave {len(values)} rows for {len(signals)} clips")
    return [problem] * len(signals)


def problem_of(value: object, feature: Feature, dtype: DTypeLike = np.float32) -> str:
    """Return why ``value`` is not a valid row of ``feature`` in ``dtype``, or nothing."""
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
        lost = int(np.count_nonzero(~np.isfinite(value.astype(dtype, copy=False))))
    if lost:
        hint = ", whose range ends at 65,504: use float32" if dtype == np.float16 else ""
        return f"{lost} of {value.size} values are not finite in {np.dtype(dtype)}{hint}"
    return ""
