"""Files that a command is to write, checked before it works."""

import os
from collections.abc import Collection
from pathlib import Path

from featkit.errors import ParameterError


def check_target(place: str, suffixes: Collection[str] = ()) -> None:
    """Raise ParameterError if no file can be written at ``place``.

    Parameters
    ----------
    place : str
    suffixes : collection of str
        Those that are allowed; empty for any.
    """
    path = Path(place)
    if suffixes and path.suffix not in suffixes:
        raise ParameterError(f"{place!r}: the suffix must be one of {', '.join(suffixes)}")
    folder = path.resolve().parent
    if not folder.is_dir():
        raise ParameterError(f"{place!r}: there is no folder {str(folder)!r}")
    if path.is_dir():
        raise ParameterError(f"{place!r} is a folder")
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise ParameterError(f"{place!r} cannot be written: no permission")
