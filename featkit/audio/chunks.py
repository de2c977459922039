"""Parts of containers that are made of chunks: a name of four letters, a size and content."""

import struct
from dataclasses import dataclass

from featkit.audio.recording import Recording
from featkit.errors import AudioError


@dataclass(frozen=True)
class Chunk:
    """One chunk: its four letters, and where its content starts and ends."""

    name: bytes
    start: int
    end: int


def read(data: bytes | Recording, at: int, size: int) -> bytes:
    """Return ``size`` bytes from ``at`` on, all of which must be there."""
    part = data[at : at + size]
    if len(part) < size:
        raise AudioError(f"cut short: the header ends at byte {len(data)}")
    return part


def number(data: bytes | Recording, at: int, form: str) -> int:
    """Return the number at a byte, of a format of `struct`."""
    value: int = struct.unpack(form, read(data, at, struct.calcsize(form)))[0]
    return value


def is_name(name: bytes) -> bool:
    """Return whether four bytes can be the name of a chunk: printable ASCII."""
    return len(name) == 4 and all(32 <= byte < 127 for byte in name)


def check_end(data: bytes | Recording, name: bytes, start: int, end: int) -> None:
    """Check that a chunk ends within the file."""
    if end > len(data):
        raise AudioError(
            f"cut short: the header promises {end - start} bytes in the chunk "
            f"{name.decode('latin-1')!r}, {len(data) - start} are there"
        )


def check_block(size: int, block: int) -> None:
    """Check that samples of ``size`` bytes are whole frames of ``block`` bytes."""
    if block and size % block:
        raise AudioError(f"damaged: {size} bytes of samples in frames of {block} bytes")
