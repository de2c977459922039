"""How a store stands against the audio and the code it was made from."""

from dataclasses import asdict
from typing import Any

import numpy as np

from featkit.errors import FeatkitError
from featkit.extraction import plan
from featkit.extraction.task import Failure
from featkit.features import get_feature, lineage
from featkit.naming.windowed import clip_of
from featkit.store import Store, StoreShelf
from featkit.store.records import FAILED, MISSING


def status(store: Store) -> dict[str, Any]:
    """Return, for each feature, how many active clips are done, missing, stale (and why) and
    failed.

    Where the clips are ``windows``, that says how long they are and of how many clips.

    Audio is compared by size and time of change, without reading it.
    """
    index = store.index()
    active = index["active"] == 1
    audio = plan.look_at_audio(index, np.flatnonzero(active))
    features = {}
    for shelf in store.shelves():
        codes, note = _codes(shelf)
        state = plan.state(shelf, audio, codes)
        done, now = active & state.done, state.entries["status"]
        features[shelf.key] = {
            "name": shelf.name,
            "feature": shelf.canonical,
            "spec": shelf.spec,
            "shape": list(shelf.shape),
            "dtype": str(shelf.dtype),
            "done": int((done & ~state.stale).sum()),
            "missing": int((active & (now == MISSING)).sum()),
            "stale": int((done & state.stale).sum()),
            "failed": int((active & (now == FAILED)).sum()),
            "bytes": _bytes(store, shelf.key),
            "why": {
                reason: int((active & rows).sum())
                for reason, rows in state.reasons.items()
                if (active & rows).any()
            },
            "note": note,
        }
    windows = store.windows
    ids = index["id"][active]
    cut = {clip_of(str(name)) for name in ids} if windows else set()
    return {
        "store": store.path,
        "dataset": store.dataset,
        "clips": int(active.sum()),
        "windows": None if windows is None else {**asdict(windows), "of_clips": len(cut)},
        "inactive": int((~active).sum()),
        "features": features,
    }


def _bytes(store: Store, key: str) -> int:
    """Return how many bytes a feature takes."""
    return sum(store.objects.size(name) for name in (key, f"{key}_status", f"{key}_length"))


def _codes(shelf: StoreShelf) -> tuple[tuple[int, ...], str]:
    """Return the fingerprints of all code that gives the feature's rows, and a note on the code."""
    try:
        feature = get_feature(shelf.canonical)
    except FeatkitError as error:
        return (), f"this feature cannot be computed here: {error}"
    if feature.key != shelf.key:
        if shelf.spec["version"] == feature.version:
            return (
                (),
                "made from other code or weights than its name stands for now: extract again",
            )
        return (
            (),
            f"made by version {shelf.spec['version']}; this featkit has version "
            f"{feature.version}: extract again",
        )
    return lineage.accepted(feature), ""


def failures(store: Store) -> list[Failure]:
    """Return the ledger: one line for each active clip and stage that failed."""
    index = store.index()
    lines: dict[tuple[int, str], Failure] = {}
    for shelf in store.shelves():
        for row, why in shelf.failures().items():
            if index["active"][row]:
                line = Failure(
                    row, str(index["id"][row]), index.location(row), why["stage"], why["error"]
                )
                lines.setdefault((row, why["stage"]), line)
    return [lines[key] for key in sorted(lines)]
