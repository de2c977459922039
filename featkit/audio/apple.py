"""Whether an AIFF or Core Audio file holds all the samples that its header states.

AIFF is the format of 1989, with sizes of 32 bits; Core Audio (CAF) replaced it, with 64 bits.
"""

import struct

from featkit.audio.chunks import Chunk, check_block, check_end, is_name, number, read
from featkit.audio.recording import Recording
from featkit.errors import AudioError

# AIFF-C types in which a frame has channels · ⌈bits / 8⌉ bytes.
_PLAIN = (b"NONE", b"twos", b"sowt", b"raw ", b"in24", b"in32", b"fl32", b"FL32", b"fl64", b"FL64")


def check_aiff(data: bytes | Recording) -> None:
    """Check an AIFF or AIFF-C file: the frames that COMM states fill the chunk SSND."""
    total, compressed = number(data, 4, ">I") + 8, data[8:12] == b"AIFC"
    if total > len(data):
        raise AudioError(f"cut short: the header states {total} bytes, {len(data)} are there")
    at, stated, held = 12, -1, -1
    while at + 8 <= len(data):
        name, size = struct.unpack(">4sI", data[at : at + 8])
        if not is_name(name):
            if at >= total:
                break
            raise AudioError(f"damaged: there is no chunk at byte {at}")
        check_end(data, name, at + 8, at + 8 + size)
        if name == b"COMM":
            channels, frames, bits = struct.unpack(">HIH", read(data, at + 8, 8))
            plain = not compressed or data[at + 26 : at + 30] in _PLAIN
            stated = frames * channels * -(-bits // 8) if plain else -1
        if name == b"SSND":
            held = size - 8 - number(data, at + 8, ">I")
        at += 8 + size + size % 2
    if held < 0:
        raise AudioError("damaged: the file has no sound data chunk")
    if stated >= 0 and stated != held:
        raise AudioError(f"damaged: the header states {stated} bytes of samples, {held} are there")


def check_caf(data: bytes | Recording) -> None:
    """Check an Apple Core Audio file, whose chunks have sizes of 64 bits."""
    at, places = 8, dict[bytes, Chunk]()
    while at + 12 <= len(data):
        name, size = struct.unpack(">4sq", data[at : at + 12])
        if not is_name(name):
            raise AudioError(f"damaged: there is no chunk at byte {at}")
        if name == b"data" and size == -1:
            size = len(data) - at - 12
        if size < 0:
            raise AudioError(f"damaged: the chunk at byte {at} has a negative size")
        check_end(data, name, at + 12, at + 12 + size)
        places[name] = Chunk(name, at + 12, at + 12 + size)
        at += 12 + size
    if b"data" not in places or b"desc" not in places:
        raise AudioError("damaged: the file has no data or no description of them")
    # The samples follow a count of edits, 4 bytes.
    held = places[b"data"].end - places[b"data"].start - 4
    packet, frames = struct.unpack(">II", read(data, places[b"desc"].start + 16, 8))
    if packet:
        check_block(held, packet)
    elif b"pakt" in places:
        table = places[b"pakt"]
        _check_packets(read(data, table.start, table.end - table.start), frames, held)


def _check_packets(table: bytes, frames: int, held: int) -> None:
    """Check that the packets of a CAF table, ``frames`` samples each, fill ``held`` bytes."""
    if len(table) < 24:
        raise AudioError("damaged: the table of packets has no header")
    count, valid, before, after = struct.unpack(">qqii", table[:24])
    if frames and count * frames != valid + before + after:
        raise AudioError(
            f"damaged: the header states {count} packets of {frames} samples for {valid} samples"
        )
    sizes, size = [], 0
    for byte in table[24:]:
        size = size << 7 | byte & 127
        if byte < 128:
            sizes.append(size)
            size = 0
    if sum(sizes[:count]) != held or len(sizes) < count:
        raise AudioError(
            f"damaged: the header states packets of {sum(sizes[:count])} bytes, {held} are there"
        )
