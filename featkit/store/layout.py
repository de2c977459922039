"""How a store lies on disk: the names, shapes and attributes of its Zarr arrays.

A store is one Zarr v3 group. Every array has a ``clip`` axis in blocks of ``shard_clips`` rows.
``id, path, label, fold, group, split, start, duration, active`` describe the clips and are written
by the main process; ``content, size, mtime`` say which audio bytes were read, and for each feature
KEY there are

    KEY            the values; one shard per block, one inner chunk per clip (and per stretch of
    frames) KEY_status     0 missing, 1 done, 2 failed KEY_identity   three words: content hash,
    code fingerprint, device, as they were when the row was computed KEY_length     valid frames of
    the row, where clips differ in length KEY_error      why a failed row failed, as JSON

which one task writes, block by block. This package is the only user of zarr.
"""

import contextlib
import glob
import os
import re
import shutil
import uuid
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray
from zarr.codecs import Crc32cCodec, ZstdCodec

from featkit.errors import StoreError
from featkit.store import objects
from featkit.store.shards import ZSTD_LEVEL

FORMAT = 1
MISSING, DONE, FAILED = 0, 1, 2
SIDECARS = ("status", "identity", "length", "error")
FEATURE_ARRAY = re.compile(rf"(?P<key>.+-[0-9a-f]{{8}})(_(?P<sidecar>{'|'.join(SIDECARS)}))?")
CLIP_TEXT = ("id", "path", "label", "group", "split")
CLIP_NUMBERS = {"fold": "int32", "start": "float64", "duration": "float64", "active": "uint8"}
READ_FROM = {"content": "str", "size": "int64", "mtime": "int64"}
INDEX_CHUNK = 16_384
PIECE_BYTES = 2**17
SHARD_PIECES = 16


def is_remote(path: str) -> bool:
    """Whether ``path`` is a URL rather than a path."""
    return "://" in path


def open_group(path: str, mode: str) -> zarr.Group:
    """Return the root group.

    Raises
    ------
    StoreError
        If there is no featkit store, or it is of a format that this version does not know.
    """
    try:
        group = zarr.open_group(path, mode=mode, zarr_format=3)
    except FileNotFoundError as error:
        raise StoreError(f"no store at {path!r}") from error
    except Exception as error:
        raise StoreError(f"{path!r} cannot be opened as a store: {error}") from error
    found = group.attrs.get("featkit_format")
    if found is None:
        raise StoreError(f"{path!r} is a Zarr group, but not a featkit store")
    if found != FORMAT:
        raise StoreError(
            f"{path!r} has format {found}; this version of featkit reads format {FORMAT}"
        )
    return group


def create_group(path: str, attributes: dict[str, Any]) -> zarr.Group:
    """Return a new root group with the clip arrays, all empty; a local one is made aside and
    renamed: it is whole or absent.
    """
    if is_remote(path):
        return _new_group(path, attributes)
    place = Path(path)
    aside = place.with_name(f".{place.name}.{uuid.uuid4().hex}")
    try:
        _new_group(str(aside), attributes)
        os.replace(aside, place)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return open_group(path, "r+")


def _new_group(path: str, attributes: dict[str, Any]) -> zarr.Group:
    shard_clips = int(attributes["shard_clips"])
    group = zarr.create_group(path, zarr_format=3)
    for name in CLIP_TEXT:
        rows_array(group, name, "str", INDEX_CHUNK)
    for name, dtype in CLIP_NUMBERS.items():
        rows_array(group, name, dtype, INDEX_CHUNK)
    for name, dtype in READ_FROM.items():
        rows_array(group, name, dtype, shard_clips)
    coordinates = " ".join([*CLIP_TEXT, *CLIP_NUMBERS, *READ_FROM])
    group.attrs.update(
        {**attributes, "coordinates": coordinates, "clips": 0, "featkit_format": FORMAT}
    )
    return group


def rows_array(
    group: zarr.Group, name: str, dtype: str, chunk: int, n: int = 0, width: int | None = None
) -> Any:
    """Return a new checksummed array with one entry (or ``width`` of them) per clip, in place of
    any that is there.
    """
    tail = () if width is None else (width,)
    return group.create_array(
        name,
        shape=(n, *tail),
        chunks=(chunk, *tail),
        dtype=dtype,
        compressors=[ZstdCodec(level=ZSTD_LEVEL), Crc32cCodec()],
        dimension_names=("clip",) if width is None else ("clip", f"{name}_word"),
        overwrite=True,
    )


def create_feature(group: zarr.Group, key: str, attributes: dict[str, Any], n: int) -> None:
    """Create the arrays of one feature; the values last, since their presence is what makes the
    feature exist.

    What a stopped run left of the others is made anew.
    """
    block = int(str(group.attrs["shard_clips"]))
    stored: list[int | None] = attributes["stored_shape"]
    ragged = bool(stored) and stored[0] is None
    dtype = np.dtype(attributes["dtype"])
    rest = tuple(int(size) for size in stored[1:] if size is not None)
    piece = (
        stored[0]
        if stored and not ragged
        else max(1, PIECE_BYTES // max(1, int(np.prod(rest)) * dtype.itemsize))
    )
    chunk = (int(str(piece)), *rest) if stored else ()
    pieces = SHARD_PIECES if ragged else 1
    shape = (0, *rest) if ragged else chunk
    for sidecar, sort, width in (
        ("status", "uint8", None),
        ("identity", "uint64", 3),
        ("error", "str", None),
    ):
        rows_array(group, f"{key}_{sidecar}", sort, block, n, width)
    if ragged:
        rows_array(group, f"{key}_length", "int32", block, n)
    names = [f"{key}_{dim}" for dim in attributes["dims"]]
    group.create_array(
        key,
        shape=(n, *shape),
        chunks=(1, *chunk),
        shards=(block, *((chunk[0] * pieces, *rest) if chunk else ())),
        dtype=dtype,
        fill_value=float("nan"),
        compressors=[ZstdCodec(level=ZSTD_LEVEL), Crc32cCodec()],
        dimension_names=("clip", *names),
        attributes=attributes,
        overwrite=True,
    )


def drop_feature(group: zarr.Group, key: str) -> None:
    """Delete the arrays of one feature; first the definition of its values, without which the
    feature does not exist.
    """
    objects.put_bytes(group, [(f"{key}/zarr.json", None)])
    for name in [key, *(f"{key}_{sidecar}" for sidecar in SIDECARS)]:
        del group[name]


def orphans(group: zarr.Group, keys: Collection[str]) -> list[str]:
    """Return what a stopped run left of features that were not made, or not removed, whole."""

    names = [(name, FEATURE_ARRAY.fullmatch(name)) for name in objects.list_folder(group)]
    return sorted(
        name
        for name, of in names
        if of and of["key"] not in keys and (of["sidecar"] or name not in group)
    )


def leftovers(path: str) -> list[Path]:
    """Return the files and folders that stopped writes left in and beside a local store."""
    place = Path(path).absolute()
    return sorted(
        [
            *place.rglob("*.partial"),
            *place.parent.glob(f".{glob.escape(place.name)}.{'[0-9a-f]' * 32}"),
        ]
    )


def read_rows(array: Any, n: int, block: int) -> tuple[NDArray[Any], list[int]]:
    """Return the first ``n`` entries of a per-clip array and the blocks that could not be read
    (left at zero).
    """
    try:
        return np.asarray(array[:n]), []
    except Exception:
        values = np.zeros(
            (n, *array.shape[1:]), dtype=object if array.dtype.kind not in "iufb" else array.dtype
        )
        if values.dtype == object:
            values[:] = ""
        damaged = []
        for number, start in enumerate(range(0, n, block)):
            try:
                values[start : start + block] = array[start : min(n, start + block)]
            except Exception:
                damaged.append(number)
        return values, damaged


def total_bytes(group: zarr.Group, key: str) -> int:
    """Return how many bytes the arrays of a feature take."""
    names = [key, *(f"{key}_{sidecar}" for sidecar in SIDECARS)]
    return sum(objects.total_bytes(group, name) for name in names)


@contextlib.contextmanager
def writer_lock(path: str) -> Iterator[None]:
    """Hold the only right to write the local store at ``path``; the system releases it if the
    process dies.

    Raises
    ------
    StoreError
        If another process holds it.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    if is_remote(path):
        yield
        return
    folder = os.open(Path(path), os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StoreError(
                f"another process is writing the store {path!r}; wait until it has ended"
            ) from error
        yield
    finally:
        os.close(folder)
