"""The bookkeeping of a block: what each of its rows was made from, and whether it is valid.

A record is a header, one entry per row, and the crc32c of both. It lies in the block's own object,
so that values and bookkeeping are replaced at once.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from featkit.errors import StoreError
from featkit.store.shards import checksum, compressed, expanded

MISSING, DONE, FAILED = 0, 1, 2
MAGIC = b"featkit3"
HEADER = np.dtype(
    [
        ("magic", "S8"),
        ("key", "<u8"),
        ("block", "<u4"),
        ("rows", "<u4"),
        ("generation", "<u8"),
        ("errors", "<u4"),
        ("errors_sum", "<u4"),
    ]
)
ENTRY = np.dtype(
    [
        ("status", "u1"),
        ("device", "u1"),
        ("content", "u1", (16,)),
        ("file", "u1", (16,)),
        ("code", "<u8"),
        ("length", "<i4"),
        ("sum", "<u4"),
        ("size", "<i8"),
        ("mtime", "<i8"),
    ]
)

Entries = NDArray[Any]


@dataclass
class Record:
    """The bookkeeping of one block.

    Attributes
    ----------
    entries : structured ndarray
        One entry per row: ``status`` (0 missing, 1 done, 2 failed), ``device`` (0 CPU, 1 CUDA),
        ``content`` (16 bytes of the BLAKE2b of the audio file, and of the excerpt if it is one),
        ``file`` (those of the whole file; zeros where unknown), ``code`` (fingerprint), ``length``
        (frames of the row; 0 where all rows have one shape), ``sum`` (`shards.row_sum`), ``size``
        and ``mtime`` of the audio file when it was read.
    generation : int
        Rises each time the block is written, and never falls.
    errors : dict of int to str
        Why a failed row failed: ``{"stage", "error"}`` as JSON.
    """

    entries: Entries
    generation: int = 0
    errors: dict[int, str] = field(default_factory=dict)


def empty(rows: int, generation: int = 0) -> Record:
    """Return the record of a block in which nothing has been computed."""
    return Record(np.zeros(rows, dtype=ENTRY), generation)


def size(rows: int) -> int:
    """Return the bytes that a record of ``rows`` rows takes, without its errors."""
    return HEADER.itemsize + rows * ENTRY.itemsize + 4


def encode(record: Record, owner: str, block: int) -> bytes:
    """Return the record's bytes, its errors first.

    ``owner`` names the store and the feature.
    """
    errors = _encode_errors(record.errors)
    header = np.zeros((), dtype=HEADER)
    header["magic"], header["key"], header["block"] = MAGIC, _name(owner), block
    header["rows"], header["generation"] = len(record.entries), record.generation
    header["errors"] = len(errors)
    header["errors_sum"] = int.from_bytes(checksum(errors), "little")
    body = header.tobytes() + record.entries.tobytes()
    return errors + body + checksum(body)


def decode(data: bytes, owner: str, block: int, rows: int) -> tuple[Record, int, int]:
    """Return a record without its errors, and the length and checksum of these.

    Raises
    ------
    StoreError
        If the bytes are damaged or are the record of another block.
    """
    if len(data) != size(rows) or checksum(data[:-4]) != data[-4:]:
        raise StoreError("the block's record is damaged")
    header = np.frombuffer(data[: HEADER.itemsize], dtype=HEADER)[0]
    if not names(header, MAGIC, owner, block, rows):
        raise StoreError("the object is that of another block or store")
    entries = np.frombuffer(data[HEADER.itemsize : -4], dtype=ENTRY).copy()
    record = Record(entries, int(header["generation"]))
    return record, int(header["errors"]), int(header["errors_sum"])


def names(header: Any, magic: bytes, owner: str, block: int, rows: int) -> bool:
    """Whether a header is that of a record of this owner, block and number of rows."""
    named = (bytes(header["magic"]), int(header["key"]), int(header["block"]), int(header["rows"]))
    return named == (magic, _name(owner), block, rows)


def decode_errors(data: bytes, sum32: int) -> dict[int, str]:
    """Return the errors of a record; raise StoreError where they are damaged."""
    if int.from_bytes(checksum(data), "little") != sum32:
        raise StoreError("the block's errors are damaged")
    texts = json.loads(expanded(data)) if data else {}
    return {int(row): str(text) for row, text in texts.items()}


def hexadecimal(content: NDArray[Any]) -> str:
    """Return 16 bytes of a content hash as 32 hex digits; nothing where all are zero."""
    return content.tobytes().hex() if content.any() else ""


def from_hexadecimal(content: str) -> NDArray[np.uint8]:
    """Return the 16 bytes of a content hash of 32 hex digits; zeros for nothing."""
    return np.frombuffer(bytes.fromhex(content or "00" * 16), dtype=np.uint8)


def hashes(entries: Entries, field: str) -> NDArray[Any]:
    """Return the hashes ``content`` or ``file`` of some entries as texts."""
    return np.array([hexadecimal(digest) for digest in entries[field]], dtype=object)


def _name(owner: str) -> int:
    return int.from_bytes(hashlib.blake2b(owner.encode(), digest_size=8).digest(), "little")


def _encode_errors(errors: Mapping[int, str]) -> bytes:
    if not errors:
        return b""
    return compressed(json.dumps({str(row): errors[row] for row in sorted(errors)}).encode())
