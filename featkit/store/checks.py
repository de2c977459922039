"""Is a store whole? Verify every object, restore what can be, and clear what nothing refers to."""

import shutil
from collections.abc import Iterator
from typing import Any

import numpy as np

from featkit.errors import StoreError
from featkit.store import documents, layout, records
from featkit.store import manifest as manifests
from featkit.store.blocks import Block
from featkit.store.changes import publish
from featkit.store.objects import is_remote
from featkit.store.publish import all_books, differences, expected_places
from featkit.store.records import DONE, MISSING
from featkit.store.shards import places
from featkit.store.shelf import Shelf
from featkit.store.store import Store
from featkit.store.writing import empty, revise


def verify(store: Store) -> dict[str, Any]:
    """Return ``{"shards", "damaged"}`` after reading every object of the store.

    An entry of ``damaged`` is ``{"feature", "shard", "clips", "error"}`` for values: the feature's
    key, the place of the object, the ids of the clips whose rows are lost, and what is wrong. For
    every other object it is ``{"object", "error"}``.
    """
    shards, damaged = 0, list(_manifests(store))
    for shelf in store.shelves():
        for block in range(shelf.blocks):
            shards += 1
            damaged += _block(store, shelf, block)
    books = all_books(store.objects, store.manifest)
    for difference in differences(store.objects, store.manifest, books):
        damaged.append({"object": difference.place, "error": difference.problem})
    return {"shards": shards, "damaged": damaged}


def _manifests(store: Store) -> Iterator[dict[str, str]]:
    """Return what is wrong with the two copies of the manifest."""
    good = manifests.encode(store.manifest)
    for place in (manifests.PLACE, manifests.SPARE):
        try:
            same = manifests.encode(manifests.decode(store.objects.get(place))) == good
            problem = "" if same else "the copies of the manifest differ"
        except StoreError as error:
            problem = str(error)
        if problem:
            yield {"object": place, "error": problem}


def _block(store: Store, shelf: Shelf, block: int) -> Iterator[dict[str, Any]]:
    ids, place = store.index()["id"], shelf.layout.place(block)
    span = range(*shelf.rows_of(block).indices(len(shelf)))
    try:
        stored = shelf.read_block(block)
    except StoreError as error:
        yield _lost(shelf, place, ids[list(span)], str(error))
        return
    problems: dict[str, list[int]] = {}
    for row in np.flatnonzero(stored.record.entries["status"][: len(span)] == DONE):
        problem = _row(stored, int(row), shelf)
        if problem:
            problems.setdefault(problem, []).append(span[int(row)])
    for problem, rows in problems.items():
        yield _lost(shelf, place, ids[rows], problem)
    if not problems and any(part is None for part in stored.shards):
        yield {"object": place, "error": "a further shard of the block is missing or damaged"}


def _row(stored: Block, row: int, shelf: Shelf) -> str:
    values = stored.values(row, shelf.dtype)
    if isinstance(values, StoreError):
        return str(values)
    if shelf.ragged and len(values) != stored.record.entries["length"][row]:
        return "the row is shorter than its length"
    return "" if np.isfinite(values).all() else "values are not finite"


def _lost(shelf: Shelf, place: str, clips: Any, error: str) -> dict[str, Any]:
    return {
        "feature": shelf.key,
        "shard": place,
        "clips": [str(clip) for clip in clips],
        "error": error,
    }


def repair(store: Store, report: dict[str, Any]) -> int:
    """Mend what `verify` found and return how many rows are missing now.

    Documents, columns and copies of the manifest are written anew. Rows whose values are lost are
    marked missing, so that the next extraction computes them.

    Raises
    ------
    StoreError
        If another process writes the store.
    """
    marked = 0
    with layout.writer_lock(store.path):
        store.reload()
        manifests.mend(store.objects, store.manifest)
        lost: dict[tuple[str, str], int] = {}
        for item in report["damaged"]:
            if "feature" in item:
                place = (item["feature"], item["shard"])
                lost[place] = lost.get(place, 0) + len(item["clips"])
        for (key, shard), rows in sorted(lost.items()):
            shelf = store.shelf(key)
            block = int(shard.removeprefix(f"{key}/c/").partition("/")[0])
            _without_damage(shelf, block)
            marked += rows
        publish(store)
    return marked


def _without_damage(shelf: Shelf, block: int) -> None:
    """Write a block again without its damaged rows, or empty where its record is damaged."""
    try:
        stored = shelf.read_block(block)
    except StoreError:
        shelf.objects.put([empty(shelf, block)])
        return
    entries = stored.record.entries.copy()
    for row in np.flatnonzero(entries["status"] == DONE):
        if _row(stored, int(row), shelf):
            entries[row] = np.zeros((), dtype=records.ENTRY)
    revise(shelf, block, entries)


def prune(store: Store, inactive: bool = True) -> dict[str, int]:
    """Remove what nothing refers to and return how much of it.

    That is leftover files, orphaned arrays, and, if ``inactive``, values of inactive clips.

    Raises
    ------
    StoreError
        If another process writes the store, or a block is damaged.
    """
    with layout.writer_lock(store.path):
        store.reload()
        leftovers = [] if is_remote(store.path) else layout.leftovers(store.path)
        for place in leftovers:
            if place.is_dir():
                shutil.rmtree(place)
            else:
                place.unlink()
        cleared = _clear_inactive(store) if inactive else 0
        publish(store)
        orphans = [name for name in store.objects.names() if _is_orphan(store, name)]
        for name in orphans:
            store.objects.remove(name)
        return {
            "leftover_files": len(leftovers) + _remove_unused(store),
            "orphaned_arrays": len(orphans),
            "rows_cleared": cleared,
        }


def _is_orphan(store: Store, name: str) -> bool:
    if name in store.manifest.documents:
        return False
    return documents.FEATURE_ARRAY.fullmatch(name) is not None or name in documents.OBSOLETE


def _remove_unused(store: Store) -> int:
    """Remove objects of the store's arrays that no row and no column takes; return how many."""
    expected = expected_places(store.manifest)
    expected |= {manifests.PLACE, manifests.SPARE}
    for shelf in store.shelves():
        expected |= set(shelf.places(shelf.entries()))
    unused = [
        f"{name}/{key}"
        for name in store.manifest.documents
        if name
        for key in store.objects.keys(name)
        if f"{name}/{key}" not in expected
    ]
    store.objects.put([(place, None) for place in unused])
    return len(unused)


def _clear_inactive(store: Store) -> int:
    gone, cleared = store.index()["active"] == 0, 0
    for shelf in store.shelves():
        entries = shelf.entries()
        filled = gone & (entries["status"] != MISSING)
        entries[filled] = np.zeros((), dtype=records.ENTRY)
        for block in map(int, np.unique(np.flatnonzero(gone) // shelf.block)):
            rows = shelf.rows_of(block)
            if filled[rows].any() or _has_strays(shelf, block):
                revise(shelf, block, entries[rows])
        cleared += int(filled.sum())
    return cleared


def _has_strays(shelf: Shelf, block: int) -> bool:
    """Whether further shards hold pieces of missing rows, which a killed prune leaves there."""
    if not shelf.ragged:
        return False
    stored = shelf.read_block(block)
    missing = np.flatnonzero(stored.record.entries["status"] != DONE)
    further = [part[1] for part in stored.shards[1:] if part is not None]
    return any(places(index, int(row)) for index in further for row in missing)
