"""Whether an MPEG audio file (MP3) is whole: frames that follow each other to the end.

A decoder looks for the next frame where one is damaged, and says nothing. Here frame is followed by
frame by the sizes in their headers, and their number is compared with that of the Xing or Info
header where there is one. The content of a frame usually has no checksum and is not checked.
"""

import struct

from featkit.audio.recording import CHUNK, Recording
from featkit.errors import AudioError

# kbit/s by index 1–14: MPEG 1 layers I, II, III; MPEG 2 and 2.5 layers I, II and III.
_RATES = {
    (1, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_FREQUENCIES = (44100, 48000, 32000)
# Version, layer and sampling rate are those of the first frame throughout.
_SAME = 0xFFFE0C00
_WORD = struct.Struct(">I")


def _table() -> list[int]:
    registers = list(range(256))
    for _ in range(8):
        registers = [register >> 1 ^ (0xA001 if register & 1 else 0) for register in registers]
    return registers


_CRC16 = _table()


def is_frame(header: bytes) -> bool:
    """Return whether four bytes are the header of an MPEG audio frame."""
    return _size(int.from_bytes(header[:4], "big")) > 0


def check(data: bytes | Recording) -> tuple[bytes, int]:
    """Return what must stand before the frames for their number to be known, and where they begin.

    Without a Xing or Info header, decoders guess the length from the first frame, and stop there.

    Raises
    ------
    AudioError
        If a frame is not followed by another, a tag or the end; the last frame is incomplete; or
        the Xing or Info header is damaged or states another number of frames.
    """
    begin, end = after_id3(data), _before_tags(data)
    first = int.from_bytes(data[begin : begin + 4], "big")
    frames = _count(data, begin, end, first)
    stated = _stated(data[begin : begin + 192], first)
    if stated is None:
        return (_info(first, frames), begin) if _layer(first) == 3 else (b"", 0)
    # The frame that holds the header may be counted or not.
    if not stated <= frames <= stated + 1:
        problem = "cut short" if stated > frames else "damaged"
        raise AudioError(f"{problem}: the header promises {stated} frames, {frames} are there")
    return b"", 0


def _count(data: bytes | Recording, begin: int, end: int, first: int) -> int:
    """Return the number of frames from ``begin`` to ``end``, following their sizes."""
    at, frames, sizes = begin, 0, dict[int, int]()
    window, offset = b"", at
    while at < end:
        if at + 4 > offset + len(window):
            window, offset = data[at : at + CHUNK].ljust(4, b"\0"), at
        (header,) = _WORD.unpack_from(window, at - offset)
        size = sizes.get(header)
        if size is None:
            size = sizes[header] = 0 if (header ^ first) & _SAME else _size(header)
        if not size:
            if frames and not any(data[at:end]):
                return frames
            raise AudioError(f"damaged: there is no MPEG frame at byte {at}")
        at += size
        frames += 1
    if at > end:
        raise AudioError(f"cut short: the last MPEG frame lacks {at - end} bytes")
    return frames


def _size(header: int) -> int:
    """Return the number of bytes of a frame by its header of 32 bits; 0 if it is none."""
    version, layer = header >> 19 & 3, 4 - (header >> 17 & 3)
    rate, frequency = header >> 12 & 15, header >> 10 & 3
    if header >> 21 != 0x7FF or version == 1 or layer == 4 or not 0 < rate < 15 or frequency == 3:
        return 0
    bits = 1000 * _RATES[1 if version == 3 else 2, layer][rate - 1]
    hz = _FREQUENCIES[frequency] // {3: 1, 2: 2, 0: 4}[version]
    padding = header >> 9 & 1
    if layer == 1:
        return (12 * bits // hz + padding) * 4
    return (72 if layer == 3 and version != 3 else 144) * bits // hz + padding


def _layer(header: int) -> int:
    return 4 - (header >> 17 & 3)


def _tag(header: int) -> int:
    """Return where a Xing or Info header stands in a frame: behind the side information."""
    mono = header >> 6 & 3 == 3
    mpeg1 = header >> 19 & 3 == 3
    return 4 + (17 if mpeg1 else 9) if mono else 4 + (32 if mpeg1 else 17)


def _stated(frame: bytes, header: int) -> int | None:
    """Return the number of frames that the first frame's Xing or Info header states."""
    at = _tag(header)
    if frame[at : at + 4] not in (b"Xing", b"Info") or any(frame[4:at]):
        return None
    flags = int.from_bytes(frame[at + 4 : at + 8], "big")
    if not flags & 1:
        return None
    # Behind the fields that the flags name, LAME states what it added, with a checksum.
    lame = at + 8 + 4 * (flags & 1) + 4 * (flags >> 1 & 1) + 100 * (flags >> 2 & 1)
    lame += 4 * (flags >> 3 & 1)
    if frame[lame : lame + 4] == b"LAME":
        stop = lame + 34
        if _crc16(frame[:stop]) != int.from_bytes(frame[stop : stop + 2], "big"):
            raise AudioError("damaged: the LAME header does not match its checksum")
    return int.from_bytes(frame[at + 8 : at + 12], "big")


def _info(header: int, frames: int) -> bytes:
    """Return a silent frame like the first one, with an Info header that states ``frames``."""
    unprotected = header | 1 << 16
    best = max(range(1, 15), key=lambda rate: _size(unprotected & ~0xF000 | rate << 12))
    header = unprotected & ~0xF200 | best << 12
    at = _tag(header)
    frame = header.to_bytes(4, "big") + bytes(at - 4) + b"Info" + (1).to_bytes(4, "big")
    return (frame + frames.to_bytes(4, "big")).ljust(_size(header), b"\0")


def _crc16(data: bytes) -> int:
    """Return the CRC-16 with the polynomial x¹⁶ + x¹⁵ + x² + 1, lowest bit first."""
    register = 0
    for byte in data:
        register = register >> 8 ^ _CRC16[(register ^ byte) & 255]
    return register


def after_id3(data: bytes | Recording) -> int:
    """Return where the frames begin: behind an ID3v2 tag, whose size has 7 bits in each byte."""
    if data[:3] != b"ID3":
        return 0
    header = data[:10]
    if len(header) < 10:
        raise AudioError("cut short: the file ends within its ID3 tag")
    size = 0
    for byte in header[6:10]:
        size = size << 7 | byte & 127
    at = 10 + size + (10 if header[5] & 16 else 0)
    if at >= len(data):
        raise AudioError("cut short: the file ends within its ID3 tag")
    return at


def _before_tags(data: bytes | Recording) -> int:
    """Return where the frames end: before an ID3v1 or APE tag."""
    end = len(data)
    if data[max(0, end - 128) : max(0, end - 125)] == b"TAG":
        end -= 128
    footer = data[max(0, end - 32) : end]
    if footer[:8] == b"APETAGEX":
        has_header = int.from_bytes(footer[20:24], "little") >> 31
        end -= int.from_bytes(footer[12:16], "little") + 32 * has_header
    return max(end, 0)
