"""What a container of audio says of itself: whether its end is there."""

from featkit.audio.recording import Recording
from featkit.errors import AudioError


def check_whole(data: bytes | Recording) -> None:
    """Raise AudioError where a container itself tells that its end is missing.

    Ogg marks its last page; RIFF and AIFF give the size of their sample chunk. Decoders accept such
    files silently.
    """
    if data[:4] == b"OggS":
        page = data.rfind(b"OggS")
        table = data[page + 26] if page + 26 < len(data) else 255
        end = page + 27 + table + sum(data[page + 27 : page + 27 + table])
        if end > len(data) or not data[page + 5] & 4:
            raise AudioError("cut short: the last page of the ogg stream is missing or incomplete")
    elif data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        at = 12
        while at + 8 <= len(data):
            size = int.from_bytes(data[at + 4 : at + 8], "little")
            if data[at : at + 4] == b"data":
                if 0 < size < 0x7FFFF000 and at + 8 + size > len(data):
                    raise AudioError(
                        f"cut short: the header promises {size} bytes of samples, {len(data) - at - 8} are there"
                    )
                return
            at += 8 + size + size % 2
