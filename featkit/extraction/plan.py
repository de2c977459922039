"""What must be done: compare the store with the dataset, the audio and the code, and make one task
of each block that is due.
"""

import uuid
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from featkit.extraction.task import Due, Source, Task, stat
from featkit.features import Feature, lineage
from featkit.store import Shelf, Store
from featkit.store.index import Index
from featkit.store.objects import is_remote
from featkit.store.records import DONE, Entries


@dataclass(frozen=True, eq=False)
class State:
    """How the rows of one feature stand, one entry per row of the store.

    ``entries`` and ``generations`` are as stored; ``reasons`` maps a reason (``audio changed``,
    ``audio missing``, ``code changed``) to the valid rows that it makes stale, and ``damaged`` to
    rows of blocks that cannot be read.
    """

    entries: Entries
    generations: NDArray[np.int64]
    reasons: dict[str, NDArray[np.bool_]]

    @property
    def done(self) -> NDArray[np.bool_]:
        """Rows that have values."""
        done: NDArray[np.bool_] = self.entries["status"] == DONE
        return done

    @property
    def unhashed(self) -> NDArray[np.bool_]:
        """Valid rows of which the hash of the whole file is not known, from an earlier format."""
        unhashed: NDArray[np.bool_] = self.done & ~self.entries["file"].any(axis=1)
        return unhashed

    @property
    def stale(self) -> NDArray[np.bool_]:
        """Valid rows that no longer are what extraction would give now."""
        stale: NDArray[np.bool_] = self.done & np.logical_or.reduce(
            [np.zeros(len(self.entries), dtype=bool), *self.reasons.values()]
        )
        return stale


@dataclass(frozen=True, eq=False)
class Audio:
    """Size and time of change of each row's audio file as they are now; ``gone`` where it is not
    there. Rows that were not looked at are neither gone nor changed.
    """

    looked: NDArray[np.bool_]
    gone: NDArray[np.bool_]
    size: NDArray[np.int64]
    mtime: NDArray[np.int64]

    def changed(self, entries: Entries) -> NDArray[np.bool_]:
        """Return the rows whose audio is not as it was when they were made."""
        same = (entries["size"] == self.size) & (entries["mtime"] == self.mtime)
        changed: NDArray[np.bool_] = self.looked & ~self.gone & ~same
        return changed


def look_at_audio(index: Index, rows: NDArray[np.int64]) -> Audio:
    """Return how the audio files of ``rows`` are now."""
    looked, gone = np.zeros(len(index), dtype=bool), np.zeros(len(index), dtype=bool)
    size, mtime = np.zeros(len(index), dtype=np.int64), np.zeros(len(index), dtype=np.int64)
    places = [index.location(int(row)) for row in rows]
    stamps = file_stamps(places)
    stats = [stamps[place] for place in places]
    looked[rows] = True
    gone[rows] = [now is None for now in stats]
    size[rows] = [now[0] if now else 0 for now in stats]
    mtime[rows] = [now[1] if now else 0 for now in stats]
    return Audio(looked, gone, size, mtime)


def file_stamps(places: Iterable[str]) -> dict[str, tuple[int, int] | None]:
    """Return size and time of change of each file; None where it is not there."""
    files = list(dict.fromkeys(places))
    if any(map(is_remote, files)):
        with ThreadPoolExecutor(32) as pool:
            return dict(zip(files, pool.map(_stat_or_none, files), strict=True))
    return {file: _stat_or_none(file) for file in files}


def _stat_or_none(path: str) -> tuple[int, int] | None:
    try:
        return stat(path)
    except OSError:
        return None


def state(shelf: Shelf, audio: Audio, codes: Sequence[int]) -> State:
    """Return how the rows of a feature stand.

    ``codes`` are the fingerprints of code that gives such rows, none where it cannot be found.
    """
    books = shelf.books()
    entries = books.entries
    done = entries["status"] == DONE
    damaged = np.zeros(len(entries), dtype=bool)
    for block in books.damaged:
        damaged[shelf.rows_of(block)] = True
    reasons = {
        "damaged": damaged,
        "audio changed": done & audio.changed(entries),
        "audio missing": done & audio.gone,
        "code changed": done & (~_any_of(entries["code"], codes) if codes else False),
    }
    reasons = {reason: rows for reason, rows in reasons.items() if rows.any()}
    return State(entries, books.generations, reasons)


def _any_of(values: NDArray[np.uint64], codes: Sequence[int]) -> NDArray[np.bool_]:
    return np.isin(values, np.array(codes, dtype=np.uint64))


def make_tasks(
    store: Store,
    rows: NDArray[np.int64],
    features: Sequence[Feature],
    *,
    device: str,
    rehash: bool,
    overwrite: bool,
) -> list[Task]:
    """Return one task for each block in which a feature or a clip's audio is due.

    Parameters
    ----------
    rows : ndarray of int
        Rows of the clips to bring up to date.
    rehash : bool
        Read all audio again instead of trusting size and time.
    overwrite : bool
        Compute all rows again.
    """
    index = store.index()
    audio = look_at_audio(index, rows)
    chosen = np.zeros(len(index), dtype=bool)
    chosen[rows] = True
    look = chosen & rehash
    stands = [_stand(store.shelf(feature.key), feature, audio) for feature in features]
    for stand in stands:
        stand.due[:] = chosen & (~stand.state.done | overwrite)
        for reason, stale in stand.state.reasons.items():
            if reason == "code changed":
                stand.due[:] |= chosen & stale
            look = look | (chosen & stale)
        look = look | stand.due | (chosen & stand.state.unhashed)
    token, step = uuid.uuid4().hex, store.shard_clips
    tasks = []
    for first in range(0, len(index), step):
        part = slice(first, min(first + step, len(index)))
        if look[part].any():
            job = _Job(store, index, token, device)
            tasks.append(_task(job, part, look, stands))
    return tasks


@dataclass(frozen=True, eq=False)
class _Stand:
    feature: Feature
    code: int
    state: State
    due: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class _Job:
    store: Store
    index: Index
    token: str
    device: str


def _stand(shelf: Shelf, feature: Feature, audio: Audio) -> _Stand:
    codes = lineage.accepted(feature)
    now = state(shelf, audio, codes)
    return _Stand(feature, codes[0], now, np.zeros(len(now.entries), dtype=bool))


def _task(job: _Job, part: slice, look: NDArray[np.bool_], stands: Sequence[_Stand]) -> Task:
    block = part.start // job.store.shard_clips
    dues = tuple(
        Due(
            stand.feature,
            stand.code,
            stand.due[part],
            stand.state.entries[part],
            int(stand.state.generations[block]),
        )
        for stand in stands
    )
    task = Task(
        store=job.store.path,
        token=job.token,
        block=block,
        first=part.start,
        sources=tuple(_source(job.index, row) for row in range(part.start, part.stop)),
        look=look[part].copy(),
        features=dues,
        device=job.device,
    )
    if any(task.whole(due.feature) for due in dues):
        task.look[:] |= job.index["active"][part] == 1
    return task


def _source(index: Index, row: int) -> Source:
    duration = float(index["duration"][row])
    return Source(
        id=str(index["id"][row]),
        path=index.location(row),
        start=float(index["start"][row]),
        duration=None if np.isnan(duration) else duration,
    )
