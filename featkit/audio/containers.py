"""Whether an audio file is whole, by what its container says of itself; nothing is decoded.

Decoders read damaged and cut files in silence and give fewer samples. Only the containers that are
checked here are read at all.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from featkit.audio import apple, flac, mpeg, ogg, plain, riff
from featkit.audio.recording import Recording
from featkit.errors import AudioError


class Part(NamedTuple):
    """What the decoder gets as one recording: ``prefix``, then the file from ``start`` to ``end``.

    A prefix states a length that the file does not.
    """

    start: int
    end: int
    prefix: bytes = b""


def recordings(data: bytes | Recording) -> tuple[Part, ...]:
    """Return the recordings in a file; only chained Ogg files hold several.

    Raises
    ------
    AudioError
        If the container is damaged, cut short, or none that featkit reads.
    """
    if not isinstance(data, Recording):
        return _checked(data)
    outcome = _of_file(data.path, *data.stamp())
    if isinstance(outcome, str):
        raise AudioError(outcome)
    return outcome


@lru_cache(maxsize=64)
def _of_file(path: str, size: int, mtime: int) -> tuple[Part, ...] | str:
    """Return `_checked` of a file, or its error; the arguments are there to notice a change."""
    try:
        with Recording(path) as data:
            return _checked(data)
    except AudioError as error:
        return str(error)


def _checked(data: bytes | Recording) -> tuple[Part, ...]:
    size, head = len(data), bytes(data[:16])
    if not size:
        raise AudioError("the file is empty (0 bytes)")
    if head[:4] == ogg.MAGIC:
        return tuple(Part(start, end) for start, end in ogg.links(data))
    tag = mpeg.after_id3(data)
    if data[tag : tag + 4] == flac.MAGIC:
        prefix = flac.check(data, tag)
        return (Part(tag + len(prefix), size, prefix),)
    if tag or mpeg.is_frame(head):
        prefix, start = mpeg.check(data)
        return (Part(start, size, prefix),)
    check = _check_of(head)
    if check is None:
        raise AudioError(
            "not readable as audio: the file is none of WAV, RF64, W64, AIFF, AU, CAF, FLAC, Ogg, "
            "MP3, NIST SPHERE"
        )
    check(data)
    return (Part(0, size),)


def _check_of(head: bytes) -> Callable[[bytes | Recording], None] | None:
    """Return the check of the uncompressed container that begins with ``head``."""
    if head[:4] in (b"RIFF", b"RIFX", b"RF64") and head[8:12] == b"WAVE":
        return riff.check_wav
    if head == riff.W64:
        return riff.check_w64
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return apple.check_aiff
    if head[:4] in (b".snd", b"dns."):
        return plain.check_au
    if head[:4] == b"caff":
        return apple.check_caf
    return plain.check_nist if head[:7] == b"NIST_1A" else None
