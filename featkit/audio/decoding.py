"""Decode once: bytes to mono float32 samples, a `Signal`, whose views (rates, spectra) are computed
once and shared.

Conventions: samples in [−1, 1]; channels are averaged; resampling is soxr's HQ, and the length is
⌈n · to / from⌉ as in librosa. soundfile and soxr are used in this package only.
"""

import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from featkit.audio.containers import Part, recordings
from featkit.audio.limits import check_header, check_samples
from featkit.audio.reading import part
from featkit.audio.recording import Recording
from featkit.audio.signal import Samples, Signal
from featkit.errors import AudioError

EXTENSIONS = frozenset(
    {".wav", ".ogg", ".flac", ".mp3", ".aiff", ".aif", ".au", ".opus", ".oga", ".w64", ".caf"}
)
# Values that are decoded at a time: memory is taken for samples that exist, not for promised ones.
_BLOCK = 1 << 22
# Seconds beyond which a recording cannot be meant.
_LONGEST = 1e10


def content_hash(data: bytes | Recording, start: float = 0.0, duration: float | None = None) -> str:
    """Return 32 hex digits that identify the audio of a clip: the file's bytes and the excerpt."""
    digest = data.digest() if isinstance(data, Recording) else hashlib.blake2b(data, digest_size=16)
    if start or duration is not None:
        digest.update(f"|{start!r}|{duration!r}".encode())
    return str(digest.hexdigest())


class Header(NamedTuple):
    """What the header of an encoded recording promises: samples, rate in Hz and channels."""

    frames: int
    sr: int
    channels: int


def header(data: bytes | Recording) -> Header:
    """Return what an encoded recording's header promises; nothing is decoded.

    Raises
    ------
    AudioError
        If the bytes are not audio that featkit reads, damaged or cut short.
    """
    frames, rates, channels = 0, set(), 0
    for link in recordings(data):
        with _opened(data, link) as file:
            frames += int(file.frames)
            rates.add(int(file.samplerate))
            channels = max(channels, int(file.channels))
    return Header(frames, _only(rates), channels)


def extent(data: bytes | Recording) -> tuple[int, int]:
    """Return the number of samples and the rate in Hz of `header`."""
    return header(data)[:2]


def decode(data: bytes | Recording, start: float = 0.0, duration: float | None = None) -> Signal:
    """Return the `Signal` of an encoded recording, or of an excerpt of it in seconds.

    The recordings of a chained Ogg file follow each other.

    Raises
    ------
    AudioError
        If the bytes are not audio that featkit reads; are damaged or cut short, as far as the
        container tells; decode to less than it states, to more than the limit (`limits`), to no
        samples in the excerpt, or to samples that are not finite.
    """
    links = recordings(data)
    if len(links) == 1:
        with _opened(data, links[0]) as file:
            sr = int(file.samplerate)
            first, count = _span(int(file.frames), sr, start, duration)
            samples = _read(file, first, count)
    else:
        total, sr = extent(data)
        first, count = _span(total, sr, start, duration)
        parts = []
        for link in links:
            with _opened(data, link) as file:
                parts.append(_read(file, 0, int(file.frames)))
        samples = np.concatenate(parts)[first : first + count]
    if not len(samples):
        raise AudioError("the recording holds 0 samples")
    if not np.isfinite(samples).all():
        bad = int(np.count_nonzero(~np.isfinite(samples)))
        raise AudioError(f"{bad} of {len(samples)} samples are not finite (NaN or infinite)")
    return Signal(samples, sr)


@contextmanager
def _opened(data: bytes | Recording, link: Part) -> Iterator[Any]:
    """Open one recording of a file for decoding; what soundfile raises becomes an AudioError."""
    import soundfile

    if link != Part(0, len(data)):
        stream: Any = io.BytesIO(link.prefix + data[link.start : link.end])
    elif isinstance(data, Recording):
        stream = data.file
        stream.seek(0)
    else:
        stream = io.BytesIO(data)
    try:
        with soundfile.SoundFile(stream) as file:
            check_header(file.samplerate, file.channels)
            yield file
    except (soundfile.LibsndfileError, RuntimeError, ValueError) as error:
        raise AudioError(f"not readable as audio: {_reason(error)}") from error


def _span(total: int, sr: int, start: float, duration: float | None) -> tuple[int, int]:
    """Return the first sample of an excerpt and the number of its samples."""
    if not 0 <= start < _LONGEST or not (duration is None or 0 < duration < _LONGEST):
        raise AudioError(f"an excerpt of {duration} s from {start} s is not possible")
    first = round(start * sr)
    if first and first >= total:
        raise AudioError(
            f"the excerpt starts at {start:g} s, but the recording ends at {total / sr:g} s"
        )
    left = total - first
    count = left if duration is None else min(round(duration * sr), left)
    if duration is not None and round(duration * sr) > left + 0.05 * sr:
        raise AudioError(
            f"cut short: an excerpt of {duration:g} s from {start:g} s was requested, "
            f"the recording has {left / sr:g} s"
        )
    check_samples(count, sr)
    return first, count


def _read(file: Any, first: int, count: int) -> Samples:
    """Return ``count`` frames from ``first`` on as mono float32; 16-bit PCM is read as integers,
    which is several times faster.
    """
    if first:
        file.seek(first)
    kind = "int16" if file.subtype == "PCM_16" else "float32"
    block = max(1, _BLOCK // file.channels)
    if count <= block:
        samples = _mono(file.read(count, dtype=kind, always_2d=True))
        decoded = len(samples)
    else:
        samples, decoded = np.empty(count, dtype=np.float32), 0
        while decoded < count:
            frames = file.read(min(block, count - decoded), dtype=kind, always_2d=True)
            if not len(frames):
                break
            samples[decoded : decoded + len(frames)] = _mono(frames)
            decoded += len(frames)
    if decoded < count:
        raise AudioError(
            f"cut short: the header promises {count} samples, {decoded} could be decoded"
        )
    return samples


def _mono(frames: Any) -> Samples:
    """Return the mean of the channels, float32."""
    mono = frames[:, 0] if frames.shape[1] == 1 else frames.mean(axis=1, dtype=np.float32)
    scaled: Samples = (
        mono.astype(np.float32) * np.float32(1 / 32768) if frames.dtype == np.int16 else mono
    )
    return scaled


def _only(rates: set[int]) -> int:
    """Return the one sampling rate of a file."""
    if len(rates) > 1:
        raise AudioError(f"the recordings in the file have several rates: {sorted(rates)} Hz")
    return rates.pop()


def load(path: str | os.PathLike[str], start: float = 0.0, duration: float | None = None) -> Signal:
    """Return the `Signal` of a file: `part` and `decode`.

    Raises
    ------
    AudioError
        As `decode`, or if the file cannot be read; the message names the file.
    """
    try:
        with part(os.fspath(path), start, duration) as data:
            return decode(data, start, duration)
    except OSError as error:
        raise AudioError(f"{path}: {_reason(error)}") from error


def write(
    path: str | os.PathLike[str], samples: Samples, sr: int, subtype: str | None = None
) -> None:
    """Write mono samples to ``path`` in the format of its suffix."""
    import soundfile

    soundfile.write(os.fspath(path), samples, sr, subtype=subtype)


def _reason(error: BaseException) -> str:
    text = getattr(error, "error_string", None) or getattr(error, "strerror", None) or str(error)
    return str(text).strip().rstrip(".") or type(error).__name__
