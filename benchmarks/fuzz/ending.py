"""End this process at its n-th change of a file, as a kill at that moment would.

An audit hook counts what Python does to files below one folder: opening for writing, renaming,
deleting, making and linking. Of the attempts to make one folder the first counts: how many there
are depends on how threads take turns.
"""

import os
import sys
from collections.abc import Callable
from typing import Any

CHANGES = ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "os.truncate")
STATUS = 9
# How every line of a file of results, or of predictions, begins.
TORN = b'{"'


def arm(root: str, fatal: int | None = None, harsh: bool = False) -> Callable[[], int]:
    """Count changes below ``root`` from now on; return what gives their number.

    Parameters
    ----------
    root : str
    fatal : int, optional
        The process ends right before this change, the first being 1.
    harsh : bool
        It ends a moment later: a file that is opened for writing is left torn, and a rename is
        made.
    """
    count, folders = 0, set[str]()

    def watch(event: str, values: tuple[Any, ...]) -> None:
        nonlocal count
        if (event != "open" and event not in CHANGES) or not _counts(root, event, values):
            return
        if event == "os.mkdir":
            if values[0] in folders:
                return
            folders.add(values[0])
        elif event == "os.rmdir":
            folders.discard(values[0])
        count += 1
        if count == fatal:
            if harsh:
                _half(event, values)
            os._exit(STATUS)

    sys.addaudithook(watch)
    return lambda: count


def _counts(root: str, event: str, values: tuple[Any, ...]) -> bool:
    path = values[0] if values else None
    below = isinstance(path, (str, os.PathLike)) and os.fspath(path).startswith(root)
    if event == "open":
        return below and bool((values[2] or 0) & (os.O_WRONLY | os.O_RDWR))
    # Deleting a tree names its entries by the number of their folder.
    inside = values and values[-1] not in (-1, None) and not str(path).startswith("/")
    return bool(below or inside)


def _half(event: str, values: tuple[Any, ...]) -> None:
    """Do a part of a change: the file system does the rest of the other kinds at once."""
    if event == "open":
        appends = (values[2] or 0) & os.O_APPEND
        flags = os.O_WRONLY | os.O_CREAT | (os.O_APPEND if appends else os.O_TRUNC)
        file = os.open(values[0], flags)
        os.write(file, TORN if appends else b"torn")
    elif event == "os.rename":
        os.replace(values[0], values[1])
