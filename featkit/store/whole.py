"""A local file that is written whole or not at all."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield the place to write to; at the end it is renamed to ``path``, after an error deleted.

    A device or pipe, such as ``/dev/stdout``, is written to as it is.

    Raises
    ------
    OSError
        If it cannot be written or renamed. What was at ``path`` before is still there then.
    """
    if os.path.exists(path) and not os.path.isfile(path):
        yield Path(path)
        return
    target = Path(os.path.realpath(path))
    # The suffix stays, since writers choose the format by it.
    aside = target.with_name(f".{target.stem}-{os.getpid()}.partial{target.suffix}")
    try:
        yield aside
        if target.exists():
            shutil.copymode(target, aside)
        os.replace(aside, target)
    except OSError as error:
        error.filename, error.filename2 = os.fspath(path), None
        raise
    finally:
        aside.unlink(missing_ok=True)


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write a text in UTF-8 to ``path``, whole or not at all."""
    with whole(path) as place:
        place.write_text(text, encoding="utf-8")
