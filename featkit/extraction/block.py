"""What one worker does: read the clips of one block once, and compute and write every feature."""

from collections.abc import Iterable
from itertools import groupby

import numpy as np

from featkit import audio
from featkit.audio.excerpts import Excerpts
from featkit.audio.recording import Recording
from featkit.errors import FeatkitError, SchedulerError
from featkit.extraction.task import Due, Failure, Heard, Outcome, Task, stat
from featkit.extraction.work import Work
from featkit.features import lineage
from featkit.naming import loaded
from featkit.store import Shelf, Store


def run(task: Task) -> Outcome:
    """Do one task and return what was done.

    The store then holds every row of the block, or the reason why it failed.
    """
    return _Block(task).run()


_open: dict[str, tuple[str, dict[str, Shelf]]] = {}


def _shelves(task: Task) -> dict[str, Shelf]:
    """Return the shelves of the task's features by key; those of one run stay open."""
    token, shelves = _open.get(task.store, ("", {}))
    if token != task.token:
        for due in task.features:
            _check_code(due)
        store = Store(task.store, mode="r+")
        shelves = {due.feature.key: store.shelf(due.feature.key) for due in task.features}
        _open.clear()
        _open[task.store] = (task.token, shelves)
    return shelves


def _check_code(due: Due) -> None:
    """Raise SchedulerError if this process would not run the code that the task is for."""
    try:
        loaded.check(type(due.feature).__module__)
        same = lineage.fingerprint(due.feature) == due.code
    except loaded.StaleCodeError as error:
        raise SchedulerError(f"a worker runs old code: {error}") from error
    if not same:
        raise SchedulerError(
            f"a worker has other code of {due.feature.canonical} than this process; give it the "
            "same code and restart it"
        )


class _Block:
    """The clips of one task while it runs."""

    def __init__(self, task: Task) -> None:
        self.task = task
        shelves = _shelves(task)
        self.works = [Work(task, due, shelves[due.feature.key]) for due in task.features]
        self.signals: dict[int, audio.Signal] = {}
        self.unread: dict[int, str] = {}
        self.audio_seconds = 0.0

    def run(self) -> Outcome:
        self._listen_to(map(int, np.flatnonzero(self.task.look)))
        for work in self.works:
            self._listen_to(work.keep())
        for work in self.works:
            work.compute_together(self.signals)
        for work in self.works:
            work.write()
        return self._outcome()

    def _listen_to(self, rows: Iterable[int]) -> None:
        """Read some clips, each file once, see which features they are due for, and compute what
        needs no neighbours.
        """
        sources = self.task.sources
        for path, group in groupby(rows, key=lambda i: sources[i].path):
            waiting = list(group)
            try:
                size, mtime = stat(path)
                # An open file is read in parts; that of one excerpt serves the others too.
                one = max((sources[i] for i in waiting), key=lambda source: source.is_excerpt)
                with audio.part(path, one.start, one.duration) as data:
                    excerpts = self._excerpts(path, data)
                    while waiting:
                        self._listen(waiting[0], excerpts, size, mtime)
                        waiting.pop(0)
            except (OSError, FeatkitError) as error:
                for i in waiting:
                    self._unread(i, getattr(error, "strerror", None) or str(error))

    def _excerpts(self, path: str, data: bytes | Recording) -> Excerpts:
        """Return all of the block's clips of one file, also those that are not asked for: what is
        decoded together does not depend on what is due.
        """
        own = ((i, one) for i, one in enumerate(self.task.sources) if one.path == path)
        return Excerpts(data, {i: (one.start, one.duration) for i, one in own})

    def _unread(self, i: int, reason: str) -> None:
        self.unread[i] = reason
        for work in self.works:
            work.unreadable(i, reason)

    def _listen(self, i: int, excerpts: Excerpts, size: int, mtime: int) -> None:
        source, data = self.task.sources[i], excerpts.data
        content = audio.content_hash(data, source.start, source.duration)
        whole = audio.content_hash(data) if source.is_excerpt else content
        heard = Heard(content, whole, size, mtime)
        for work in self.works:
            work.heard(i, heard)
        together = any(work.together for work in self.works)
        if not together and not any(work.due[i] for work in self.works):
            return
        try:
            signal = excerpts.signal(i)
        except Exception as error:
            for work in self.works:
                work.undecodable(i, error)
            return
        self.audio_seconds += signal.duration
        for work in self.works:
            work.compute(i, signal)
        if together:
            self.signals[i] = signal

    def _outcome(self) -> Outcome:
        lines: dict[tuple[int, str], Failure] = {}
        for i, reason in self.unread.items():
            lines[i, "read"] = self._line(i, "read", reason)
        for work in self.works:
            for i, (stage, reason) in sorted(work.errors.items()):
                lines.setdefault((i, stage), self._line(i, stage, reason))
        return Outcome(
            block=self.task.block,
            n_looked=int(self.task.look.sum()),
            computed={
                work.feature.key: int(work.due.sum()) - len(work.errors) for work in self.works
            },
            failed={work.feature.key: len(work.errors) for work in self.works},
            failures=tuple(lines.values()),
            audio_seconds=self.audio_seconds,
        )

    def _line(self, i: int, stage: str, reason: str) -> Failure:
        source = self.task.sources[i]
        return Failure(self.task.first + i, source.id, source.path, stage, reason)
