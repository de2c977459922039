"""Whether a FLAC file ends with the sample that its header promises (RFC 9639).

Every frame has checksums, which the decoder verifies; the number of samples in the header has none.
So the last frame is looked for, whose header says which samples it holds.
"""

from collections.abc import Iterator
from typing import NamedTuple

from featkit.audio.recording import Recording
from featkit.errors import AudioError

MAGIC = b"fLaC"
# Where the stream information ends.
_END = 42
# Longest frame header, and how far from the end the last frame is looked for at least.
_HEADER, _TAIL = 16, 1 << 17


_RATES = {1: 88200, 2: 176400, 3: 192000, 4: 8000, 5: 16000, 6: 22050, 7: 24000, 8: 32000}
_RATES |= {9: 44100, 10: 48000, 11: 96000}
_BITS = {1: 8, 2: 12, 4: 16, 5: 20, 6: 24, 7: 32}


class _Frame(NamedTuple):
    """What a frame's header says: the sample after its last, and rate in Hz, channels and bits of a
    sample, 0 where it does not.
    """

    end: int
    rate: int
    channels: int
    bits: int


def check(data: bytes | Recording, begin: int = 0) -> bytes:
    """Return the beginning of the stream at byte ``begin`` with the number of samples filled in
    where it is 0, unknown; nothing where the header states it.

    Raises
    ------
    AudioError
        If the header is damaged, or no last frame ends with the sample that it promises.
    """
    head = data[begin : begin + _END]
    if len(head) < _END or head[4] & 127 or int.from_bytes(head[5:8], "big") != 34:
        raise AudioError("damaged: the FLAC file does not begin with its stream information")
    # 20 bits of rate, 3 of channels, 5 of bits of a sample, 36 of samples.
    numbers = int.from_bytes(head[18:26], "big")
    total = numbers & (1 << 36) - 1
    stated = (numbers >> 44, (numbers >> 41 & 7) + 1, (numbers >> 36 & 31) + 1)
    block = int.from_bytes(head[10:12], "big")
    largest = int.from_bytes(head[15:18], "big")
    start = max(begin + _END, len(data) - max(_TAIL, 2 * largest))
    tail = data[start:]
    last = next((frame for frame in _frames(tail, block) if total in (0, frame.end)), None)
    if last is None:
        raise AudioError(
            f"cut short or damaged: the header promises {total or 'some'} samples, the last FLAC "
            "frame does not end there"
        )
    for what, whole, own in zip(("Hz", "channels", "bits"), stated, last[1:], strict=True):
        if own not in (0, whole):
            raise AudioError(f"damaged: the header states {whole} {what}, the last frame {own}")
    return b"" if total else head[:18] + (numbers | last.end).to_bytes(8, "big")


def _frames(tail: bytes, block: int) -> Iterator[_Frame]:
    """Yield the frames whose headers are in ``tail``, the last first."""
    at = len(tail)
    while (at := max(tail.rfind(b"\xff\xf8", 0, at), tail.rfind(b"\xff\xf9", 0, at))) >= 0:
        frame = _frame(tail[at : at + _HEADER], block)
        if frame:
            yield frame


def _frame(header: bytes, block: int) -> _Frame | None:
    """Return what a frame header says; None if the bytes are none, by their checksum."""
    if len(header) < 6 or header[2] >> 4 == 0 or header[3] & 1:
        return None
    width = _number_length(header[4])
    at = 4 + width
    extra = {6: 1, 7: 2}.get(header[2] >> 4, 0)
    stop = at + extra + {12: 1, 13: 2, 14: 2}.get(header[2] & 15, 0)
    if not width or stop >= len(header) or _crc8(header[:stop]) != header[stop]:
        return None
    number = header[4] & (0x7F if width == 1 else 0x7F >> width)
    for byte in header[5:at]:
        number = number << 6 | byte & 63
    first = number if header[1] & 1 else number * block
    code = header[2] & 15
    rate = int.from_bytes(header[at + extra : stop], "big")
    rate *= {12: 1000, 13: 1, 14: 10}.get(code, 0)
    return _Frame(
        first + _block_size(header[2] >> 4, header[at : at + extra]),
        rate or _RATES.get(code, 0),
        (header[3] >> 4) + 1 if header[3] >> 4 < 8 else 2,
        _BITS.get(header[3] >> 1 & 7, 0),
    )


def _number_length(byte: int) -> int:
    """Return how many bytes a number takes by its first, as in UTF-8; 0 if it cannot be one."""
    ones = 8 - (byte ^ 0xFF).bit_length()
    return 1 if ones == 0 else ones if 2 <= ones <= 7 else 0


def _block_size(code: int, extra: bytes) -> int:
    if extra:
        return int.from_bytes(extra, "big") + 1
    return 192 if code == 1 else 576 << code - 2 if code < 6 else 256 << code - 8


def _crc8(data: bytes) -> int:
    """Return the CRC-8 with the polynomial x⁸ + x² + x + 1."""
    register = 0
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = (register << 1 ^ (0x107 if register & 128 else 0)) & 0x1FF
    return register
