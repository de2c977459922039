"""A file of JSON objects, one to a line, that several processes append to and a killed one may
tear.
"""

import io
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from featkit.errors import ParameterError


def append_line(path: Path, row: dict[str, Any], key: str) -> None:
    """Append ``row`` as one line in one write, after cutting off a torn last line.

    The caller holds a lock where several processes write to one file.

    Parameters
    ----------
    path : Path
    row : dict
    key : str
        What every object of this file has; a file without it is another program's.

    Raises
    ------
    ParameterError
        If the file holds anything else; it is left as it is.
    ValueError
        If ``row`` holds a number that JSON lacks, such as NaN.
    """
    check_regular(path)
    data = (json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n").encode()
    with open(path, "a+b", buffering=0) as file:
        _check_first_line(path, key)
        _cut_torn_line(file, path, key)
        file.write(data)


def check_regular(path: Path) -> None:
    """Raise ParameterError for what may block or never end when read: a pipe, a device; or a
    folder.
    """
    if path.exists() and not path.is_file():
        raise ParameterError(f"{str(path)!r} is not a regular file, so it cannot hold results")


def read_lines(path: Path, key: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (number of the line from 1, its object); a torn last line is left out.

    Parameters
    ----------
    path : Path
    key : str
        What every object has.

    Raises
    ------
    ParameterError
        If it is not a regular file, or a line other than a torn last one is not JSON in UTF-8 or
        not an object with ``key``.
    """
    check_regular(path)
    lines = path.read_bytes().split(b"\n")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = parsed(line)
        except ValueError as error:
            if number == len(lines) and _is_torn(line, key):
                return
            raise ParameterError(f"{path}, line {number}: not JSON ({error})") from error
        if not isinstance(row, dict) or key not in row:
            what = f"without {key!r}" if isinstance(row, dict) else f"but {type(row).__name__}"
            raise ParameterError(f"{path}, line {number}: not a result of featkit {what}")
        yield number, row


def parsed(line: bytes) -> Any:
    """Return what a line of JSON holds.

    Raises
    ------
    ValueError
        If it is not JSON in UTF-8, holds NaN or an infinite number, or is nested too deep.
    """
    try:
        return json.loads(line.decode(), parse_constant=_no_number, parse_float=_finite)
    except RecursionError as error:
        raise ValueError("too many values in each other") from error


def plain(value: Any) -> Any:
    """Return ``value`` in types that JSON has.

    NumPy scalars and arrays become numbers and lists, other objects their text.
    """
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [plain(item) for item in value]
    if isinstance(value, (np.generic, np.ndarray)):
        return plain(value.tolist())
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number of JSON")


def _finite(text: str) -> float:
    number = float(text)
    return number if abs(number) != float("inf") else _no_number(text)


def _is_torn(line: bytes, key: str) -> bool:
    """Return whether a line that is not JSON may be what a killed process wrote of one of ours."""
    name = key.encode()
    line = re.sub(rb'^(\{"format": )\d+', rb"\g<1>0", line)
    starts = (b'{"%b": ' % name, b'{"format": 0, "%b": ' % name)
    return any(line.startswith(start) or start.startswith(line) for start in starts)


def _check_first_line(path: Path, key: str) -> None:
    """Raise ParameterError unless the first line, if there is any, is one of ours."""
    with open(path, "rb") as file:
        first = file.readline()
    try:
        row = parsed(first) if first.strip() else {key: None}
    except ValueError:
        row = {key: None} if not first.endswith(b"\n") and _is_torn(first, key) else None
    if not isinstance(row, dict) or key not in row:
        raise ParameterError(
            f"{str(path)!r} is not a file of results of featkit: its first line is something else; "
            "it is left as it is"
        )


def _cut_torn_line(file: io.FileIO, path: Path, key: str) -> None:
    """Truncate ``file`` after its last line end, unless what follows is a whole line.

    The line end is searched for backwards, block by block.
    """
    end = size = file.seek(0, os.SEEK_END)
    while end:
        start = max(0, end - 65536)
        file.seek(start)
        newline = file.read(end - start).rfind(b"\n")
        if newline >= 0:
            end = start + newline + 1
            break
        end = start
    if end == size:
        return
    file.seek(end)
    tail = file.read()
    try:
        parsed(tail)
    except ValueError as error:
        if not _is_torn(tail, key):
            raise ParameterError(
                f"{str(path)!r}: its last line is no result of featkit and is not overwritten"
            ) from error
        file.truncate(end)
    else:
        file.write(b"\n")  # Whole but for its line end, as an editor may leave it.
