"""Recordings that arguments name: files, folders that hold some, standard input."""

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from featkit.errors import ParameterError


def recordings(files: Sequence[str]) -> Iterator[str]:
    """Yield the paths that arguments stand for: those of folders and of standard input too."""
    from featkit.datasets.layout import audio_files

    for name in files:
        if name == "-":
            yield from filter(
                None, (os.fsdecode(line.rstrip(b"\r\n")) for line in sys.stdin.buffer)
            )
        elif Path(name).is_dir():
            inside = [str(path) for path in audio_files(Path(name), recursive=True)]
            if not inside:
                raise ParameterError(f"the folder {name!r} holds no recording")
            yield from inside
        else:
            yield name
