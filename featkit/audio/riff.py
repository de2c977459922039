"""Whether a WAV file (RIFF, RIFX, RF64 or Wave64) holds all the samples that its header states.

Decoders clip the samples to the file in silence, or read fewer where a header says so. There are no
checksums, so what a header says twice is compared instead.
"""

import struct
from collections.abc import Iterator

from featkit.audio.chunks import Chunk, check_end, is_name, number, read
from featkit.audio.recording import Recording
from featkit.errors import AudioError

W64 = bytes.fromhex("726966662e91cf11a5d628db04c10000")
# Formats in which a frame has a fixed size: PCM, float, A-law, µ-law, extensible.
_FIXED = (1, 3, 6, 7, 0xFFFE)


def check_wav(data: bytes | Recording) -> None:
    """Check a RIFF, RIFX or RF64 file."""
    order = ">" if data[:4] == b"RIFX" else "<"
    total = number(data, 4, order + "I")
    sizes: dict[bytes, int] = {}
    for chunk in _chunks(data, order, sizes):
        if chunk.name == b"ds64":
            total, sizes[b"data"] = struct.unpack("<QQ", read(data, chunk.start, 16))
        elif chunk.name == b"fmt ":
            _check_format(read(data, chunk.start, 16), order)
        elif chunk.name == b"data":
            _check_rest(data, order, chunk, total + 8)
            return
    raise AudioError("damaged: the file has no data chunk")


def _chunks(data: bytes | Recording, order: str, sizes: dict[bytes, int]) -> Iterator[Chunk]:
    """Yield the chunks of a RIFF file; ``sizes`` overrules 32-bit sizes of 0xFFFFFFFF."""
    at = 12
    while at + 8 <= len(data):
        name, size = struct.unpack(f"{order}4sI", data[at : at + 8])
        if not is_name(name):
            raise AudioError(f"damaged: there is no chunk at byte {at}")
        size = sizes.get(name, size) if size == 0xFFFFFFFF else size
        end = at + 8 + size
        if name == b"data" and end > len(data) and _is_stream(size):
            end = len(data)
        check_end(data, name, at + 8, end)
        yield Chunk(name, at + 8, end)
        padded = end + size % 2
        # Some programs leave out the byte that pads a chunk of odd size.
        at = end if size % 2 and not is_name(data[padded : padded + 4]) else padded


def _check_rest(data: bytes | Recording, order: str, samples: Chunk, total: int) -> None:
    """Check that only chunks follow the samples, up to the size that the file states."""
    if total > len(data) and not _is_stream(total - 8):
        raise AudioError(f"cut short: the header states {total} bytes, {len(data)} are there")
    at, stop = samples.end + (samples.end - samples.start) % 2, min(total, len(data))
    if _is_stream(total - 8) or not any(data[at : at + 4096]):
        return
    if not is_name(data[at : at + 4]) and is_name(data[at - 1 : at + 3]):
        at -= 1
    while at + 8 <= stop:
        name, size = struct.unpack(f"{order}4sI", data[at : at + 8])
        if not is_name(name):
            raise AudioError(f"damaged: {stop - at} bytes after the samples are in no chunk")
        at += 8 + size + size % 2
    if any(data[at:stop]):
        raise AudioError(f"damaged: {stop - at} bytes at the end are in no chunk")


def _check_format(fmt: bytes, order: str) -> None:
    """Check that the numbers in a ``fmt`` chunk fit each other."""
    tag, channels, rate, per_second, block, bits = struct.unpack(f"{order}HHIIHH", fmt)
    if tag not in _FIXED:
        return
    if block != channels * -(-bits // 8):
        raise AudioError(
            f"damaged: the header states frames of {block} bytes with {channels} channels of "
            f"{bits} bits"
        )
    if per_second not in (0, rate * block):
        raise AudioError(
            f"damaged: the header states {per_second} bytes per second with {rate} frames of "
            f"{block} bytes"
        )


def _is_stream(size: int) -> bool:
    """Return whether a 32-bit size means that a program wrote to a pipe and did not know it."""
    return 0x7FFFF000 <= size <= 0x7FFFFFFF or 0xFFFFF000 <= size <= 0xFFFFFFFF


def check_w64(data: bytes | Recording) -> None:
    """Check a Sony Wave64 file, whose chunks are named by 16 bytes and aligned to 8."""
    total = number(data, 16, "<Q")
    if total > len(data):
        raise AudioError(f"cut short: the header states {total} bytes, {len(data)} are there")
    at = 40
    while at + 24 <= len(data):
        name, size = data[at : at + 4], number(data, at + 16, "<Q")
        if not is_name(name) or size < 24:
            raise AudioError(f"damaged: there is no chunk at byte {at}")
        check_end(data, name, at + 24, at + size)
        if name == b"fmt ":
            _check_format(read(data, at + 24, 16), "<")
        if name == b"data":
            rest = at + size + -size % 8
            if rest < len(data) and not is_name(data[rest : rest + 4]):
                raise AudioError(f"damaged: {len(data) - rest} bytes after the samples")
            return
        at += size + -size % 8
    raise AudioError("damaged: the file has no data chunk")
