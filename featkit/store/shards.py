"""One block as bytes: its shard, each row an inner chunk of Zarr's ``sharding_indexed`` codec, and
its per-clip columns.

A shard file is the encoded chunks one after the other, then an index of (offset, length) pairs in C
order, then the index's crc32c. A chunk is little-endian values, zstd, crc32c. Zarr reads and checks
these files by itself; writing and reading them here, one whole shard at a time, is what makes a row
either complete or absent, and costs a third of the time.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numcodecs.vlen import VLenUTF8
from numcodecs.zstd import Zstd
from numpy.typing import NDArray

from featkit.errors import StoreError

ZSTD_LEVEL = 1
_ABSENT = np.uint64(2**64 - 1)
_zstd = Zstd(level=ZSTD_LEVEL)
_text = VLenUTF8()


def checksum(data: bytes) -> bytes:
    """Return the four bytes of the crc32c of ``data``."""
    import google_crc32c

    return int(google_crc32c.value(data)).to_bytes(4, "little")


def encode(
    rows: Sequence[NDArray[Any] | None], chunk: tuple[int, ...], pieces: int, n_rows: int
) -> bytes | None:
    """Return the bytes of one shard, or None where it holds nothing.

    Parameters
    ----------
    rows : sequence of ndarray or None
        Values of each row of the block, at most ``pieces · chunk[0]`` long on their first axis;
        None where absent.
    chunk : tuple of int
        Shape of one inner chunk, without the row axis.
    pieces : int
        Inner chunks of a row in this shard.
    n_rows : int
        Rows that the shard has room for.
    """
    index = np.full((n_rows, pieces, 2), _ABSENT, dtype="<u8")
    parts: list[bytes] = []
    offset = 0
    for number, row in enumerate(rows):
        if row is None:
            continue
        for piece in range(pieces):
            values = row if not chunk else row[piece * chunk[0] : (piece + 1) * chunk[0]]
            if chunk and not len(values):
                break
            data = _encode_chunk(values, chunk, row.dtype)
            index[number, piece] = offset, len(data)
            parts.append(data)
            offset += len(data)
    if not parts:
        return None
    table = index.tobytes()
    return b"".join([*parts, table, checksum(table)])


def _encode_chunk(values: NDArray[Any], chunk: tuple[int, ...], dtype: np.dtype[Any]) -> bytes:
    if values.shape != chunk:
        whole = np.full(chunk, np.nan, dtype=dtype)
        whole[: len(values)] = values
        values = whole
    return _packed(np.ascontiguousarray(values))


def _packed(values: Any) -> bytes:
    data: bytes = _zstd.encode(values)
    return bytes(data) + checksum(data)


def encode_column(values: NDArray[Any], n_rows: int) -> bytes | None:
    """Return the bytes of one block of a per-clip array, numbers or (dtype object) texts; None
    where it holds nothing.

    It is the chunk that Zarr writes: ``n_rows`` entries, the absent ones 0 or empty, and none at
    all where every entry is.
    """
    if not values.any():
        return None
    empty = "" if values.dtype == object else 0
    whole = np.full((n_rows, *values.shape[1:]), empty, dtype=values.dtype.newbyteorder("<"))
    whole[: len(values)] = values
    return _packed(_text.encode(whole) if values.dtype == object else whole)


def decode(
    data: bytes,
    chunk: tuple[int, ...],
    pieces: int,
    n_rows: int,
    dtype: np.dtype[Any],
    wanted: Sequence[int],
    out: Sequence[NDArray[Any]] | None = None,
) -> list[NDArray[Any] | StoreError | None]:
    """Return the values of the ``wanted`` rows of a shard: an array, the damage found, or None
    where the row is absent.

    With ``out`` (one array for each, ``pieces`` 1) values are put there, and memory is touched
    once.
    """
    try:
        index = table(data[-table_size(n_rows, pieces) :], n_rows, pieces)
    except StoreError as error:
        return [error for _ in wanted]
    found: list[NDArray[Any] | StoreError | None] = []
    for number, row in enumerate(wanted):
        try:
            parts = [
                decode_chunk(data[start:stop], chunk, dtype) for start, stop in places(index, row)
            ]
        except StoreError as error:
            found.append(error)
            continue
        if out is not None and parts:
            out[number][...] = parts[0]
            parts = [out[number]]
        found.append(None if not parts else parts[0] if len(parts) == 1 else np.concatenate(parts))
    return found


def table_size(n_rows: int, pieces: int) -> int:
    """Return the bytes that the index takes at a shard's end."""
    return n_rows * pieces * 16 + 4


def table(data: bytes, n_rows: int, pieces: int) -> NDArray[Any]:
    """Return the index, (n_rows, pieces, 2), that the last bytes of a shard hold; raise StoreError
    where it is damaged.
    """
    if len(data) != table_size(n_rows, pieces) or checksum(data[:-4]) != data[-4:]:
        raise StoreError("the shard's index is damaged")
    return np.frombuffer(data[:-4], dtype="<u8").reshape(n_rows, pieces, 2)


def places(index: NDArray[Any], row: int) -> list[tuple[int, int]]:
    """Return the bytes, from and to, of each piece of a row that there is."""
    return [(int(at), int(at) + int(length)) for at, length in index[row] if at != _ABSENT]


def decode_chunk(data: bytes, chunk: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return the values of one inner chunk; raise StoreError where it is damaged."""
    if len(data) < 5 or checksum(data[:-4]) != data[-4:]:
        raise StoreError("checksum mismatch")
    return np.frombuffer(_zstd.decode(data[:-4]), dtype=dtype).reshape(chunk)
