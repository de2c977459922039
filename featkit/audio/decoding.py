"""Decode once: bytes → mono float32 samples → `Signal`, whose views (rates, spectra) are computed
once and shared.

Conventions: samples in [−1, 1]; channels are averaged; resampling is soxr's HQ, the length being ⌈n
· to / from⌉ as librosa has it. This module is the only user of soundfile and soxr.
"""

import hashlib
import io
import os
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

from featkit.audio.containers import check_whole
from featkit.audio.recording import Recording
from featkit.audio.signal import Samples, Signal
from featkit.errors import AudioError

EXTENSIONS = frozenset(
    {".wav", ".ogg", ".flac", ".mp3", ".aiff", ".aif", ".au", ".opus", ".oga", ".w64", ".caf"}
)


def read_bytes(path: str) -> bytes:
    """Return the content of a local file or of any URL that fsspec opens."""
    path = path.removeprefix("file://")
    if "://" in path:
        import fsspec

        with fsspec.open(path, "rb") as file:
            return bytes(file.read())
    with open(path, "rb") as file:
        return file.read()


def part(
    path: str, start: float = 0.0, duration: float | None = None
) -> AbstractContextManager[bytes | Recording]:
    """Return what `decode` needs of a file for an excerpt: of a local file only a look into it;
    else its bytes.
    """
    path = path.removeprefix("file://")
    whole = not start and duration is None
    return nullcontext(read_bytes(path)) if whole or "://" in path else Recording(path)


def content_hash(data: bytes | Recording, start: float = 0.0, duration: float | None = None) -> str:
    """Return 32 hex digits that identify the audio of a clip: the file's bytes and the excerpt."""
    digest = data.digest() if isinstance(data, Recording) else hashlib.blake2b(data, digest_size=16)
    if start or duration is not None:
        digest.update(f"|{start!r}|{duration!r}".encode())
    return str(digest.hexdigest())


def extent(data: bytes | Recording) -> tuple[int, int]:
    """Return the number of samples that an encoded recording's header promises, and its rate in Hz;
    nothing is decoded.

    Raises
    ------
    AudioError
        If the bytes are no audio or cut short.
    """
    import soundfile

    if not data:
        raise AudioError("the file is empty (0 bytes)")
    check_whole(data)
    try:
        with soundfile.SoundFile(_stream(data)) as file:
            return int(file.frames), int(file.samplerate)
    except (soundfile.LibsndfileError, RuntimeError, ValueError) as error:
        raise AudioError(f"not readable as audio: {_reason(error)}") from error


def decode(data: bytes | Recording, start: float = 0.0, duration: float | None = None) -> Signal:
    """Return the `Signal` of an encoded recording, or of an excerpt of it in seconds.

    Raises
    ------
    AudioError
        If the bytes are no audio, are cut short, hold no samples in the excerpt, or hold samples
        that are not finite.
    """
    import soundfile

    if not data:
        raise AudioError("the file is empty (0 bytes)")
    check_whole(data)
    try:
        with soundfile.SoundFile(_stream(data)) as file:
            sr, total = file.samplerate, file.frames
            first = round(start * sr)
            count = -1 if duration is None else round(duration * sr)
            if first and first >= total:
                raise AudioError(
                    f"the excerpt starts at {start:g} s, but the recording ends at {total / sr:g} s"
                )
            if first:
                file.seek(first)
            samples = _read(file, count)
    except (soundfile.LibsndfileError, RuntimeError, ValueError) as error:
        raise AudioError(f"not readable as audio: {_reason(error)}") from error
    expected = total - first if count < 0 else min(count, total - first)
    if len(samples) < expected:
        raise AudioError(
            f"cut short: the header promises {expected} samples, {len(samples)} could be decoded"
        )
    if count > expected + 0.05 * sr:
        raise AudioError(
            f"cut short: {count / sr:g} s were asked for from {start:g} s, the recording has {expected / sr:g} s"
        )
    if not len(samples):
        raise AudioError("the recording holds 0 samples")
    if not np.isfinite(samples).all():
        bad = int(np.count_nonzero(~np.isfinite(samples)))
        raise AudioError(f"{bad} of {len(samples)} samples are not finite (NaN or infinite)")
    return Signal(samples, sr)


def _stream(data: bytes | Recording) -> Any:
    if not isinstance(data, Recording):
        return io.BytesIO(data)
    data.file.seek(0)
    return data.file


def _read(file: Any, count: int) -> Samples:
    """Return ``count`` frames (−1: all) as mono float32; 16-bit PCM is read as integers, which is
    several times faster.
    """
    if file.subtype == "PCM_16":
        samples = file.read(count, dtype="int16", always_2d=True)
        whole = samples[:, 0] if samples.shape[1] == 1 else samples.mean(axis=1, dtype=np.float32)
        scaled: Samples = whole.astype(np.float32) * np.float32(1 / 32768)
        return scaled
    samples = file.read(count, dtype="float32", always_2d=True)
    mono: Samples = (
        samples[:, 0] if samples.shape[1] == 1 else samples.mean(axis=1, dtype=np.float32)
    )
    return mono


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
    except AudioError as error:
        raise AudioError(f"{path}: {error}") from error
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
