"""A store of an earlier format made one of the present, in place.

Every block gets a record of today; the bytes of its values stay as they are. Writing the manifest
makes the store one of the present format; until then a kill leaves one of the earlier format, and
the same command goes on. What only that needs is deleted afterwards.
"""

import os
from dataclasses import replace
from typing import Protocol

import numpy as np

from featkit.errors import StoreError
from featkit.store import blocks, format1, format2, layout
from featkit.store import index as clip_index
from featkit.store import manifest as manifests
from featkit.store.blocks import Pieces
from featkit.store.changes import publish
from featkit.store.checks import prune
from featkit.store.manifest import FORMAT, SPARE, Manifest
from featkit.store.objects import Objects
from featkit.store.records import DONE, Record
from featkit.store.shelf import Shelf
from featkit.store.store import Store


class Earlier(Protocol):
    """A store of an earlier format."""

    @property
    def manifest(self) -> Manifest:
        """What it holds."""

    def block(self, shelf: Shelf, block: int) -> tuple[list[Pieces], Record, int]:
        """Return the rows of a block, their record, and how many of them are lost."""


def migrate(path: str | os.PathLike[str]) -> dict[str, int]:
    """Make the store at ``path`` one of the present format; return what became of its rows.

    Returns
    -------
    dict
        ``features``, ``rows`` (valid ones), ``lost`` (rows whose values or bookkeeping are damaged,
        which the next extraction computes) and ``unhashed`` (valid rows of excerpts: the next
        extraction reads their files, to recognise copies of these; values stay).

    Raises
    ------
    StoreError
        If there is no store, it is of a newer format, the list of its clips is damaged, or another
        process writes it.
    """
    place = os.fspath(path)
    objects = Objects(place)
    version = manifests.version_of(objects)
    if version not in (1, 2):
        manifests.read(objects)
    with layout.writer_lock(place):
        counts = {"features": 0, "rows": 0, "lost": 0, "unhashed": 0}
        version = manifests.version_of(objects)
        if version in (1, 2):
            old = format1.Old(objects) if version == 1 else format2.Old(objects)
            manifests.write(objects, _convert(objects, old, counts))
        store = Store(place, "r+")
        publish(store)
    prune(store, inactive=False)
    return counts


def _convert(objects: Objects, old: Earlier, counts: dict[str, int]) -> Manifest:
    """Give every block a record of today and return the manifest."""
    manifest = _named(objects, clip_index.with_documents(old.manifest))
    starts, durations = (np.array(manifest.columns[name]) for name in ("start", "duration"))
    whole = (starts == 0) & np.isnan(durations.astype(float))
    for key in sorted(manifest.features):
        shelf = Shelf(objects, manifest, key)
        counts["features"] += 1
        for block in range(manifest.blocks):
            record, lost = _block(shelf, block, old, whole[shelf.rows_of(block)])
            done = record.entries["status"] == DONE
            counts["rows"] += int(done.sum())
            counts["unhashed"] += int((done & ~record.entries["file"].any(axis=1)).sum())
            counts["lost"] += lost
    return manifest


def _named(objects: Objects, manifest: Manifest) -> Manifest:
    """Return the manifest with a name for the store: that of a migration that was stopped, or a new
    one.

    The spare copy keeps it until the manifest is written.
    """
    spare = objects.get(SPARE)
    if manifests.format_of(spare) == FORMAT:
        return replace(manifest, uid=manifests.decode(spare).uid)
    manifest = replace(manifest, uid=manifests.new_uid())
    objects.put([(SPARE, manifests.encode(manifest))])
    return manifest


def _block(shelf: Shelf, block: int, old: Earlier, whole: np.ndarray) -> tuple[Record, int]:
    """Write the record of one block; return it and how many rows are lost.

    Where the clip is a ``whole`` file, the hash of its audio is that of the file.
    """
    try:
        return blocks.read(shelf.layout, block, shelf.objects.get).record, 0
    except StoreError:
        rows, record, lost = old.block(shelf, block)
    entries = record.entries[: len(whole)]
    entries["file"][whole] = entries["content"][whole]
    *_, first = blocks.encode(shelf.layout, block, rows, record)
    shelf.objects.put([first])
    return record, lost
