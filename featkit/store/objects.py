"""The objects (files) below a store's group as bytes, through the store that zarr has opened.

This is the only module that uses what zarr does not document as public: ``zarr.core.sync``, which
runs its asynchronous stores.
"""

from collections.abc import Sequence

import zarr
from zarr.abc.store import RangeByteRequest, SuffixByteRequest
from zarr.buffer import default_buffer_prototype
from zarr.core.sync import sync


def get_bytes(
    group: zarr.Group, key: str, part: tuple[int, int] | None = None, last: int = 0
) -> bytes | None:
    """Return the object at ``key`` below the group, or None where there is none.

    ``part`` asks for the bytes from … to (exclusive), ``last`` for the final ones.
    """
    some = RangeByteRequest(*part) if part else SuffixByteRequest(last) if last else None
    data = sync(group.store.get(_join(group, key), default_buffer_prototype(), some))
    return None if data is None else bytes(data.to_bytes())


def put_bytes(group: zarr.Group, objects: Sequence[tuple[str, bytes | None]]) -> None:
    """Write objects below the group, one after the other, each atomically; None deletes."""
    make = default_buffer_prototype().buffer.from_bytes

    async def put() -> None:
        for key, data in objects:
            where = _join(group, key)
            await (
                group.store.delete(where) if data is None else group.store.set(where, make(data))
            )

    sync(put())


def list_keys(group: zarr.Group, prefix: str) -> list[str]:
    """Return the keys of all objects below ``prefix``, relative to it."""
    start = _join(group, prefix).rstrip("/") + "/"

    async def collect() -> list[str]:
        return [key async for key in group.store.list_prefix(start)]

    return [key.removeprefix(start) for key in sync(collect())]


def list_folder(group: zarr.Group) -> list[str]:
    """Return the names of the files and folders right below the group."""

    async def collect() -> list[str]:
        return [name async for name in group.store.list_dir(group.path)]

    names: list[str] = sync(collect())
    return names


def total_bytes(group: zarr.Group, prefix: str) -> int:
    """Return how many bytes the objects below ``prefix`` take."""
    return int(sync(group.store.getsize_prefix(_join(group, prefix) + "/")))


def _join(group: zarr.Group, key: str) -> str:
    return f"{group.path}/{key}" if group.path else key
