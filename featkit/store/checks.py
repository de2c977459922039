"""Is a store whole? Verify every shard, mark what is damaged for recomputation, and clear what
nothing refers to.
"""

import shutil
from typing import Any

import numpy as np

from featkit.store import layout
from featkit.store.shelf import Shelf
from featkit.store.store import Store


def verify(store: Store) -> dict[str, Any]:
    """Return ``{"shards", "damaged"}`` after reading every valid row and every per-clip array of
    every feature.

    ``damaged`` lists ``{"feature", "shard", "clips", "error"}``: the feature's key, the shard's or
    array block's place in the store, the ids of the clips in it that are affected, and what is
    wrong.
    """
    index = store.index()
    n, shards, damaged = len(index), 0, []
    for shelf in store.shelves():
        for sidecar in layout.SIDECARS:
            name = f"{shelf.key}_{sidecar}"
            for block in shelf.damaged(sidecar) if name in store.group else []:
                rows = range(block * shelf.block, min(n, (block + 1) * shelf.block))
                damaged.append(
                    _found(
                        shelf,
                        f"{name}/c/{block}",
                        index["id"][list(rows)],
                        "the block cannot be read",
                    )
                )
        shards += len(shelf.shards())
        damaged += _values(shelf, index["id"])
    return {"shards": shards, "damaged": damaged}


def _values(shelf: Shelf, ids: Any) -> list[dict[str, Any]]:
    valid = np.flatnonzero(shelf.column("status") == layout.DONE)
    lengths = shelf.column("length") if shelf.ragged else None
    found = []
    for block in np.unique(valid // shelf.block):
        rows = valid[valid // shelf.block == block]
        inside = [int(row) for row in rows % shelf.block]
        values = shelf.read_block(
            int(block), inside, None if lengths is None else [int(x) for x in lengths[rows]]
        )
        problems: dict[str, list[str]] = {}
        for row, value in zip(rows, values, strict=True):
            if isinstance(value, Exception):
                problems.setdefault(str(value), []).append(str(ids[row]))
            elif not np.isfinite(value).all():
                problems.setdefault("values are not finite", []).append(str(ids[row]))
        found += [
            _found(shelf, f"{shelf.key}/c/{block}", clips, error)
            for error, clips in problems.items()
        ]
    return found


def _found(shelf: Shelf, shard: str, clips: Any, error: str) -> dict[str, Any]:
    return {
        "feature": shelf.key,
        "shard": shard,
        "clips": [str(clip) for clip in clips],
        "error": error,
    }


def repair(store: Store, found: dict[str, Any]) -> int:
    """Mark the rows that `verify` found damaged as missing, so that the next extraction computes
    them; return how many.

    Raises
    ------
    StoreError
        If another process writes the store.
    """
    marked = 0
    with layout.writer_lock(store.path):
        rows = {str(name): row for row, name in enumerate(store.index()["id"])}
        for key in sorted({item["feature"] for item in found["damaged"]}):
            clips = {
                clip
                for item in found["damaged"]
                if item["feature"] == key
                for clip in item["clips"]
            }
            shelf = Shelf(store.group, key)
            for item in found["damaged"]:
                if item["feature"] == key and item["shard"].startswith(f"{key}_"):
                    shelf.clear_block(
                        item["shard"].partition("/")[0].removeprefix(f"{key}_"),
                        int(item["shard"].rpartition("/")[2]),
                    )
            shelf.mark_missing(np.array(sorted(rows[clip] for clip in clips), dtype=np.int64))
            marked += len(clips)
    return marked


def prune(store: Store) -> dict[str, int]:
    """Remove what nothing refers to and return how much of it: leftover files, orphaned arrays,
    values of inactive clips.

    Raises
    ------
    StoreError
        If another process writes the store.
    """
    with layout.writer_lock(store.path):
        leftovers = [] if layout.is_remote(store.path) else layout.leftovers(store.path)
        for place in leftovers:
            if place.is_dir():
                shutil.rmtree(place)
            else:
                place.unlink()
        orphans = layout.orphans(store.group, set(store.keys()))
        for name in orphans:
            del store.group[name]
        return {
            "leftover_files": len(leftovers),
            "orphaned_arrays": len(orphans),
            "rows_cleared": _clear_inactive(store),
        }


def _clear_inactive(store: Store) -> int:
    index = store.index()
    gone, cleared = index["active"] == 0, 0
    for shelf in store.shelves():
        traces = [shelf.column(sidecar) for sidecar in ("status", "error")]
        traces += list(shelf.column("identity").T)
        rows = np.flatnonzero(gone & np.logical_or.reduce([trace.astype(bool) for trace in traces]))
        for block in np.unique(rows // shelf.block):
            inside = {int(row) % shelf.block for row in rows[rows // shelf.block == block]}
            shelf.drop_rows(int(block), inside)
        cleared += len(rows)
    return cleared
