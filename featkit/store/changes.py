"""Changes to a store: features made and removed, clips brought up to date.

Each is one replacement of the manifest; what it needs is written before, and what it leaves behind
is deleted afterwards.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from featkit.datasets import Dataset
from featkit.errors import StoreError
from featkit.features import Feature
from featkit.store import documents, duplicates, layout
from featkit.store import index as clip_index
from featkit.store import manifest as manifests
from featkit.store import publish as published
from featkit.store.manifest import Manifest
from featkit.store.shelf import Shelf
from featkit.store.store import Store
from featkit.store.store_shelf import StoreShelf
from featkit.store.writing import empty


def update(store: Store, dataset: Dataset, whole: bool) -> NDArray[np.int64]:
    """Bring the clips up to date and return the row of each clip of ``dataset``.

    Parameters
    ----------
    whole : bool
        Whether ``dataset`` is the whole dataset rather than its first clips; clips that a whole
        dataset no longer has become inactive.
    """
    manifest, rows = clip_index.updated(store.manifest, dataset, whole)
    new = range(store.manifest.blocks, manifest.blocks)
    for key in manifest.features:
        shelf = Shelf(store.objects, manifest, key)
        store.objects.put_all(empty(shelf, block) for block in new)
    if manifests.encode(manifest) != manifests.encode(store.manifest):
        _replace(store, manifest)
    return rows


def ensure(store: Store, feature: Feature, dtype: str) -> StoreShelf:
    """Return the shelf of ``feature``, made if there is none yet."""
    key = feature.key
    if key not in store.manifest.features:
        attributes: dict[str, Any] = {
            "spec": feature.spec,
            "canonical": feature.canonical,
            "shape": list(feature.shape),
            "stored_shape": list(feature.stored_shape),
            "dims": list(feature.dims),
            "units": feature.units,
            "dtype": dtype,
            "versions": versions(),
        }
        document = documents.of_feature(key, attributes, store.shard_clips, store.n_clips)
        manifest = clip_index.with_documents(
            replace(
                store.manifest,
                features={**store.manifest.features, key: attributes},
                documents={**store.manifest.documents, key: document},
            )
        )
        shelf = Shelf(store.objects, manifest, key)
        store.objects.put_all(empty(shelf, block) for block in range(manifest.blocks))
        _replace(store, manifest)
        published.write_documents(store.objects, manifest)
    shelf = store.shelf(key)
    if shelf.dtype != np.dtype(dtype):
        raise StoreError(
            f"{feature.canonical} is stored as {shelf.dtype}, not {dtype}; remove it first "
            "with 'featkit store rm'"
        )
    return shelf


def remove(store: Store, feature: str | Feature) -> None:
    """Delete one feature and all its rows.

    Raises
    ------
    StoreError
        If another process writes the store.
    """
    with layout.writer_lock(store.path):
        store.reload()
        key = store[feature].key
        names = {key, *(f"{key}_{sidecar}" for sidecar in documents.SIDECARS)}
        manifest = store.manifest
        _replace(
            store,
            replace(
                manifest,
                features={name: of for name, of in manifest.features.items() if name != key},
                documents={
                    name: text for name, text in manifest.documents.items() if name not in names
                },
                written={name: of for name, of in manifest.written.items() if name != key},
            ),
        )
        for name in sorted(names):
            store.objects.remove(name)
        publish(store)


def publish(store: Store) -> None:
    """Bring both copies of the manifest and what other readers of Zarr see up to date."""
    manifests.mend(store.objects, store.manifest)
    store.manifest = published.publish(store.objects, store.manifest)


def _replace(store: Store, manifest: Manifest) -> None:
    store.manifest = manifests.write(store.objects, manifest)


def versions() -> dict[str, str]:
    """Return the versions of the libraries that numbers depend on."""
    from importlib.metadata import version

    from featkit import __version__

    names = ("numpy", "scipy", "soundfile", "soxr", "librosa", "numba", "torch", "zarr")
    return {"featkit": __version__, **{name: version(name) for name in names}}


def set_duplicates(store: Store, pairs: Iterable[duplicates.Pair]) -> None:
    """Replace what is known of a store's copies; nothing is written where it is known already."""
    data = duplicates.encoded(pairs)
    if store.objects.get(duplicates.PLACE) != data:
        with layout.writer_lock(store.path):
            Store(store.path, "r+").objects.put([(duplicates.PLACE, data)])
