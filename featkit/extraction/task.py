"""The unit of work: one block of clips, what is due in it, and what came of it. Plain data that
travels to a worker.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from featkit.audio import stamp
from featkit.features import Feature
from featkit.store.records import Entries

DEVICES = ("cpu", "cuda")


@dataclass(frozen=True)
class Source:
    """Where the audio of one row lies."""

    id: str
    path: str
    start: float = 0.0
    duration: float | None = None

    @property
    def is_excerpt(self) -> bool:
        """Whether the row is of a part of the file."""
        return bool(self.start) or self.duration is not None


class Heard(NamedTuple):
    """What was read for a row: hashes of its audio and of the whole file, and the file's stamp."""

    content: str
    file: str
    size: int
    mtime: int


@dataclass(frozen=True, eq=False)
class Due:
    """One feature of a block.

    Attributes
    ----------
    feature : Feature
    code : int
        Fingerprint of its code.
    due : ndarray of bool
        Rows that must be computed whatever their audio is.
    entries : structured ndarray
        What the store has of all rows: `featkit.store.records.Record.entries`.
    generation : int
        How often the block has been written.
    """

    feature: Feature
    code: int
    due: NDArray[np.bool_]
    entries: Entries
    generation: int


@dataclass(frozen=True, eq=False)
class Task:
    """One block of clips: the unit of work, of writing and of repair.

    Attributes
    ----------
    store : str
        The store's path or URL.
    token : str
        Changes from run to run.
    first : int
        Row of the block's first clip.
    sources : tuple of Source
        One for each clip of the block.
    look : ndarray of bool
        Clips whose audio must be read.
    """

    store: str
    token: str
    block: int
    first: int
    sources: tuple[Source, ...]
    look: NDArray[np.bool_]
    features: tuple[Due, ...]
    device: str = "cpu"

    def whole(self, feature: Feature) -> bool:
        """Whether all clips of the block are computed together, in the same batches each time, if
        any of them is due.
        """
        return feature.batched or self.device != "cpu"


@dataclass(frozen=True)
class Failure:
    """One line of the ledger: what failed, at which stage (``read``, ``decode``, ``worker`` or a
    feature) and why.
    """

    row: int
    id: str
    path: str
    stage: str
    error: str


@dataclass(frozen=True)
class Outcome:
    """What a task did: rows computed and failed for each feature's key, the ledger's new lines,
    seconds of audio decoded.
    """

    block: int
    n_looked: int
    computed: dict[str, int] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    audio_seconds: float = 0.0


def stat(path: str) -> tuple[int, int]:
    """Return what tells that audio changed: `featkit.audio.stamp`."""
    return stamp(path)
