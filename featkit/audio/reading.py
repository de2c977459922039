"""Bytes of recordings, from local files and from URLs, without waiting for ever."""

import hashlib
import os
import queue
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeAlias

from featkit.audio.limits import check_bytes, max_bytes
from featkit.audio.recording import Recording, regular
from featkit.errors import AudioError, ParameterError

# A URL that sends nothing for this long has failed; another number of seconds by the variable.
PATIENCE_VARIABLE = "FEATKIT_URL_TIMEOUT"
PATIENCE_SECONDS = 60.0
_PIECE = 8 << 20
Answers: TypeAlias = "queue.SimpleQueue[Any]"


def is_url(path: str) -> bool:
    """Return whether ``path`` is a URL that fsspec opens; ``file://`` is a local path."""
    return "://" in path


def local(path: str) -> str:
    """Return a path without ``file://``."""
    return path.removeprefix("file://")


def read_bytes(path: str) -> bytes:
    """Return the content of a local file or of any URL that fsspec opens.

    Raises
    ------
    AudioError
        If it is not a regular file, too large, or behind a URL that cannot be read.
    OSError
        If there is no such file, or it cannot be read.
    """
    path = local(path)
    if is_url(path):
        return _fetch(path)
    with _opened(path) as data:
        check_bytes(len(data), "the file")
        return data[:]


def part(
    path: str, start: float = 0.0, duration: float | None = None
) -> AbstractContextManager[bytes | Recording]:
    """Return what `decode` needs of a file: its bytes, or, for an excerpt or a file that is larger
    than the limit, the open file.
    """
    path = local(path)
    if is_url(path):
        return nullcontext(_fetch(path))
    data = _opened(path)
    if start or duration is not None or len(data) > max_bytes():
        return data
    with data:
        return nullcontext(data[:])


def stamp(path: str) -> tuple[int, int]:
    """Return what changes when a recording does: its size in bytes, and its time of change in ns
    or, behind a URL, 62 bits of its tag.

    Raises
    ------
    AudioError, OSError
        As `read_bytes`.
    """
    path = local(path)
    if not is_url(path):
        try:
            status = regular(path)
        except ValueError as error:
            raise AudioError(f"not a path: {error}") from error
        return status.st_size, status.st_mtime_ns
    info = _next(_started(_describe, path))
    named = (info.get(key) for key in ("ETag", "etag", "LastModified", "mtime", "created"))
    tag = str(next((value for value in named if value), "")).encode()
    digest = hashlib.blake2b(tag, digest_size=8).digest()
    return int(info.get("size") or 0), int.from_bytes(digest, "little") >> 2


def _opened(path: str) -> Recording:
    try:
        return Recording(path)
    except ValueError as error:
        raise AudioError(f"not a path: {error}") from error


def _fetch(url: str) -> bytes:
    """Return what is behind a URL, at most the limit."""
    pieces = _started(_download, url)
    parts: list[bytes] = []
    size = 0
    while piece := _next(pieces):
        parts.append(piece)
        size += len(piece)
        check_bytes(size, "the file")
    return b"".join(parts)


def _started(job: Callable[[str, Answers], None], url: str) -> Answers:
    """Return the answers of ``job``, which works in a thread; its errors are answers too."""
    answers: Answers = queue.SimpleQueue()

    def run() -> None:
        try:
            job(url, answers)
        except OSError as error:
            answers.put(error)
        except Exception as error:  # Each kind of URL has a library with errors of its own.
            answers.put(AudioError(f"{type(error).__name__}: {error}"))

    threading.Thread(target=run, daemon=True, name="featkit-url").start()
    return answers


def _next(answers: Answers) -> Any:
    seconds = _patience()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        raise AudioError(f"no answer for {seconds:g} s ({PATIENCE_VARIABLE})") from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def _patience() -> float:
    text = os.environ.get(PATIENCE_VARIABLE, "")
    try:
        seconds = float(text) if text else PATIENCE_SECONDS
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < threading.TIMEOUT_MAX:
        raise ParameterError(f"{PATIENCE_VARIABLE}={text!r} is not a number of seconds above 0")
    return seconds


def _download(url: str, pieces: Answers) -> None:
    import fsspec

    size, limit = 0, max_bytes()
    with fsspec.open(url, "rb") as file:
        while size <= limit and (piece := file.read(_PIECE)):
            size += len(piece)
            pieces.put(bytes(piece))
    pieces.put(b"")


def _describe(url: str, answers: Answers) -> None:
    import fsspec

    files, inside = fsspec.core.url_to_fs(url)
    answers.put(files.info(inside))
