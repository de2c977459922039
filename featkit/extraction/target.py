"""Checks before anything is written: the options, the device, and the place of the store."""

import os
from pathlib import Path

import numpy as np

from featkit.datasets import Dataset
from featkit.errors import FeatkitError, MissingDependencyError, ParameterError, StoreError
from featkit.extraction.task import DEVICES
from featkit.features import Feature
from featkit.naming.plugins import FAULTS, reason, shown
from featkit.store import Store
from featkit.store.index import check_same
from featkit.store.manifest import is_store
from featkit.store.objects import Objects, is_remote

# Each is a process or a thread.
MAX_JOBS = 1024
DTYPES = ("float32", "float16")
# A block is computed, read and written whole, in memory.
MAX_SHARD_CLIPS = 16_384


def check_options(
    *, jobs: int, device: str, limit: int | None, dtype: str, shard_clips: int | None
) -> None:
    """Raise where an option of an extraction is not allowed."""
    counts = {"jobs": jobs, "limit": limit, "shard_clips": shard_clips}
    for name, value in counts.items():
        if value is not None and value < 1:
            raise ParameterError(f"{name}={value}: at least 1 is needed")
    if jobs > MAX_JOBS:
        raise ParameterError(f"jobs={jobs}: at most {MAX_JOBS} are allowed")
    if shard_clips is not None and shard_clips > MAX_SHARD_CLIPS:
        raise ParameterError(f"shard_clips={shard_clips}: at most {MAX_SHARD_CLIPS} are allowed")
    if device not in DEVICES:
        raise ParameterError(f"device={device!r} is not one of {', '.join(DEVICES)}")
    if dtype not in DTYPES:
        raise ParameterError(f"dtype={dtype!r} is not one of {', '.join(DTYPES)}")
    check_device(device)


def check_feature(feature: Feature) -> None:
    """Raise ParameterError where a feature's code, which may be anybody's, cannot describe it.

    Loads what is outside featkit, before anything is written.
    """
    try:
        shape, stored = feature.shape, feature.stored_shape
        _ = feature.key, feature.dims, feature.units, feature.batched, feature.pooling
    except FeatkitError:
        raise
    except FAULTS as error:
        raise ParameterError(f"{shown(feature)} cannot be used: {reason(error)}") from error
    for sides in (shape, stored):
        fits = isinstance(sides, tuple) and all(
            (side is None and not at) or (isinstance(side, (int, np.integer)) and side > 0)
            for at, side in enumerate(sides)
        )
        if not fits:
            raise ParameterError(
                f"{feature.canonical}: the shape {shown(sides)} is not a tuple of sizes from 1 on, "
                "of which the first may be None"
            )


def check_device(device: str) -> None:
    """Raise where torch finds no GPU for ``device="cuda"``."""
    if device == "cuda":
        import torch

        if not torch.cuda.is_available():
            raise MissingDependencyError(
                "--device cuda: torch finds no CUDA GPU here; use --device cpu"
            )


def check_target(path: str, dataset: Dataset) -> bool:
    """Return whether the store exists.

    Raises
    ------
    StoreError
        If it can neither be opened nor made, or holds another dataset.
    """
    if "\0" in path:
        raise StoreError(f"{path!r} is not a path: it contains a NUL character")
    if is_remote(path):
        exists = is_store(Objects(path, writable=False))
        if exists:
            check_same(Store(path).manifest, dataset)
        return exists
    place = Path(path)
    if place.is_dir() and any(place.iterdir()):
        if not is_store(Objects(path, writable=False)):
            raise StoreError(
                f"{path!r} is a folder with other files in it; "
                "give a new folder, or a store, as --store"
            )
        check_same(Store(path).manifest, dataset)
        if not os.access(path, os.W_OK):
            raise StoreError(f"{path!r} is not writable")
        return True
    if place.exists() and not place.is_dir():
        raise StoreError(f"{path!r} is a file; a store is a folder")
    parent = next(folder for folder in place.parents if folder.exists())
    if not parent.is_dir() or not os.access(parent, os.W_OK):
        raise StoreError(f"{path!r} cannot be written: {str(parent)!r} is not a writable folder")
    return False
