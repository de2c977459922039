"""What one worker does: read the clips of one block, compute every feature that is due, write each
feature's shard.
"""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from featkit import audio
from featkit.audio.recording import Recording
from featkit.errors import FeatkitError
from featkit.extraction.task import DEVICES, Due, Failure, Outcome, Task, stat, word
from featkit.features import Feature
from featkit.store import Store, layout, shards
from featkit.store.shelf import Shelf

Row = NDArray[Any]


def run(task: Task) -> Outcome:
    """Do one task and return what was done; the store then holds every row of it, or why a row
    failed.
    """
    return _Block(task).run()


_open: dict[str, tuple[str, dict[str, Shelf]]] = {}


def _shelves(task: Task) -> list[Shelf]:
    """Return the shelves of the task; those of the last run stay open, since a run makes many tasks
    of them.
    """
    token, shelves = _open.get(task.store, ("", {}))
    if token != task.token:
        store = Store(task.store, mode="r+")
        shelves = {due.feature.key: Shelf(store.group, due.feature.key) for due in task.features}
        _open.clear()
        _open[task.store] = (task.token, shelves)
    return [shelves[due.feature.key] for due in task.features]


class _Block:
    """The clips of one task while it runs."""

    def __init__(self, task: Task) -> None:
        self.task = task
        n = len(task.sources)
        self.shelves = _shelves(task)
        self.contents = [source.content for source in task.sources]
        self.stats: dict[int, tuple[int, int]] = {}
        self.due = [due.due.copy() for due in task.features]
        self.values: list[list[Row | None]] = [[None] * n for _ in task.features]
        self.errors: list[dict[int, tuple[str, str]]] = [{} for _ in task.features]
        self.signals: dict[int, audio.Signal] = {}
        self.unread: dict[int, str] = {}
        self.audio_seconds = 0.0

    def run(self) -> Outcome:
        for i in np.flatnonzero(self.task.look):
            self._row(int(i))
        for number in range(len(self.task.features)):
            self._keep(number)
        for number, due in enumerate(self.task.features):
            if self.task.whole(due.feature) and self.due[number].any():
                self._together(number, due.feature)
        for number, (due, shelf) in enumerate(zip(self.task.features, self.shelves, strict=True)):
            if self.due[number].any():
                self._write(number, due, shelf)
        self._write_contents()
        return self._outcome()

    def _row(self, i: int) -> None:
        """Read one clip, see which features it is due for, and compute those that need no
        neighbours.
        """
        source = self.task.sources[i]
        try:
            self.stats[i] = stat(source.path)
            with audio.part(source.path, source.start, source.duration) as data:
                self._look(i, data)
        except (OSError, FeatkitError) as error:
            self.stats.pop(i, None)
            self._unreadable(i, getattr(error, "strerror", None) or str(error))

    def _look(self, i: int, data: bytes | Recording) -> None:
        source = self.task.sources[i]
        self.contents[i] = audio.content_hash(data, source.start, source.duration)
        for number, due in enumerate(self.task.features):
            self.due[number][i] |= due.status[i] != layout.DONE or int(due.identity[i, 0]) != word(
                self.contents[i]
            )
        together = [self.task.whole(due.feature) for due in self.task.features]
        if not any(due[i] for due in self.due) and not any(together):
            return
        try:
            signal = audio.decode(data, source.start, source.duration)
        except Exception as error:
            for number in range(len(self.task.features)):
                if self.due[number][i]:
                    self.errors[number][i] = ("decode", _told(error))
            return
        self.audio_seconds += signal.duration
        for number, due in enumerate(self.task.features):
            if self.due[number][i] and not together[number]:
                self._take(number, i, _computed(due.feature, [signal], "cpu")[0])
        if any(together):
            self.signals[i] = signal

    def _unreadable(self, i: int, reason: str) -> None:
        """Note audio that cannot be read; rows that are valid stay so, since a folder may only be
        out of reach.
        """
        self.unread[i] = reason
        for number, due in enumerate(self.task.features):
            if due.status[i] == layout.DONE:
                self.due[number][i] = False
            else:
                self.due[number][i] = True
                self.errors[number][i] = ("read", reason)

    def _keep(self, number: int) -> None:
        """Take the rows that are not due from the store; one that is damaged there becomes due."""
        due, shelf = self.task.features[number], self.shelves[number]
        if not self.due[number].any():
            return
        kept = [int(i) for i in np.flatnonzero((due.status == layout.DONE) & ~self.due[number])]
        if not kept:
            return
        lengths = None if due.lengths is None else [int(due.lengths[i]) for i in kept]
        for i, row in zip(kept, shelf.read_block(self.task.block, kept, lengths), strict=True):
            if isinstance(row, Exception):
                self.due[number][i] = True
                self._row(i)
            else:
                self.values[number][i] = row

    def _together(self, number: int, feature: Feature) -> None:
        rows = [i for i in self.signals if i not in self.errors[number]]
        self.due[number][rows] = True
        for i, value in zip(
            rows, _computed(feature, [self.signals[i] for i in rows], self.task.device), strict=True
        ):
            self._take(number, i, value)

    def _take(self, number: int, i: int, value: Row | Exception) -> None:
        feature = self.task.features[number].feature
        problem = _told(value) if isinstance(value, Exception) else _problem(value, feature)
        if problem:
            self.errors[number][i] = (feature.canonical, problem)
        else:
            self.values[number][i] = value  # type: ignore[assignment]

    def _write(self, number: int, due: Due, shelf: Shelf) -> None:
        identity = due.identity.copy()
        replaced = (due.status[self.due[number]] == layout.DONE).any()
        for i in np.flatnonzero(self.due[number]):
            identity[i] = word(self.contents[i]), due.code, DEVICES.index(self.task.device)
        texts = {
            i: json.dumps({"stage": stage, "error": text})
            for i, (stage, text) in self.errors[number].items()
        }
        shelf.write_block(
            self.task.block,
            self.values[number],
            identity,
            self._ledger(number, due, shelf) | texts,
            until_then=np.where(self.due[number], layout.MISSING, due.status).astype(np.uint8)
            if replaced
            else None,
            had_errors=bool((due.status == layout.FAILED).any()),
        )

    def _ledger(self, number: int, due: Due, shelf: Shelf) -> dict[int, str]:
        """Return the ledger's lines of rows that failed before and are not looked at now."""
        failed = np.flatnonzero((due.status == layout.FAILED) & ~self.due[number])
        if not len(failed):
            return {}
        texts = shelf.column_block("error", self.task.block, len(due.status))
        return {int(i): str(texts[i]) for i in failed}

    def _write_contents(self) -> None:
        """Write which audio was read, and its size and time, so that the next run need not read it."""
        if not self.stats:
            return
        group, first, rows = self.shelves[0].group, self.task.first, sorted(self.stats)
        count, objects = len(self.contents), []
        for name, found in (
            ("content", [self.contents[i] for i in rows]),
            ("size", [self.stats[i][0] for i in rows]),
            ("mtime", [self.stats[i][1] for i in rows]),
        ):
            values = np.array(found, dtype=object if name == "content" else np.int64)
            if len(rows) < count:
                array: Any = group[name]
                every = np.asarray(array[first : first + count]).astype(values.dtype)
                every[rows] = values
                values = every
            objects.append(
                (f"{name}/c/{self.task.block}", shards.encode_column(values, self.shelves[0].block))
            )
        layout.put_bytes(group, objects)

    def _outcome(self) -> Outcome:
        keys = [due.feature.key for due in self.task.features]
        lines: dict[tuple[int, str], Failure] = {}
        for i, reason in self.unread.items():
            lines[i, "read"] = self._line(i, "read", reason)
        for errors in self.errors:
            for i, (stage, reason) in sorted(errors.items()):
                lines.setdefault((i, stage), self._line(i, stage, reason))
        return Outcome(
            block=self.task.block,
            n_looked=int(self.task.look.sum()),
            computed={
                key: int(due.sum()) - len(errors)
                for key, due, errors in zip(keys, self.due, self.errors, strict=True)
            },
            failed={key: len(errors) for key, errors in zip(keys, self.errors, strict=True)},
            failures=tuple(lines.values()),
            audio_seconds=self.audio_seconds,
        )

    def _line(self, i: int, stage: str, reason: str) -> Failure:
        source = self.task.sources[i]
        return Failure(self.task.first + i, source.id, source.path, stage, reason)


def _told(error: Exception) -> str:
    """Return an error as the ledger says it: errors raised on purpose speak for themselves."""
    return str(error) if isinstance(error, FeatkitError) else f"{type(error).__name__}: {error}"


def _computed(
    feature: Feature, signals: Sequence[audio.Signal], device: str
) -> list[Row | Exception]:
    """Return what ``feature`` makes of each signal; an error that it does not attribute to one is
    the error of all.
    """
    try:
        return list(feature.compute(signals, device))
    except Exception as error:
        return [error] * len(signals)


def _problem(value: Row, feature: Feature) -> str:
    """Return why ``value`` is no valid row of ``feature``, or nothing."""
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "fiub":
        kind = (
            f"an array of {value.dtype}"
            if isinstance(value, np.ndarray)
            else f"a {type(value).__name__}"
        )
        return f"gave {kind}; expected an array of real numbers"
    expected = feature.stored_shape
    fits = value.ndim == len(expected) and all(
        want in (None, got) for want, got in zip(expected, value.shape, strict=True)
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
