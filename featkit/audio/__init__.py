"""Bytes to mono float32 samples, decoded once: `Signal`."""

from featkit.audio.decoding import (
    EXTENSIONS,
    Header,
    content_hash,
    decode,
    extent,
    header,
    load,
    write,
)
from featkit.audio.reading import part, read_bytes, stamp
from featkit.audio.signal import Samples, Signal, resample

__all__ = [
    "EXTENSIONS",
    "Header",
    "Samples",
    "Signal",
    "content_hash",
    "decode",
    "extent",
    "header",
    "load",
    "part",
    "read_bytes",
    "resample",
    "stamp",
    "write",
]
