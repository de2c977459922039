"""The metadata documents (``zarr.json``) of a store, as zarr itself makes them in memory."""

import json
import re
from typing import Any

import numpy as np
import zarr
from zarr.codecs import Crc32cCodec, ZstdCodec
from zarr.storage import MemoryStore

from featkit.store.manifest import FORMAT, NEEDS
from featkit.store.shards import ZSTD_LEVEL

CLIP_TEXT = ("id", "path", "label", "group", "split")
CLIP_NUMBERS = {"fold": "int32", "start": "float64", "duration": "float64", "active": "uint8"}
COLUMNS = {**dict.fromkeys(CLIP_TEXT, "str"), **CLIP_NUMBERS}
SIDECARS = {"status": "uint8", "length": "int32"}
# Arrays of format 1 that a store no longer has.
OBSOLETE = ("size", "mtime")
FEATURE_ARRAY = re.compile(r"(?P<key>.+-[0-9a-f]{8})(_(status|identity|length|error))?")
COLUMN_CHUNK = 16_384
PIECE_BYTES = 2**17
SHARD_PIECES = 16

Document = dict[str, Any]


def to_bytes(document: Document) -> bytes:
    """Return a document as it is written."""
    return json.dumps(document, sort_keys=True, indent=2).encode()


def of_group(dataset: str, shard_clips: int, **attributes: Any) -> Document:
    """Return the document of the root group."""
    entries: dict[str, Any] = {}
    store = MemoryStore(entries)
    coordinates = " ".join([*COLUMNS, "content"])
    zarr.create_group(
        store,
        zarr_format=3,
        attributes={
            "featkit_format": FORMAT,
            "featkit_needs": NEEDS,
            "dataset": dataset,
            "shard_clips": shard_clips,
            "coordinates": coordinates,
            **attributes,
        },
    )
    return _document(entries)


def of_column(dtype: str) -> Document:
    """Return the document of an array with one entry per clip and no clip yet."""
    entries: dict[str, Any] = {}
    store = MemoryStore(entries)
    zarr.create_array(
        store,
        shape=(0,),
        chunks=(COLUMN_CHUNK,),
        dtype=dtype,
        compressors=[ZstdCodec(level=ZSTD_LEVEL), Crc32cCodec()],
        dimension_names=("clip",),
    )
    return _document(entries)


def of_feature(key: str, attributes: dict[str, Any], shard_clips: int, clips: int) -> Document:
    """Return the document of the values of one feature."""
    stored: list[int | None] = attributes["stored_shape"]
    ragged = is_ragged(stored)
    dtype = np.dtype(attributes["dtype"])
    rest = tuple(int(size) for size in stored[1:] if size is not None)
    piece = max(1, PIECE_BYTES // max(1, int(np.prod(rest)) * dtype.itemsize))
    first = piece if ragged else int(stored[0] or 0) if stored else 0
    chunk = (first, *rest) if stored else ()
    pieces = SHARD_PIECES if ragged else 1
    entries: dict[str, Any] = {}
    store = MemoryStore(entries)
    zarr.create_array(
        store,
        shape=(clips, *((0, *rest) if ragged else chunk)),
        chunks=(1, *chunk),
        shards=(shard_clips, *((chunk[0] * pieces, *rest) if chunk else ())),
        dtype=dtype,
        fill_value=float("nan"),
        compressors=[ZstdCodec(level=ZSTD_LEVEL), Crc32cCodec()],
        dimension_names=("clip", *(f"{key}_{dim}" for dim in attributes["dims"])),
        attributes=attributes,
    )
    return _document(entries)


def consolidated(texts: dict[str, Document]) -> Document:
    """Return the document of the root group with those of all arrays in it, so that other readers
    of Zarr need no further one.
    """
    arrays = {name: document for name, document in texts.items() if name}
    inline = {"kind": "inline", "must_understand": False, "metadata": arrays}
    return {**texts[""], "consolidated_metadata": inline}


def is_ragged(stored_shape: Any) -> bool:
    """Whether rows of this stored shape differ in length."""
    return bool(stored_shape) and stored_shape[0] is None


def inner_chunk(document: Document) -> tuple[int, ...]:
    """Return the shape of one piece of a row, from the document of a feature's values."""
    return tuple(document["codecs"][0]["configuration"]["chunk_shape"][1:])


def shard_pieces(document: Document) -> int:
    """Return how many pieces of a row a shard has room for."""
    shard = document["chunk_grid"]["configuration"]["chunk_shape"][1:]
    chunk = inner_chunk(document)
    return int(shard[0]) // chunk[0] if chunk else 1


def resized(document: Document, shape: tuple[int, ...]) -> Document:
    """Return the document with other sizes of the first axes."""
    return {**document, "shape": [*shape, *document["shape"][len(shape) :]]}


def _document(entries: dict[str, Any]) -> Document:
    document: Document = json.loads(entries["zarr.json"].to_bytes())
    return document
