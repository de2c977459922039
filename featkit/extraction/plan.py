"""What must be done: compare the store with the dataset, the audio and the code, and make one task
of each block that is due.
"""

import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from featkit.extraction.task import Due, Source, Task, stat, word
from featkit.features import Feature
from featkit.naming import fingerprint
from featkit.store import Store, layout
from featkit.store.index import Index
from featkit.store.shelf import Shelf


@dataclass(frozen=True, eq=False)
class State:
    """How the rows of one feature stand, one entry per row of the store.

    ``status`` and ``identity`` are as stored; ``reasons`` maps a reason (``audio changed``, ``audio
    missing``, ``code changed``, ``shard missing``) to the valid rows that it makes stale.
    """

    status: NDArray[np.uint8]
    identity: NDArray[np.uint64]
    lengths: NDArray[np.int32] | None
    reasons: dict[str, NDArray[np.bool_]]

    @property
    def stale(self) -> NDArray[np.bool_]:
        """Valid rows that no longer are what extraction would give now."""
        stale: NDArray[np.bool_] = np.logical_or.reduce(
            [np.zeros(len(self.status), dtype=bool), *self.reasons.values()]
        )
        return stale


@dataclass(frozen=True, eq=False)
class Audio:
    """What became of each row's audio since it was read: ``changed`` (size, time, or never read)
    and ``gone``.
    """

    changed: NDArray[np.bool_]
    gone: NDArray[np.bool_]


def look_at_audio(index: Index, rows: NDArray[np.int64]) -> Audio:
    """Return which of ``rows`` have audio that changed since it was read, by size and time."""
    changed, gone = np.zeros(len(index), dtype=bool), np.zeros(len(index), dtype=bool)
    places = [index.location(int(row)) for row in rows]
    if any(map(layout.is_remote, places)):
        with ThreadPoolExecutor(32) as pool:
            found = list(pool.map(_stat_or_none, places))
    else:
        found = [_stat_or_none(place) for place in places]
    for row, now in zip(rows, found, strict=True):
        gone[row] = now is None
        changed[row] = now is not None and now != (index["size"][row], index["mtime"][row])
    return Audio(changed, gone)


def _stat_or_none(path: str) -> tuple[int, int] | None:
    try:
        return stat(path)
    except OSError:
        return None


def state(shelf: Shelf, index: Index, audio: Audio, code: int | None) -> State:
    """Return how the rows of a feature stand; ``code`` None means that its code cannot be found."""
    n = len(index)
    status = shelf.column("status").astype(np.uint8)
    identity = shelf.column("identity").astype(np.uint64)
    lengths = shelf.column("length").astype(np.int32) if shelf.ragged else None
    words = np.array([word(content) for content in index["content"]], dtype=np.uint64)
    done = status == layout.DONE
    present = np.zeros(-(-n // shelf.block) if n else 0, dtype=bool)
    present[
        [block for block, stretch in shelf.shards() if stretch == 0 and block < len(present)]
    ] = True
    lost = ~np.repeat(present, shelf.block)[:n]
    reasons = {
        "shard missing": done & lost,
        "audio changed": done & ~lost & (audio.changed | (identity[:, 0] != words)),
        "audio missing": done & ~lost & audio.gone,
        "code changed": done & ~lost & ((identity[:, 1] != code) if code is not None else False),
    }
    return State(
        status, identity, lengths, {reason: rows for reason, rows in reasons.items() if rows.any()}
    )


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
    wanted = np.zeros(len(index), dtype=bool)
    wanted[rows] = True
    look = wanted & (audio.changed | rehash)
    states, due = [], []
    for feature in features:
        code = fingerprint.of_feature(feature)
        found = state(Shelf(store.group, feature.key), index, audio, code)
        rows_due = wanted & ((found.status != layout.DONE) | overwrite)
        for reason, stale in found.reasons.items():
            if reason in ("shard missing", "code changed"):
                rows_due |= wanted & stale
            else:
                look = look | (wanted & stale)
        states.append((feature, code, found))
        due.append(rows_due)
    look = look | np.logical_or.reduce(due)
    token, step = uuid.uuid4().hex, store.shard_clips
    tasks = []
    for first in range(0, len(index), step):
        part = slice(first, min(first + step, len(index)))
        if look[part].any():
            tasks.append(
                _task(store, index, token, part, look, [*zip(states, due, strict=True)], device)
            )
    return tasks


def _task(
    store: Store,
    index: Index,
    token: str,
    part: slice,
    look: NDArray[np.bool_],
    states: list[Any],
    device: str,
) -> Task:
    dues = tuple(
        Due(
            feature,
            code,
            due[part],
            found.status[part],
            found.identity[part],
            None if found.lengths is None else found.lengths[part],
        )
        for (feature, code, found), due in states
    )
    task = Task(
        store=store.path,
        token=token,
        block=part.start // store.shard_clips,
        first=part.start,
        sources=tuple(_source(index, row) for row in range(part.start, part.stop)),
        look=look[part].copy(),
        features=dues,
        device=device,
    )
    if any(task.whole(due.feature) for due in dues):
        task.look[:] |= index["active"][part] == 1
    return task


def _source(index: Index, row: int) -> Source:
    duration = float(index["duration"][row])
    return Source(
        id=str(index["id"][row]),
        path=index.location(row),
        start=float(index["start"][row]),
        duration=None if np.isnan(duration) else duration,
        content=str(index["content"][row]),
    )
