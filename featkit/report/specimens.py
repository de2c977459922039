"""Specimens for the report: the spectrogram of a clip and, on request, its recording.

The store that lists a clip says where its recording is.
"""

import os
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import TypeAlias

import numpy as np

from featkit import audio
from featkit.dsp.logarithm import decibels
from featkit.dsp.mel import MelBank, apply_plain
from featkit.dsp.stft import Power, Stft, pad, power_plain
from featkit.errors import AudioError
from featkit.naming.windowed import clip_of
from featkit.report.specimen import Specimen, Specimens
from featkit.store import Store

# Path, start and length in seconds.
Place: TypeAlias = tuple[str, float, float | None]
N_MELS, N_FRAMES, TOP_DB = 64, 240, 70.0
MOST_BYTES = 1_000_000
MIME = {
    ".wav": "audio/wav",
    ".ogg": "audio/ogg",
    ".oga": "audio/ogg",
    ".opus": "audio/ogg",
    ".flac": "audio/flac",
    ".mp3": "audio/mpeg",
    ".aiff": "audio/aiff",
    ".aif": "audio/aiff",
    ".au": "audio/basic",
}


def from_stores(stores: Sequence[Store], embed: bool = False) -> Specimens:
    """Return a function from the name of a dataset and the id of a clip to its specimen.

    Parameters
    ----------
    stores : sequence of Store
        Of the datasets in the comparison; the first that lists the clip counts. Of windows it knows
        the clips too.
    embed : bool
        Put the bytes of the recording into the specimen, up to 1 MB for each clip.
    """
    places: dict[tuple[str, str], Place] = {}
    for store in stores:
        index = store.index()
        for row, name in enumerate(index["id"]):
            length = float(index["duration"][row])
            excerpt = (float(index["start"][row]), None if np.isnan(length) else length)
            place = (index.location(row), *excerpt)
            places.setdefault((store.dataset, str(name)), place)
            if store.windows is not None:
                key = (store.dataset, clip_of(str(name)))
                places[key] = _around(places.get(key, place), place)

    def look(dataset: str, name: str) -> Specimen | str:
        if (dataset, name) not in places:
            return "none of the stores lists this clip"
        try:
            return specimen(*places[dataset, name], embed=embed)
        except AudioError as error:
            return f"the recording cannot be read: {error}"

    return look


def _around(one: Place, other: Place) -> Place:
    """Return the excerpt that reaches from the first of two of a file to the end of the last."""
    start = min(one[1], other[1])
    ends = [at + length for _, at, length in (one, other) if length is not None]
    return one[0], start, max(ends) - start if len(ends) == 2 else None


def specimen(
    path: str, start: float = 0.0, duration: float | None = None, embed: bool = False
) -> Specimen:
    """Return the log-mel spectrogram of a recording or of an excerpt of it.

    64 HTK bands by about 240 frames, 70 dB deep.

    Raises
    ------
    AudioError
        If it cannot be read; the message names the file.
    """
    try:
        data = audio.read_bytes(path)
        signal = audio.decode(data, start, duration)
    except (AudioError, OSError) as error:
        raise AudioError(f"{path}: {error}") from error
    n_fft = 2 ** max(8, round(np.log2(0.04 * signal.sr)))
    hop = max(1, -(-len(signal.samples) // N_FRAMES))
    stft = Stft(n_fft, n_fft, hop)
    bank = MelBank(signal.sr, n_fft, N_MELS, scale="htk", norm="none")
    power = power_plain(pad(signal.samples, stft), stft)
    levels = decibels(apply_plain(Power.of(power), bank), top_db=TOP_DB)
    shade = (
        np.clip((levels - (levels.max() - TOP_DB)) / TOP_DB, 0, 1).T
        if levels.max() > levels.min()
        else 0 * levels.T
    )
    content, note = _embedded(path, data, start, duration) if embed else (b"", "")
    mime = MIME.get(PurePosixPath(path).suffix.lower(), "") if content else ""
    bands = np.r_[0.0, bank.edges()[1:-1]][:N_MELS]
    edges = np.r_[bands, signal.sr / 2]
    return Specimen(
        np.round(255 * shade).astype(np.uint8),
        edges,
        len(signal.samples) / signal.sr,
        content,
        mime,
        note,
    )


def _embedded(path: str, data: bytes, start: float, duration: float | None) -> tuple[bytes, str]:
    """Return the bytes to embed, or none and why."""
    suffix = os.path.splitext(path)[1].lower()
    if suffix not in MIME:
        return b"", f"not embedded: browsers do not play {suffix or 'files without a suffix'}"
    if start or duration is not None:
        return b"", "not embedded: the clip is an excerpt of a longer recording"
    if len(data) > MOST_BYTES:
        return b"", f"not embedded: {len(data) / 1e6:.1f} MB, the limit is {MOST_BYTES / 1e6:g} MB"
    return data, ""
