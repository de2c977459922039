"""An encoded recording on disk that is read in parts, like bytes: for excerpts of long files."""

import hashlib
import os
import stat
from functools import lru_cache
from typing import Any, BinaryIO, Self, overload

from featkit.errors import AudioError

CHUNK = 1 << 20
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


def regular(path: str) -> os.stat_result:
    """Return what the system says about a file, following links.

    Raises
    ------
    AudioError
        If it is a folder, or anything that may block or never end when read: a pipe, a device.
    OSError, ValueError
        If there is no such file, or the path is not one.
    """
    status = os.stat(path)
    if not stat.S_ISREG(status.st_mode):
        kind = _KINDS.get(stat.S_IFMT(status.st_mode), "not a regular file")
        raise AudioError(f"{kind}, not a file with a recording")
    return status


class Recording:
    """An open local file with the length and slices of its bytes; a context manager.

    Raises
    ------
    OSError
        If the file cannot be opened, or is not a regular file.
    """

    def __init__(self, path: str) -> None:
        regular(path)
        self.path = path
        self.file: BinaryIO = open(path, "rb")  # noqa: SIM115
        self.size = os.fstat(self.file.fileno()).st_size

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def __len__(self) -> int:
        return self.size

    @overload
    def __getitem__(self, where: int) -> int: ...
    @overload
    def __getitem__(self, where: slice) -> bytes: ...
    def __getitem__(self, where: int | slice) -> int | bytes:
        """Return one byte, or those of a slice of step 1."""
        if isinstance(where, slice):
            first, stop, _ = where.indices(self.size)
            self.file.seek(first)
            return self.file.read(max(0, stop - first))
        if not 0 <= where < self.size:
            raise IndexError(f"byte {where} of {self.size}")
        self.file.seek(where)
        return self.file.read(1)[0]

    def stamp(self) -> tuple[int, int]:
        """Return size and time of change, by which a change of the file is noticed."""
        status = os.fstat(self.file.fileno())
        return status.st_size, status.st_mtime_ns

    def digest(self) -> Any:
        """Return a copy of the blake2b hash of the bytes, which are read once for each `stamp`."""
        return _digest(self.path, *self.stamp()).copy()


@lru_cache(maxsize=64)
def _digest(path: str, size: int, mtime: int) -> Any:
    """Return the blake2b hash of a file; size and time of change are there to notice a change."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16))
