"""What several stores of one dataset hold together, where they agree."""

import json
import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from featkit.errors import StoreError, listed
from featkit.store import documents, layout
from featkit.store import index as clip_index
from featkit.store import manifest as manifests
from featkit.store.blocks import Block, Pieces
from featkit.store.manifest import Manifest
from featkit.store.records import DONE, Entries
from featkit.store.shards import cut
from featkit.store.shelf import Shelf
from featkit.store.source import SOURCE, WARNINGS, warnings
from featkit.store.store import Store

# Clips in one block of a published store, unless their values take more than `layout.SHARD_BYTES`.
PUBLISHED_SHARD = 1024


class Source:
    """One of the stores, with the row of each clip that its dataset has."""

    def __init__(self, store: Store) -> None:
        self.store, self.index = store, store.index()
        self.row_of = {
            str(self.index["id"][row]): int(row)
            for row in np.flatnonzero(self.index["active"] == 1)
        }
        self.entries: dict[str, Entries] = {
            key: store.shelf(key).entries() for key in store.manifest.features
        }
        # Rows of neighbours come one after the other: one block is kept.
        self.block = lru_cache(maxsize=1)(self._read)

    def pieces(self, shelf: Shelf, row: int) -> Pieces:
        """Return the pieces of a valid row as another store's ``shelf`` keeps them."""
        own = self.store.shelf(shelf.key)
        block, inside = divmod(row, own.block)
        stored = self.block(shelf.key, block)
        same = own.layout.chunk == shelf.layout.chunk
        got = stored.pieces(inside) if same else stored.values(inside, own.dtype)
        if isinstance(got, StoreError):
            raise own.problem(block, got, clip=row)
        return got if isinstance(got, list) else cut(got, shelf.layout.chunk)

    def error(self, key: str, row: int) -> str:
        """Return why a row failed."""
        block, inside = divmod(row, self.store.shard_clips)
        return self.block(key, block).record.errors[inside]

    def _read(self, key: str, block: int) -> Block:
        return self.store.shelf(key).read_block(block)


def united(sources: Sequence[Source], shard_clips: int | None, published: bool) -> Manifest:
    """Return the manifest of the new store, as `featkit.store.merge` is asked for it; raise
    StoreError where the stores disagree.
    """
    first = sources[0].store.manifest
    for source in sources[1:]:
        for name in ("dataset", "protocol"):
            here, there = getattr(source.store.manifest, name), getattr(first, name)
            if here != there:
                raise StoreError(
                    f"{source.store.path!r} has the {name} {here!r}, {sources[0].store.path!r} "
                    f"{there!r}; stores of one dataset can be merged"
                )
        if source.store.windows != sources[0].store.windows:
            held = [one.store.windows or "whole clips" for one in (source, sources[0])]
            raise StoreError(
                f"{source.store.path!r} holds {held[0]}, {sources[0].store.path!r} {held[1]}; "
                "stores that were cut in one way can be merged"
            )
    columns = _columns(sources, first.root)
    features = _features(sources)
    n_clips = len(columns["id"])
    size = shard_clips or _shard_clips(sources, n_clips, published)
    manifest = Manifest(
        first.dataset,
        size,
        root=first.root,
        protocol=first.protocol,
        about=_about(sources),
        columns=columns,
        features=features,
        documents={
            key: documents.of_feature(key, attributes, size, n_clips)
            for key, attributes in features.items()
        },
        published=published,
        uid=manifests.new_uid(),
    )
    return clip_index.with_documents(manifest)


def _shard_clips(sources: Sequence[Source], n_clips: int, published: bool) -> int:
    """Return how many clips a block has by default: as in the stores, or as many as fit into an
    object of some MiB.
    """
    if not published:
        return min(layout.shard_size(n_clips), *(source.store.shard_clips for source in sources))
    size = PUBLISHED_SHARD
    for source in sources:
        for shelf in source.store.shelves():
            frames = int(source.entries[shelf.key]["length"].max(initial=1))
            row = math.prod(frames if side is None else side for side in shelf.stored_shape)
            size = min(size, max(1, layout.SHARD_BYTES // (row * shelf.dtype.itemsize)))
    return size


def _columns(sources: Sequence[Source], root: str) -> dict[str, list[Any]]:
    """Return the clips of all stores, each once, in the order in which they come."""
    columns: dict[str, list[Any]] = {name: [] for name in sources[0].store.manifest.columns}
    rows: dict[str, int] = {}
    for source in sources:
        for name, row in source.row_of.items():
            entry = {key: source.store.manifest.columns[key][row] for key in columns}
            entry["path"] = clip_index.relative(source.index.location(row), root)
            if name in rows:
                _check_same(name, entry, {key: columns[key][rows[name]] for key in columns})
                continue
            rows[name] = len(rows)
            for key, value in entry.items():
                columns[key].append(value)
    return columns


def _check_same(name: str, entry: dict[str, Any], before: dict[str, Any]) -> None:
    """Raise StoreError if two stores differ in a clip; its file may lie elsewhere."""
    for key in entry:
        both = np.array([entry[key], before[key]], dtype=object)
        unknown = all(isinstance(value, float) and np.isnan(value) for value in both)
        if key != "path" and both[0] != both[1] and not unknown:
            raise StoreError(
                f"the stores differ in the {key} of {name!r}: {both[1]!r}, {both[0]!r}"
            )


def _features(sources: Sequence[Source]) -> dict[str, dict[str, Any]]:
    """Return the features of all stores by key."""
    features: dict[str, dict[str, Any]] = {}
    for source in sources:
        for key, attributes in source.store.manifest.features.items():
            before = features.setdefault(key, attributes)
            for name in sorted(set(before) - {"versions"}):
                if attributes.get(name) != before[name]:
                    raise StoreError(
                        f"{source.store.path!r} has {attributes['canonical']} with "
                        f"{name}={attributes.get(name)}, another store with {before[name]}"
                    )
    return features


def _about(sources: Sequence[Source]) -> dict[str, Any]:
    """Return what is known of the dataset; where it was loaded from only if that is the same."""
    every = [source.store.about for source in sources]
    about = dict(every[0])
    for source, other in zip(sources, every, strict=True):
        for key in sorted((set(about) | set(other)) - {SOURCE, WARNINGS}):
            if about.get(key) != other.get(key):
                raise StoreError(
                    f"{source.store.path!r} says {key}={other.get(key)!r} of its dataset, "
                    f"{sources[0].store.path!r} {about.get(key)!r}"
                )
    if any(other.get(SOURCE) != about.get(SOURCE) for other in every):
        about.pop(SOURCE, None)
    told = dict.fromkeys(text for other in every for text in warnings(other))
    return {**about, WARNINGS: json.dumps(list(told))} if told else about


def check_recordings(sources: Sequence[Source]) -> None:
    """Raise StoreError if a clip's rows were made from different recordings."""
    heard: dict[str, bytes] = {}
    different: dict[str, None] = {}
    for source in sources:
        names = np.array(list(source.row_of), dtype=object)
        rows = np.array(list(source.row_of.values()), dtype=np.int64)
        for entries in source.entries.values():
            done = np.flatnonzero(entries["status"][rows] == DONE)
            for name, content in zip(names[done], entries["content"][rows[done]], strict=True):
                if heard.setdefault(name, content.tobytes()) != content.tobytes():
                    different[name] = None
    if different:
        raise StoreError(
            f"the rows of {listed(list(different))} were made from different recordings: extract "
            "the features of one of the stores again"
        )
