"""An encoded recording on a disk, looked into like bytes without being read as a whole: for
excerpts of long files.
"""

import hashlib
import os
from functools import lru_cache
from typing import Any, BinaryIO, Self, overload

CHUNK = 1 << 20


class Recording:
    """A local file that is open for reading, with the length, slices and `rfind` of its bytes; a
    context manager.

    Raises
    ------
    OSError
        If the file cannot be opened.
    """

    def __init__(self, path: str) -> None:
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
        self.file.seek(where)
        return self.file.read(1)[0]

    def rfind(self, what: bytes) -> int:
        """Return where ``what`` occurs last, searched from the end; −1 if it does not."""
        stop = self.size
        while stop > 0:
            first = max(0, stop - CHUNK)
            found = self[first : stop + len(what) - 1].rfind(what)
            if found >= 0:
                return first + found
            stop = first
        return -1

    def digest(self) -> Any:
        """Return a copy of the blake2b of the bytes; they are read once for each size and time of
        change.
        """
        found = os.fstat(self.file.fileno())
        return _digest(self.path, found.st_size, found.st_mtime_ns).copy()


@lru_cache(maxsize=64)
def _digest(path: str, size: int, mtime: int) -> Any:
    """Return the blake2b of a file; size and time of change are there to notice a change."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16))
