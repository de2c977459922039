"""Whether a Sun/NeXT (AU) or NIST SPHERE file holds all the samples that its header states.

Both have one header, and the samples are the rest of the file.
"""

import re

from featkit.audio.chunks import check_block, number
from featkit.audio.recording import Recording
from featkit.errors import AudioError

# Bytes of a sample by an AU file's encoding: µ-law, PCM, float, A-law.
_AU_BYTES = {1: 1, 2: 1, 3: 2, 4: 3, 5: 4, 6: 4, 7: 8, 27: 1}


def check_au(data: bytes | Recording) -> None:
    """Check a Sun/NeXT file: the samples are the rest of the file."""
    order = ">" if data[:4] == b".snd" else "<"
    offset, size = number(data, 4, order + "I"), number(data, 8, order + "I")
    held = len(data) - offset
    if size != 0xFFFFFFFF and size != held:
        problem = "cut short" if size > held else "damaged"
        raise AudioError(f"{problem}: the header states {size} bytes of samples, {held} are there")
    encoding, channels = number(data, 12, order + "I"), number(data, 20, order + "I")
    check_block(held, _AU_BYTES.get(encoding, 0) * channels)


def check_nist(data: bytes | Recording) -> None:
    """Check a NIST SPHERE file: the samples that its text header states are there."""
    header = bytes(data[: int(_field(data[:16], rb"NIST_1A\s+(\d{1,8})") or 0)])
    frames = _field(header, rb"sample_count -i (\d{1,15})\s")
    width = int(_field(header, rb"sample_n_bytes -i (\d{1,3})\s") or 0)
    channels = int(_field(header, rb"channel_count -i (\d{1,5})\s") or 1)
    if b"end_head" not in header:
        raise AudioError("cut short: the header has no end")
    coding = _field(header, rb"sample_coding -s\d+ (\S+)") or b"pcm"
    if frames is None or coding not in (b"pcm", b"ulaw", b"alaw"):
        return
    stated, held = int(frames) * width * channels, len(data) - len(header)
    if stated != held:
        problem = "cut short" if stated > held else "damaged"
        raise AudioError(
            f"{problem}: the header states {stated} bytes of samples, {held} are there"
        )


def _field(header: bytes, pattern: bytes) -> bytes | None:
    match = re.search(pattern, header)
    return match[1] if match else None
