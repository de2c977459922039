"""The objects (files) of a store as bytes, in a folder or at any URL that fsspec opens.

This is the only module that uses what zarr does not document as public: ``zarr.core.sync``, which
runs its asynchronous stores.
"""

import asyncio
import os
from collections.abc import Coroutine, Iterable, Sequence
from typing import Any, TypeVar

from zarr.abc.store import RangeByteRequest, SuffixByteRequest
from zarr.buffer import default_buffer_prototype
from zarr.core.sync import sync
from zarr.storage import FsspecStore, LocalStore

from featkit.errors import StoreError

T = TypeVar("T")

Write = tuple[str, bytes | None]

AT_ONCE = 16  # requests under way at a time


def is_remote(path: str) -> bool:
    """Whether ``path`` is a URL rather than a path."""
    return "://" in path


class Objects:
    """The objects below one root; each is written whole or not at all.

    Parameters
    ----------
    path : str
        Folder or URL.
    writable : bool

    Raises
    ------
    StoreError
        If there is no such folder, or the URL cannot be opened.
    """

    def __init__(self, path: str, writable: bool = True) -> None:
        self.path = path
        if "\0" in path:
            raise StoreError(f"{path!r} is not a path: it contains a NUL character")
        if not is_remote(path) and not os.path.isdir(path):
            raise StoreError(f"no store at {path!r}")
        try:
            self.zarr: Any = (
                FsspecStore.from_url(path, read_only=not writable)
                if is_remote(path)
                # Below a relative root, zarr cuts the root's name out of the middle of keys too.
                else LocalStore(os.path.abspath(path), read_only=not writable)
            )
        except (OSError, ValueError, ImportError) as error:
            raise StoreError(f"{path!r} cannot be opened: {error}") from error

    def get(self, key: str, part: tuple[int, int] | None = None, last: int = 0) -> bytes | None:
        """Return the object at ``key``, or None where there is none.

        ``part`` asks for the bytes from … to (exclusive), ``last`` for the final ones.
        """
        some = RangeByteRequest(*part) if part else SuffixByteRequest(last) if last else None
        data = self._run("read", key, self.zarr.get(key, default_buffer_prototype(), some))
        return None if data is None else bytes(data.to_bytes())

    def get_all(self, keys: Sequence[str]) -> list[bytes | None]:
        """Return the objects at ``keys``, several read at a time; None where there is none."""

        async def get() -> list[Any]:
            limit = asyncio.Semaphore(AT_ONCE)

            async def one(key: str) -> Any:
                async with limit:
                    return await self.zarr.get(key, default_buffer_prototype())

            return await asyncio.gather(*map(one, keys))

        read = self._run("read", "", get())
        return [None if data is None else bytes(data.to_bytes()) for data in read]

    def put(self, objects: Sequence[Write]) -> None:
        """Write objects, one after the other; None deletes."""
        for key, data in objects:
            self._run("written", key, self._set(key, data))

    def put_all(self, objects: Iterable[Write]) -> None:
        """Write objects in any order, several at a time."""

        async def put() -> None:
            limit = asyncio.Semaphore(AT_ONCE)

            async def one(key: str, data: bytes | None) -> None:
                async with limit:
                    await self._set(key, data)

            await asyncio.gather(*(one(key, data) for key, data in objects))

        self._run("written", "", put())

    async def _set(self, key: str, data: bytes | None) -> None:
        if data is None:
            await self.zarr.delete(key)
        else:
            await self.zarr.set(key, default_buffer_prototype().buffer.from_bytes(data))

    def names(self) -> list[str]:
        """Return the names of the files and folders right below the root."""

        async def collect() -> list[str]:
            return [name async for name in self.zarr.list_dir("")]

        return sorted(self._run("listed", "", collect()))

    def keys(self, prefix: str) -> list[str]:
        """Return the keys of all objects below the folder ``prefix``, relative to it."""
        start = f"{prefix}/"

        async def collect() -> list[str]:
            return [key async for key in self.zarr.list_prefix(start)]

        return sorted(key.removeprefix(start) for key in self._run("listed", prefix, collect()))

    def remove(self, prefix: str) -> None:
        """Delete the folder ``prefix`` and everything below it."""
        self._run("deleted", prefix, self.zarr.delete_dir(prefix))

    def size(self, prefix: str) -> int:
        """Return how many bytes the objects below ``prefix`` take."""
        return int(self._run("listed", prefix, self.zarr.getsize_prefix(f"{prefix}/")))

    def _run(self, action: str, key: str, work: Coroutine[Any, Any, T]) -> T:
        """Wait for ``work``; the errors of the system, and of a server, become one line."""
        try:
            result: T = sync(work)
        except StoreError:
            raise
        except Exception as error:
            if not is_remote(self.path) and not isinstance(error, OSError):
                raise
            reason = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
            where = f"{key!r} in the store {self.path!r}" if key else f"the store {self.path!r}"
            raise StoreError(f"{where} cannot be {action}: {reason}") from error
        return result
