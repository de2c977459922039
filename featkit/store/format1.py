"""Stores of format 1: their bookkeeping, and what it becomes.

Format 1 kept the bookkeeping of a feature in Zarr arrays beside its values (``KEY_status``,
``KEY_identity``, ``KEY_length``, ``KEY_error``) and of the audio in ``content``, ``size`` and
``mtime``, each block a chunk. Here every block gets its record; the bytes of its values stay as
they are, and a reader of format 1 still finds them.
"""

import json
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray

from featkit.errors import StoreError
from featkit.store import documents, records, shards
from featkit.store.blocks import Pieces
from featkit.store.manifest import Manifest
from featkit.store.objects import Objects
from featkit.store.records import DONE, FAILED, Record
from featkit.store.shelf import Shelf

_LOST = '{"stage": "unknown", "error": "the reason was damaged before the store was migrated"}'


def _group(path: str) -> zarr.Group:
    try:
        group = zarr.open_group(path, mode="r", zarr_format=3)
        version = group.attrs.get("featkit_format")
    except Exception as error:
        raise StoreError(f"no store that can be read at {path!r}: {error}") from error
    if version != 1:
        raise StoreError(f"{path!r} is not a store of format 1, but of {version}")
    return group


class Old:
    """A store of format 1.

    Attributes
    ----------
    manifest : Manifest
        What it holds, without documents of what format 1 did not have.
    """

    def __init__(self, objects: Objects) -> None:
        self.group = _group(objects.path)
        group, n = self.group, int(str(self.group.attrs["clips"]))
        features = {
            key: dict(array.attrs) for key, array in group.arrays() if "spec" in array.attrs
        }
        self.manifest = Manifest(
            dataset=str(group.attrs["dataset"]),
            shard_clips=int(str(group.attrs["shard_clips"])),
            root=str(group.attrs.get("root", "")),
            protocol=str(group.attrs.get("protocol", "none")),
            about=dict(group.attrs.get("about", {})),
            columns={name: _clip_column(group, name, n) for name in documents.COLUMNS},
            features=features,
            documents={key: json.loads(objects.get(f"{key}/zarr.json") or b"") for key in features},
        )
        self._sidecars: dict[str, _Sidecars] = {}

    def block(self, shelf: Shelf, block: int) -> tuple[list[Pieces], Record, int]:
        """Return the rows of a block, their record, and how many of them are lost."""
        key, manifest = shelf.key, self.manifest
        if key not in self._sidecars:
            self._sidecars[key] = _Sidecars(self.group, key, len(manifest), manifest.shard_clips)
        return _block(shelf, block, self._sidecars[key])


def _clip_column(group: zarr.Group, name: str, n: int) -> list[Any]:
    array: Any = group[name]
    try:
        values: list[Any] = np.asarray(array[:n]).tolist()
    except Exception as error:
        raise StoreError(
            f"the clip column {name!r} is damaged ({error}); extract the dataset into a new store"
        ) from error
    if len(values) < n or (name == "id" and not all(values)):
        raise StoreError(
            f"the clip column {name!r} lacks entries; extract the dataset into a new store"
        )
    return values


class _Sidecars:
    """The bookkeeping of format 1; what cannot be read is as if nothing had been computed."""

    def __init__(self, group: zarr.Group, key: str, n: int, block: int) -> None:
        self.group, self.n, self.block = group, n, block
        self.status = self._column(f"{key}_status", np.dtype("u1"))
        self.identity = self._column(f"{key}_identity", np.dtype("u8"), 3)
        ragged = f"{key}_length" in group
        self.length = self._column(f"{key}_length", np.dtype("i4")) if ragged else None
        self.error = self._column(f"{key}_error", np.dtype(object))
        self.content = self._column("content", np.dtype(object))
        self.size = self._column("size", np.dtype("i8"))
        self.mtime = self._column("mtime", np.dtype("i8"))

    def _column(self, name: str, dtype: np.dtype[Any], width: int = 0) -> NDArray[Any]:
        array: Any = self.group[name]
        values = np.zeros((self.n, width) if width else self.n, dtype=dtype)
        for start in range(0, self.n, self.block):
            stop = min(self.n, start + self.block)
            try:
                values[start:stop] = array[start:stop]
            except (RuntimeError, ValueError, TypeError, OSError):
                values[start:stop] = "" if dtype == np.dtype(object) else 0
        return values

    def entry(self, row: int, device: int) -> Any:
        """Return what is known of a row, without its sum."""
        entry = np.zeros((), dtype=records.ENTRY)
        entry["status"] = self.status[row]
        entry["device"], entry["code"] = device, self.identity[row, 1]
        first = f"{int(self.identity[row, 0]):016x}"
        content = str(self.content[row])
        if content.startswith(first):
            entry["content"] = records.from_hexadecimal(content)
            entry["size"], entry["mtime"] = self.size[row], self.mtime[row]
        elif self.status[row] == DONE:
            # The audio has changed since: of its hash, format 1 kept the first half.
            entry["content"] = records.from_hexadecimal(first + 16 * "0")
        entry["length"] = 0 if self.length is None else self.length[row]
        return entry


def _block(shelf: Shelf, block: int, old: _Sidecars) -> tuple[list[Pieces], Record, int]:
    record, lost = records.empty(shelf.block), 0
    rows: list[Pieces] = [[] for _ in range(shelf.block)]
    stored = _Stored(shelf, block)
    for inside, row in enumerate(range(*shelf.rows_of(block).indices(len(shelf)))):
        entry = old.entry(row, int(old.identity[row, 2]))
        if entry["status"] == DONE:
            pieces = stored.pieces(inside, entry)
            if not pieces or not old.identity[row].any():
                lost += 1
                continue
            rows[inside], entry["sum"] = pieces, shards.row_sum(pieces)
        elif entry["status"] == FAILED:
            record.errors[inside] = str(old.error[row]) or _LOST
            entry["length"] = 0
        else:
            continue
        record.entries[inside] = entry
    return rows, record, lost


class _Stored:
    """The shards of one block of format 1."""

    def __init__(self, shelf: Shelf, block: int) -> None:
        self.shelf, self.block = shelf, block
        self._shards: dict[int, tuple[bytes, NDArray[Any]] | None] = {}

    def pieces(self, inside: int, entry: Any) -> Pieces:
        """Return the pieces of a row; none where one is missing or damaged."""
        shape = self.shelf.layout
        if shape.ragged and entry["length"] < 1:
            return []
        pieces: Pieces = []
        for stretch in range(shape.stretches(np.array([entry], dtype=records.ENTRY))):
            shard = self._shard(stretch)
            if shard is None:
                return []
            data, index = shard
            pieces += [data[start:stop] for start, stop in shards.places(index, inside)]
        whole = not shape.ragged or len(pieces) * shape.chunk[0] >= entry["length"]
        return pieces if whole and all(map(shards.intact, pieces)) else []

    def _shard(self, stretch: int) -> tuple[bytes, NDArray[Any]] | None:
        if stretch not in self._shards:
            shape = self.shelf.layout
            data = self.shelf.objects.get(shape.place(self.block, stretch)) or b""
            try:
                self._shards[stretch] = data, shards.table(data, shape.rows, shape.pieces)
            except StoreError:
                self._shards[stretch] = None
        return self._shards[stretch]
