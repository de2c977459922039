"""The place of a store: made at once, locked while it is written, and what stopped writes leave."""

import contextlib
import glob
import math
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

from featkit.errors import StoreError
from featkit.features import Feature
from featkit.store import documents, publish
from featkit.store import index as clip_index
from featkit.store import manifest as manifests
from featkit.store.manifest import Manifest
from featkit.store.objects import Objects, is_remote

SMALL_SHARD, LARGE_SHARD, LARGE_FROM = 64, 128, 20_000
# Values of one block of one feature, where rows have one shape, should not take more.
SHARD_BYTES = 64 << 20


def create(path: str, dataset: str, shard_clips: int) -> None:
    """Make an empty store.

    Raises
    ------
    StoreError
        If it cannot be written.
    """
    with made_at(path) as place:
        _fill(place, dataset, shard_clips)


def check_free(path: str) -> None:
    """Raise StoreError if there is anything at ``path`` but an empty folder."""
    place = Path(path)
    if is_remote(path):
        taken = bool(Objects(path, writable=False).names())
    else:
        taken = place.exists() and not (place.is_dir() and not any(place.iterdir()))
    if taken:
        raise StoreError(f"there is something at {path!r} already; give a new place")


@contextlib.contextmanager
def made_at(path: str) -> Iterator[str]:
    """Give the place to write a new store at. A local one is made aside and renamed at the end: it
    is whole or absent.

    Raises
    ------
    StoreError
        If it cannot be written, or something is there.
    """
    if is_remote(path):
        yield path
        return
    place = Path(path)
    aside = place.with_name(f".{place.name}.{uuid.uuid4().hex}")
    try:
        aside.mkdir(parents=True)
        yield str(aside)
        os.replace(aside, place)
    except OSError as error:
        raise StoreError(f"{path!r} cannot be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _fill(path: str, dataset: str, shard_clips: int) -> None:
    columns: dict[str, list[object]] = {name: [] for name in documents.COLUMNS}
    manifest = clip_index.with_documents(
        Manifest(dataset, shard_clips, columns=columns, uid=manifests.new_uid())
    )
    objects = Objects(path)
    manifests.write(objects, manifest)
    publish.write_documents(objects, manifest)


def leftovers(path: str) -> list[Path]:
    """Return the files and folders that stopped writes left in and beside a local store."""
    place = Path(path).absolute()
    return sorted(
        [
            *place.rglob("*.partial"),
            *place.parent.glob(f".{glob.escape(place.name)}.{'[0-9a-f]' * 32}"),
        ]
    )


@contextlib.contextmanager
def writer_lock(path: str) -> Iterator[None]:
    """Hold the only right to write the local store at ``path``.

    The system releases it if the process dies.

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


def shard_size(clips: int, features: tuple[Feature, ...] = ()) -> int:
    """Return how many clips a block of a new store has, by clips and by bytes of a block."""
    size = SMALL_SHARD if clips < LARGE_FROM else LARGE_SHARD
    for feature in features:
        stored = feature.stored_shape
        if None not in stored:
            row = 4 * math.prod(side or 1 for side in stored)
            size = min(size, max(1, SHARD_BYTES // row))
    return size
