"""What other readers of Zarr see beside the values: metadata documents and columns.

All of it is derived from the manifest and the records. featkit writes it and compares it, but
reads nothing from it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from featkit.errors import StoreError
from featkit.store import documents, records, shards
from featkit.store import index as clip_index
from featkit.store import manifest as manifests
from featkit.store.manifest import Manifest
from featkit.store.objects import Objects
from featkit.store.records import DONE
from featkit.store.shelf import Books, Shelf


@dataclass(frozen=True)
class Difference:
    """An object that is not what it should be.

    Attributes
    ----------
    place : str
        Its key in the store.
    problem : str
        What is wrong with it.
    data : bytes or None
        What it should be; None for no object.
    """

    place: str
    problem: str
    data: bytes | None


def publish(objects: Objects, manifest: Manifest) -> Manifest:
    """Bring documents and columns up to date and return the manifest, which may have changed.

    The frame axis of features whose rows differ in length is set to the longest row. The
    generations of all blocks are noted, so that an older version of one is noticed.
    """
    books = all_books(objects, manifest)
    longest = {key: int(book.entries["length"].max(initial=0)) for key, book in books.items()}
    fitting = replace(
        clip_index.with_documents(manifest, longest), written=_written(manifest, books)
    )
    if vars(fitting) != vars(manifest):
        fitting = manifests.write(objects, fitting)
    write = [
        (difference.place, difference.data) for difference in differences(objects, fitting, books)
    ]
    objects.put(write)
    return fitting


def _written(manifest: Manifest, books: Mapping[str, Books]) -> dict[str, list[int]]:
    """Return the generation that each block has reached."""
    written = {}
    for key, book in books.items():
        before = np.zeros(len(book.generations), dtype=np.int64)
        noted = manifest.written.get(key, [])
        before[: len(noted)] = noted
        written[key] = np.maximum(before, book.generations).tolist()
    return written


def all_books(objects: Objects, manifest: Manifest) -> dict[str, Books]:
    """Return the records of all features."""
    return {key: Shelf(objects, manifest, key).books() for key in sorted(manifest.features)}


def write_documents(objects: Objects, manifest: Manifest) -> None:
    """Write the documents that differ from those of the manifest."""
    objects.put(
        [(difference.place, difference.data) for difference in _documents(objects, manifest)]
    )


def differences(
    objects: Objects, manifest: Manifest, books: Mapping[str, Books]
) -> Iterator[Difference]:
    """Return every derived object that is missing, damaged or out of date."""
    yield from _documents(objects, manifest)
    damaged = {key: _damaged(book, manifest) for key, book in books.items()}
    for name, values in clip_index.of(manifest).columns.items():
        shown = _as_utf8(values) if values.dtype.kind == "O" else values
        yield from _column(objects, name, shown, np.zeros(len(values), dtype=bool))
    for key, book in books.items():
        status = book.entries["status"]
        yield from _column(objects, f"{key}_status", status, damaged[key])
        if documents.is_ragged(manifest.features[key]["stored_shape"]):
            yield from _column(objects, f"{key}_length", book.entries["length"], damaged[key])
    unknown = np.logical_or.reduce([np.zeros(len(manifest), dtype=bool), *damaged.values()])
    yield from _column(objects, "content", content(manifest, books), unknown)


def content(manifest: Manifest, books: Mapping[str, Books]) -> NDArray[Any]:
    """Return the content hash of each clip: that of the first feature, by key, that has its row."""
    entries = np.zeros(len(manifest), dtype=records.ENTRY)
    for key in sorted(books, reverse=True):
        done = books[key].entries["status"] == DONE
        entries[done] = books[key].entries[done]
    return records.hashes(entries, "content")


def expected_places(manifest: Manifest) -> set[str]:
    """Return the keys of all derived objects that there may be."""
    chunks = -(-len(manifest) // documents.COLUMN_CHUNK)
    places = {f"{name}/zarr.json".lstrip("/") for name in manifest.documents}
    for name in manifest.documents:
        if name and name not in manifest.features:
            places |= {f"{name}/c/{chunk}" for chunk in range(chunks)}
    return places


def _documents(objects: Objects, manifest: Manifest) -> Iterator[Difference]:
    places = [f"{name}/zarr.json".lstrip("/") for name in manifest.documents]
    stored = objects.get_all(places)
    for place, document, data in zip(places, manifest.documents.values(), stored, strict=True):
        right = documents.to_bytes(document)
        if data != right:
            problem = "the object is missing" if data is None else "the document is not as written"
            yield Difference(place, problem, right)


def _as_utf8(texts: NDArray[Any]) -> NDArray[Any]:
    """Return texts with a question mark for what UTF-8 cannot hold, as in names of some files."""
    return np.array([text.encode("utf-8", "replace").decode() for text in texts], dtype=object)


def _column(
    objects: Objects, name: str, values: NDArray[Any], unknown: NDArray[np.bool_]
) -> Iterator[Difference]:
    size = documents.COLUMN_CHUNK
    places = [f"{name}/c/{chunk}" for chunk in range(-(-len(values) // size))]
    for chunk, (place, data) in enumerate(zip(places, objects.get_all(places), strict=True)):
        part = slice(chunk * size, (chunk + 1) * size)
        problem = _problem(data, values[part], unknown[part])
        if problem:
            yield Difference(place, problem, shards.encode_column(values[part], size))


def _problem(data: bytes | None, values: NDArray[Any], unknown: NDArray[np.bool_]) -> str:
    """Return what is wrong with a chunk of a column; where ``unknown``, anything is good."""
    if data is None:
        return "the object is missing" if values[~unknown].any() else ""
    try:
        stored = shards.decode_column(data, values.dtype, documents.COLUMN_CHUNK)
    except StoreError as error:
        return str(error)
    if stored[len(values) :].any():
        return "the column has other entries than the records"
    now, then = values[~unknown], stored[: len(values)][~unknown]
    same = np.array_equal(now, then, equal_nan=values.dtype.kind == "f")
    return "" if same else "the column has other entries than the records"


def _damaged(book: Books, manifest: Manifest) -> NDArray[np.bool_]:
    mask = np.zeros(len(manifest), dtype=bool)
    for block in book.damaged:
        mask[block * manifest.shard_clips : (block + 1) * manifest.shard_clips] = True
    return mask
