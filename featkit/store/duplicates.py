"""Clips that hold the same recording in other bytes, as an inspection of a store found them.

They are kept by the content of their audio, so that a renamed clip stays a copy and one whose audio
has changed does not.
"""

import json
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from featkit.errors import StoreError
from featkit.store.objects import Objects
from featkit.store.recordings import connected

PLACE = "duplicates.json"

# Hashes of the audio of two clips.
Pair = tuple[str, str]


def read(objects: Objects) -> list[Pair]:
    """Return the pairs of copies that are known of a store.

    Raises
    ------
    StoreError
        If their list is damaged.
    """
    data = objects.get(PLACE)
    if data is None:
        return []
    try:
        return [(str(a), str(b)) for a, b in json.loads(data)]
    except (TypeError, ValueError) as error:
        raise StoreError(
            f"{PLACE!r} in the store {objects.path!r} is damaged: 'featkit inspect' writes it anew"
        ) from error


def encoded(pairs: Iterable[Pair]) -> bytes | None:
    """Return the object at `PLACE` for some pairs; None, no object, for none."""
    known = sorted({(min(pair), max(pair)) for pair in pairs})
    return json.dumps(known).encode() if known else None


def sets(objects: Objects, contents: NDArray[np.str_]) -> NDArray[np.str_]:
    """Return for each content a name that copies share; empty where no copy is known.

    Raises
    ------
    StoreError
        As `read`.
    """
    pairs = read(objects)
    if not pairs:
        return np.full(len(contents), "", dtype=str)
    names = np.array([name for pair in pairs for name in pair])
    both = np.repeat(np.arange(len(pairs)), 2).astype(str)
    first: dict[int, str] = {}
    owner = {
        str(name): first.setdefault(int(number), str(name))
        for name, number in zip(names, connected([names, both], len(names)), strict=True)
    }
    return np.array([owner.get(str(content), "") for content in contents], dtype=str)
