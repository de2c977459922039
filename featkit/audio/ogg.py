"""Whether an Ogg file is whole: checksums, page numbers, first and last pages (RFC 3533).

A decoder skips damaged pages in silence and takes what is left for the recording. Here each page's
checksum is computed. Ogg's CRC-32 has the polynomial of zlib's, 0x04c11db7, but works on the bits
of a byte from the highest to the lowest and starts from 0 without a final complement: so zlib
computes it on bytes with reversed bits, and the result's bits are reversed in turn.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from featkit.audio.recording import Recording
from featkit.errors import AudioError

MAGIC = b"OggS"
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_HEADER = struct.Struct("<4sBBqIIIB")
# Bits of a page's type.
_FIRST, _LAST = 2, 4


class Page(NamedTuple):
    """One page: where it starts and ends in the file, and what its header says."""

    start: int
    end: int
    kind: int
    serial: int
    number: int


def crc(data: bytes) -> int:
    """Return Ogg's CRC-32 of ``data``.

    >>> hex(crc(b"123456789"))
    '0x89a1897f'
    """
    return _reverse(_register(data.translate(_REVERSED)))


def links(data: bytes | Recording) -> list[tuple[int, int]]:
    """Return where each link of a chained file starts and ends; most files have one link.

    A link is a recording of its own: all its streams begin together, and the next link begins after
    they have ended.

    Raises
    ------
    AudioError
        If a page is damaged, missing or incomplete, or a stream has no first or last page.
    """
    found: list[tuple[int, int]] = []
    expected: dict[int, int] = {}
    start = at = 0
    for page in _pages(data):
        if page.kind & _FIRST:
            if page.serial in expected:
                raise AudioError(f"damaged: the ogg stream {page.serial:#x} begins twice")
        elif expected.get(page.serial) != page.number:
            raise AudioError(
                f"damaged: the ogg page at byte {page.start} has number {page.number}, "
                f"expected {expected.get(page.serial, 'a first page')}"
            )
        expected[page.serial] = (page.number + 1) % 2**32
        at = page.end
        if page.kind & _LAST:
            del expected[page.serial]
            if not expected:
                found.append((start, at))
                start = at
    if expected:
        raise AudioError("cut short: the last page of the ogg stream is missing")
    return found


def _pages(data: bytes | Recording) -> Iterator[Page]:
    """Yield the pages of a file, each with a correct checksum."""
    at, size = 0, len(data)
    while at < size:
        header = data[at : at + _HEADER.size]
        if len(header) < _HEADER.size or header[:4] != MAGIC:
            if _only_tags(data, at):
                return
            raise AudioError(f"damaged: there is no ogg page at byte {at}")
        _, version, kind, _, serial, number, stated, count = _HEADER.unpack(header)
        table = data[at + 27 : at + 27 + count]
        end = at + 27 + count + sum(table)
        if end > size or len(table) < count:
            raise AudioError(f"cut short: the ogg page at byte {at} is incomplete")
        register = _register((header[:22] + b"\0\0\0\0" + header[26:]).translate(_REVERSED))
        body = data[at + 27 : end].translate(_REVERSED)
        if version != 0 or _reverse(_register(body, register)) != stated:
            raise AudioError(f"damaged: the ogg page at byte {at} does not match its checksum")
        yield Page(at, end, kind, serial, number)
        at = end


def _only_tags(data: bytes | Recording, at: int) -> bool:
    """Return whether the rest of the file is an ID3v1 tag, which some programs append."""
    return at > 0 and len(data) - at == 128 and data[at : at + 3] == b"TAG"


def _register(reversed_bytes: bytes, before: int = 0) -> int:
    """Return zlib's register after ``reversed_bytes``, without its complements."""
    return zlib.crc32(reversed_bytes, before ^ 0xFFFFFFFF) ^ 0xFFFFFFFF


def _reverse(register: int) -> int:
    """Return 32 bits in reverse order."""
    return int.from_bytes(register.to_bytes(4, "little").translate(_REVERSED), "big")
