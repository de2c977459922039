"""Several stores made one: extracted apart, of one dataset, for different clips or features.

The new store is made aside and renamed, or at a URL gets its manifest last: it is whole or not
there. The stores that it is made of stay as they are.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from featkit.errors import ParameterError
from featkit.store import duplicates, layout, records
from featkit.store.agreement import Source, check_recordings, united
from featkit.store.blocks import Pieces
from featkit.store.manifest import Manifest
from featkit.store.objects import Objects
from featkit.store.publish import publish
from featkit.store.records import DONE, MISSING
from featkit.store.shards import row_sum
from featkit.store.shelf import Shelf
from featkit.store.store import Store
from featkit.store.writing import write_block

Path = str | os.PathLike[str]


def merge(
    stores: Sequence[Path],
    into: Path,
    shard_clips: int | None = None,
    published: bool = False,
) -> dict[str, int]:
    """Write a new store with the clips and features of several, and return what it holds.

    Rows are copied bit for bit, with what they were made from. Where several stores have a valid
    row of one clip and feature, that of the first is taken. Clips that a store's dataset no longer
    has are left out.

    Parameters
    ----------
    stores : sequence of path or URL
        At least one, all of one dataset.
    into : path or URL
        Where nothing is yet.
    shard_clips : int, optional
        Clips in one block; by default as in the stores, or in a published store as many as fit
        into an object of 64 MiB, but at most 1,024.
    published : bool
        Make a store that is only read from then on, with the metadata of all its arrays in one
        object.

    Returns
    -------
    dict
        ``stores``, ``clips``, ``features`` and ``rows`` (valid ones).

    Raises
    ------
    ParameterError
        If no store is given, or ``shard_clips`` is below 1.
    StoreError
        If there is something at ``into``; if the stores are of different datasets, or say different
        things of one clip or feature; if they heard different recordings of a clip; or if a row is
        damaged.
    """
    if not stores or (shard_clips is not None and shard_clips < 1):
        raise ParameterError(
            f"merge takes one store or more, not {len(stores)}, and shard_clips=None or at least "
            f"1, not {shard_clips}"
        )
    place = os.fspath(into)
    layout.check_free(place)
    sources = [Source(Store(path)) for path in stores]
    manifest = united(sources, shard_clips, published)
    check_recordings(sources)
    rows = 0
    with layout.made_at(place) as place:
        objects = Objects(place)
        for key in sorted(manifest.features):
            rows += _copy(Shelf(objects, manifest, key), manifest, sources)
        pairs = [pair for path in stores for pair in duplicates.read(Store(path).objects)]
        if pairs:
            objects.put([(duplicates.PLACE, duplicates.encoded(pairs))])
        publish(objects, manifest)
    return {
        "stores": len(sources),
        "clips": len(manifest),
        "features": len(manifest.features),
        "rows": rows,
    }


@dataclass(frozen=True)
class _Row:
    """A row of a clip in one of the stores."""

    source: Source
    row: int
    entry: Any


def _copy(shelf: Shelf, manifest: Manifest, sources: Sequence[Source]) -> int:
    """Write all blocks of one feature and return how many valid rows they have."""
    count = 0
    for block in range(shelf.blocks):
        names = manifest.columns["id"][shelf.rows_of(block)]
        entries = np.zeros(shelf.block, dtype=records.ENTRY)
        rows: list[Pieces] = [[] for _ in range(shelf.block)]
        errors: dict[int, str] = {}
        for at, name in enumerate(names):
            best = _best(sources, shelf.key, str(name))
            if best is None:
                continue
            entries[at] = best.entry
            if best.entry["status"] == DONE:
                rows[at] = best.source.pieces(shelf, best.row)
                entries["sum"][at] = row_sum(rows[at])
                count += 1
            else:
                errors[at] = best.source.error(shelf.key, best.row)
        write_block(shelf, block, rows, entries, errors, records.empty(shelf.block))
    return count


def _best(sources: Sequence[Source], key: str, name: str) -> _Row | None:
    """Return the first valid row of a clip, else the first that failed, else nothing."""
    there = [
        _Row(source, source.row_of[name], source.entries[key][source.row_of[name]])
        for source in sources
        if key in source.entries and name in source.row_of
    ]
    done = [row for row in there if row.entry["status"] == DONE]
    failed = [row for row in there if row.entry["status"] not in (DONE, MISSING)]
    return next(iter([*done, *failed]), None)
