"""Bytes to mono float32 samples, decoded once: `Signal`."""

from featkit.audio.containers import check_whole
from featkit.audio.decoding import (
    EXTENSIONS,
    content_hash,
    decode,
    extent,
    load,
    part,
    read_bytes,
    write,
)
from featkit.audio.signal import Samples, Signal, resample

__all__ = [
    "EXTENSIONS",
    "Samples",
    "Signal",
    "check_whole",
    "content_hash",
    "decode",
    "extent",
    "load",
    "part",
    "read_bytes",
    "resample",
    "write",
]
