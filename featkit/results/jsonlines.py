"""A file of JSON objects, one to a line, that several processes append to and a killed one may
tear.
"""

import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from featkit.errors import ParameterError


def append_line(path: Path, row: dict[str, Any]) -> None:
    """Append ``row`` as one line in one write, after cutting off a torn last line.

    The caller holds a lock where several processes write to one file.

    Raises
    ------
    ValueError
        If ``row`` holds a number that JSON lacks, such as NaN.
    """
    data = (json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n").encode()
    with open(path, "a+b", buffering=0) as file:
        _cut_torn_line(file)
        file.write(data)


def read_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (number of the line from 1, its object); a torn last line is left out.

    Raises
    ------
    ParameterError
        If a line other than the last is not JSON, or one is not an object.
    """
    text = path.read_text(encoding="utf-8", errors="replace")
    lines = [line for line in text.split("\n") if line.strip()]
    for number, line in enumerate(lines, start=1):
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            if number == len(lines):
                return
            raise ParameterError(f"{path}, line {number}: not JSON ({error})") from error
        if not isinstance(row, dict):
            raise ParameterError(
                f"{path}, line {number}: not a result of featkit but {type(row).__name__}"
            )
        yield number, row


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


def _cut_torn_line(file: io.FileIO) -> None:
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
    try:
        json.loads(file.read())
    except ValueError:
        file.truncate(end)
    else:
        file.write(b"\n")  # Whole but for its line end, as an editor may leave it.
