"""One feature in a store: its rows, their status, and the writes that a task makes for its block."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray

from featkit.errors import StoreError
from featkit.store import layout, objects, shards

Row = NDArray[Any]


class Shelf:
    """The arrays of one feature.

    Parameters
    ----------
    group : zarr.Group
        The store's root group.
    key : str
        Name of the feature's array.
    """

    def __init__(self, group: zarr.Group, key: str) -> None:
        self.group = group
        self.key = key
        self.array: Any = group[key]
        self.attributes: dict[str, Any] = dict(self.array.attrs)
        self.spec: dict[str, Any] = self.attributes["spec"]
        self.canonical = str(self.attributes["canonical"])
        self.name = str(self.spec["name"])
        self.shape = tuple(self.attributes["shape"])
        self.stored_shape = tuple(self.attributes["stored_shape"])
        self.ragged = bool(self.stored_shape) and self.stored_shape[0] is None
        self.dtype = np.dtype(self.attributes["dtype"])
        self.block = int(group.attrs["shard_clips"])
        codec = self.array.metadata.codecs[0]
        self._chunk: tuple[int, ...] = tuple(codec.chunk_shape)[1:]
        self._pieces = layout.SHARD_PIECES if self.ragged else 1
        self._frames = self._chunk[0] * self._pieces if self._chunk else 1

    def __repr__(self) -> str:
        return f"Shelf({self.canonical!r}, shape={self.shape}, dtype={self.dtype})"

    def __len__(self) -> int:
        return int(self.array.shape[0])

    def column(self, sidecar: str) -> NDArray[Any]:
        """Return a per-clip array (``status``, ``identity``, ``length``, ``error``); damaged blocks
        read as zero (missing).
        """
        return layout.read_rows(self.group[f"{self.key}_{sidecar}"], len(self), self.block)[0]

    def column_block(self, sidecar: str, block: int, count: int) -> NDArray[Any]:
        """Return the first ``count`` entries of a per-clip array in one block."""
        array: Any = self.group[f"{self.key}_{sidecar}"]
        return np.asarray(array[block * self.block : block * self.block + count])

    def damaged(self, sidecar: str) -> list[int]:
        """Return the blocks of a per-clip array that cannot be read."""
        return layout.read_rows(self.group[f"{self.key}_{sidecar}"], len(self), self.block)[1]

    def shards(self) -> set[tuple[int, int]]:
        """Return (block, stretch of frames) of every shard that exists."""
        found = set()
        for key in objects.list_keys(self.group, f"{self.key}/c"):
            parts = key.split("/")
            if all(part.isdigit() for part in parts):
                found.add((int(parts[0]), int(parts[1]) if len(parts) > 1 else 0))
        return found

    def read_block(
        self,
        block: int,
        rows: Sequence[int],
        lengths: Sequence[int] | None,
        out: Sequence[Row] | None = None,
    ) -> list[Row | StoreError]:
        """Return the values of ``rows`` (numbers inside the block), cut to their valid lengths, or
        what is wrong with them.

        Where all rows have one shape, they may be put into ``out``.
        """
        stretches = 1 if lengths is None else max(1, -(-max(lengths, default=1) // self._frames))
        found: list[list[Row]] = [[] for _ in rows]
        problems: dict[int, StoreError] = {}
        for stretch in range(stretches):
            wanted = [
                i
                for i in range(len(rows))
                if lengths is None or stretch == 0 or lengths[i] > stretch * self._frames
            ]
            data = objects.get_bytes(self.group, self._object(block, stretch))
            if data is None:
                problems |= {i: StoreError("the shard is missing") for i in wanted}
                continue
            got = shards.decode(
                data,
                self._chunk,
                self._pieces,
                self.block,
                self.dtype,
                [rows[i] for i in wanted],
                out,
            )
            for i, values in zip(wanted, got, strict=True):
                if isinstance(values, StoreError):
                    problems[i] = values
                elif values is None:
                    problems[i] = StoreError("the row is not in its shard")
                else:
                    found[i].append(values)
        whole: list[Row | StoreError] = []
        for i, parts in enumerate(found):
            if i in problems:
                whole.append(problems[i])
                continue
            row = parts[0] if len(parts) == 1 else np.concatenate(parts)
            row = row if lengths is None else row[: lengths[i]]
            short = lengths is not None and len(row) < lengths[i]
            whole.append(StoreError("the row is shorter than its length") if short else row)
        return whole

    def row_table(self, block: int, stretch: int = 0) -> NDArray[Any]:
        """Return the index of a shard, for `read_row`. Raises StoreError where it is damaged."""
        last = shards.table_size(self.block, self._pieces)
        data = objects.get_bytes(self.group, self._object(block, stretch), last=last)
        if data is None:
            raise StoreError("the shard is missing")
        return shards.table(data, self.block, self._pieces)

    def read_row(
        self, block: int, row: int, tables: Callable[[int], NDArray[Any]], length: int | None = None
    ) -> Row:
        """Return one row (number inside the block) without reading others. Raises StoreError where
        it is damaged or absent.

        ``tables`` gives the `row_table` of a stretch of the block, ``length`` is the row's where
        lengths differ.
        """
        parts = []
        for stretch in range(1 if length is None else max(1, -(-length // self._frames))):
            for place in shards.places(tables(stretch), row):
                data = objects.get_bytes(self.group, self._object(block, stretch), part=place)
                parts.append(shards.decode_chunk(data or b"", self._chunk, self.dtype))
        if not parts:
            raise StoreError("the row is not in its shard")
        if length is None:
            return parts[0]
        if sum(map(len, parts)) < length:
            raise StoreError("the row is shorter than its length")
        return np.concatenate(parts)[:length]

    def write_block(
        self,
        block: int,
        values: Sequence[Row | None],
        identity: NDArray[np.uint64],
        errors: Mapping[int, str],
        *,
        until_then: NDArray[np.uint8] | None,
        had_errors: bool,
    ) -> None:
        """Write a whole block: values, then what they were made from, then the status that makes
        them valid.

        Parameters
        ----------
        values : sequence of ndarray or None
            One entry per clip of the block; None where the clip has none.
        identity : ndarray of uint64, shape (clips of the block, 3)
            Content hash, code fingerprint and device of each row.
        errors : mapping of int to str
            Why a row without values failed; the others are missing.
        until_then : ndarray of uint8, optional
            Status to write before the values: where valid rows get other values or none, they are
            missing in it, so that a kill in between cannot leave old words beside new values; rows
            that keep their values stay valid.
        had_errors : bool
            Whether the block's ledger holds lines that may have to go.
        """
        status = np.array(
            [layout.DONE if row is not None else layout.MISSING for row in values], dtype=np.uint8
        )
        status[list(errors)] = layout.FAILED
        parts = [] if until_then is None else [self._part("status", block, until_then)]
        longest = (
            max((len(row) for row in values if row is not None), default=0) if self.ragged else 1
        )
        for stretch in range(max(1, -(-longest // self._frames))):
            data = shards.encode(
                self._stretch(values, stretch), self._chunk, self._pieces, self.block
            )
            parts.append((self._object(block, stretch), data))
        if self.ragged:
            lengths = np.array([0 if row is None else len(row) for row in values], dtype=np.int32)
            parts.append(self._part("length", block, lengths))
        parts.append(self._part("identity", block, identity))
        if errors or had_errors:
            texts = np.array([errors.get(row, "") for row in range(len(values))], dtype=object)
            parts.append(self._part("error", block, texts))
        parts.append(self._part("status", block, status))
        objects.put_bytes(self.group, parts)

    def mark_missing(self, rows: NDArray[np.int64]) -> None:
        """Mark rows (numbers in the store) as missing, so that the next extraction computes them."""
        n = len(self)
        for block in np.unique(rows // self.block):
            start = int(block) * self.block
            stop = min(n, start + self.block)
            status, damaged = layout.read_rows(self.group[f"{self.key}_status"], n, self.block)
            part = status[start:stop].astype(np.uint8)
            part[rows[rows // self.block == block] % self.block] = layout.MISSING
            if int(block) in damaged:
                part[:] = layout.MISSING
            objects.put_bytes(self.group, [self._part("status", int(block), part)])

    def clear_block(self, sidecar: str, block: int) -> None:
        """Empty a block of a per-clip array, as if nothing had been computed there."""
        objects.put_bytes(self.group, [(self._column(sidecar, block), None)])

    def drop_rows(self, block: int, rows: set[int]) -> None:
        """Delete the values of ``rows`` (numbers inside the block); the others of the block keep
        theirs, whenever it stops.
        """
        start, stop = block * self.block, min(len(self), (block + 1) * self.block)
        status = self.column("status")[start:stop]
        lengths = self.column("length")[start:stop] if self.ragged else None
        kept = [i for i in range(stop - start) if status[i] == layout.DONE and i not in rows]
        values: list[Row | None] = [None] * (stop - start)
        for i, row in zip(
            kept,
            self.read_block(
                block, kept, None if lengths is None else [int(lengths[i]) for i in kept]
            ),
            strict=True,
        ):
            values[i] = None if isinstance(row, StoreError) else row
        errors = {
            i: str(text)
            for i, text in enumerate(self.column("error")[start:stop])
            if text and i not in rows
        }
        identity = self.column("identity")[start:stop].astype(np.uint64)
        until_then = status.astype(np.uint8)
        identity[list(rows)], until_then[list(rows)] = 0, layout.MISSING
        self.write_block(block, values, identity, errors, until_then=until_then, had_errors=True)

    def accept_code(self, rows: NDArray[np.int64], code: int) -> None:
        """Note that ``rows`` (numbers in the store) are what the code with this fingerprint gives."""
        n = len(self)
        identity = self.column("identity").astype(np.uint64)
        identity[rows, 1] = code
        for block in np.unique(rows // self.block):
            start, stop = int(block) * self.block, min(n, (int(block) + 1) * self.block)
            objects.put_bytes(
                self.group, [self._part("identity", int(block), identity[start:stop])]
            )

    def fit_frames(self) -> None:
        """Set the array's frame axis to the longest valid row, which makes all rows visible to
        other readers of Zarr.
        """
        if self.ragged:
            longest = int(self.column("length").max(initial=0))
            if self.array.shape[1] != longest:
                metadata = (self.array.shape[0], longest, *self.array.shape[2:])
                self.array.resize(metadata)

    def failures(self) -> dict[int, dict[str, str]]:
        """Return ``{"stage", "error"}`` for each failed row."""
        failed = np.flatnonzero(self.column("status") == layout.FAILED)
        if not len(failed):
            return {}
        texts = self.column("error")
        lost = '{"stage": "unknown", "error": "the ledger entry is damaged"}'
        return {int(row): json.loads(texts[row] or lost) for row in failed}

    def _part(self, sidecar: str, block: int, values: NDArray[Any]) -> tuple[str, bytes | None]:
        """Return the object that holds one whole block of a per-clip array."""
        stop, n = block * self.block + len(values), len(self)
        if len(values) < self.block and stop < n:
            raise StoreError(
                f"a block of {self.key} is written in part: it ends at row {stop} of {n}"
            )
        return self._column(sidecar, block), shards.encode_column(values, self.block)

    def _column(self, sidecar: str, block: int) -> str:
        return f"{self.key}_{sidecar}/c/{block}" + ("/0" if sidecar == "identity" else "")

    def _stretch(self, values: Sequence[Row | None], stretch: int) -> list[Row | None]:
        if not self.ragged:
            return [None if row is None else np.asarray(row, dtype=self.dtype) for row in values]
        cut = slice(stretch * self._frames, (stretch + 1) * self._frames)
        return [
            None if row is None or not len(row[cut]) else np.asarray(row[cut], dtype=self.dtype)
            for row in values
        ]

    def _object(self, block: int, stretch: int) -> str:
        tail = [stretch, *([0] * (len(self.stored_shape) - 1))] if self.stored_shape else []
        return "/".join([self.key, "c", str(block), *map(str, tail)])
