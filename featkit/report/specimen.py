"""A clip as HTML: its spectrogram with axes and, if the recording is embedded, a player."""

import base64
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from featkit.report.markup import Html, join, tag

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 230, 96, 46, 6, 14, 22
# Colours from silence to the loudest value: lightness rises all the way, so they also read in grey
# and to the colour-blind.
_STOPS = (
    (0, 0, 0, 20),
    (0.35, 66, 18, 104),
    (0.6, 176, 50, 90),
    (0.8, 240, 112, 32),
    (1, 252, 250, 170),
)


@dataclass(frozen=True, eq=False)
class Specimen:
    """The spectrogram of one clip, with the recording itself where it goes into the page.

    Attributes
    ----------
    levels : ndarray of uint8, shape (n_bands, n_frames)
        0 for the quietest, 255 for the loudest value; the lowest band first.
    edges : ndarray of float, shape (n_bands + 1,)
        Limits of the bands in Hz.
    seconds : float
        Duration.
    audio : bytes
        The encoded recording; empty where it is not embedded.
    mime : str
        Media type of ``audio``.
    note : str
        What a reader must know, such as why there is no player.
    """

    levels: NDArray[np.uint8]
    edges: NDArray[np.float64]
    seconds: float
    audio: bytes = b""
    mime: str = ""
    note: str = ""


# (dataset, clip id) → the specimen, or why there is none.
Specimens = Callable[[str, str], Specimen | str]


def drawing(specimen: Specimen, name: str) -> Html:
    """Return the spectrogram of the clip ``name`` as SVG.

    Time in s runs to the right, frequency in Hz or kHz upwards.
    """
    description = (
        f"Log-mel spectrogram of {name}: {specimen.seconds:.2f} s,"
        f" 0 to {_hertz(specimen.edges[-1])}Hz"
    )
    place = {"x": LEFT, "y": TOP, "width": WIDTH, "height": HEIGHT}
    picture = tag(
        "image",
        href=data_uri(png(specimen.levels[::-1]), "image/png"),
        **place,
        preserveaspectratio="none",
    )
    marks = [picture, *_frequencies(specimen), *_times(specimen)]
    width, height = LEFT + WIDTH + RIGHT, TOP + HEIGHT + BOTTOM
    box = {"width": width, "height": height, "viewbox": f"0 0 {width} {height}"}
    names = {"role": "img", "aria_label": description, "class_": "spectrogram"}
    return tag("svg", tag("title", description), *marks, **box, **names)


def card(specimen: Specimen | str, name: str, caption: str) -> Html:
    """Return the picture of the clip ``name`` with its player, or why there is none, above a
    caption.
    """
    if isinstance(specimen, str):
        picture = tag("p", f"No spectrogram: {specimen}.", class_="note")
    else:
        picture = join(drawing(specimen, name), player(specimen, name))
    return tag("figure", picture, tag("figcaption", tag("code", name), f": {caption}"))


def player(specimen: Specimen, name: str) -> Html:
    """Return a player of the embedded recording, or the specimen's note where there is none."""
    note = tag("span", specimen.note, class_="note") if specimen.note else Html("")
    if not specimen.audio:
        return note
    uri = data_uri(specimen.audio, specimen.mime)
    return join(
        tag(
            "audio",
            src=uri,
            controls=True,
            preload="none",
            data_clip=name,
            aria_label=f"Recording {name}",
        ),
        note,
    )


def data_uri(data: bytes, mime: str) -> str:
    """Return bytes as a ``data:`` address."""
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"


def png(levels: NDArray[np.uint8]) -> bytes:
    """Return an image of levels 0–255, first row on top, as PNG with a palette (ISO/IEC 15948)."""
    height, width = levels.shape
    rows = np.zeros((height, width + 1), dtype=np.uint8)  # each row starts with its filter, 0: none
    rows[:, 1:] = levels
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = (
        (b"IHDR", header),
        (b"PLTE", palette().tobytes()),
        (b"IDAT", zlib.compress(rows.tobytes(), 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def palette() -> NDArray[np.uint8]:
    """Return red, green and blue of the levels 0–255, shape (256, 3)."""
    at, *channels = np.array(_STOPS, dtype=np.float64).T
    levels = np.linspace(0, 1, 256)
    return np.round(
        np.stack([np.interp(levels, at, channel) for channel in channels], axis=1)
    ).astype(np.uint8)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _frequencies(specimen: Specimen) -> list[Html]:
    bands, top = len(specimen.edges) - 1, float(specimen.edges[-1])
    marks = []
    for hertz in (0, 500, 1000, 2000, 4000, 8000, 16000):
        if hertz > top or (hertz == 16000 and top < 20000):
            continue
        y = TOP + HEIGHT * (
            1 - float(np.interp(hertz, specimen.edges, np.arange(bands + 1))) / bands
        )
        marks.append(tag("line", x1=LEFT - 4, x2=LEFT, y1=f"{y:.1f}", y2=f"{y:.1f}", class_="ink"))
        if hertz not in (500, 2000):
            text = f"{_hertz(hertz)}Hz" if hertz else "0"
            marks.append(tag("text", text, x=LEFT - 6, y=f"{y + 4:.1f}", text_anchor="end"))
    return marks


def _times(specimen: Specimen) -> list[Html]:
    step = next(
        step
        for step in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60, 300, 3600)
        if specimen.seconds <= 6 * step
    )
    marks = []
    for number in range(int(specimen.seconds / step + 1e-6) + 1):
        x = f"{LEFT + WIDTH * number * step / specimen.seconds:.1f}"
        text = f"{number * step:g}" + (
            " s" if number == int(specimen.seconds / step + 1e-6) else ""
        )
        marks.append(tag("line", x1=x, x2=x, y1=TOP + HEIGHT, y2=TOP + HEIGHT + 4, class_="ink"))
        marks.append(tag("text", text, x=x, y=TOP + HEIGHT + 17, text_anchor="middle"))
    return marks


def _hertz(value: float) -> str:
    return f"{value / 1000:g} k" if value >= 1000 else f"{value:g} "
