"""Interventions: a recording that is changed on purpose.

A classifier that has learned what it hears keeps its accuracy when what nobody hears is taken away;
one that lives from an artefact of recording does not [RodriguezAlgarra2016].
"""

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from featkit.audio.decoding import decode
from featkit.audio.signal import Samples, Signal
from featkit.errors import FeatkitError, ParameterError

# A filter falls from 1 to 0 within this fraction of its frequency, outside the band that it keeps.
EDGE = 0.1
# Seconds by which a recording is continued at both ends before it is filtered.
_MARGIN_S = 1.0
# libsndfile overflows its stack where a whole long recording is encoded in one call.
_BLOCK = 1 << 16
_CODECS = {"ogg": ("OGG", "VORBIS"), "mp3": ("MP3", "MPEG_LAYER_III")}


@dataclass(frozen=True)
class Intervention:
    """One or more changes of a recording, made in order.

    Attributes
    ----------
    changes : tuple of (str, float or str or None)
        Name and value of each.
    """

    changes: tuple[tuple[str, Any], ...]

    @property
    def text(self) -> str:
        """``name=value,…``, which `parse` reads."""
        return ",".join(
            name if value is None else f"{name}={value if isinstance(value, str) else f'{value:g}'}"
            for name, value in self.changes
        )

    def __call__(self, signal: Signal) -> Signal:
        """Return the changed recording, of the same length and rate.

        Raises
        ------
        ParameterError
            If a change is not possible at the recording's rate.
        """
        samples = signal.samples
        for name, value in self.changes:
            samples = _CHANGES[name](samples, signal.sr, value)
        return Signal(samples, signal.sr)


def parse(text: str) -> Intervention:
    """Return the intervention that ``name=value,…`` describes.

    ``highpass`` and ``lowpass`` take the frequency in Hz that they keep at least or at most,
    ``gain`` dB, ``noise`` the ratio of signal to white noise in dB, ``codec`` ``ogg`` (Vorbis) or
    ``mp3``; ``reverse`` takes no value.

    Raises
    ------
    ParameterError
        For an unknown change, or a value that is not allowed.
    """
    changes = tuple(_change(item.strip()) for item in text.split(","))
    return Intervention(changes)


def _change(item: str) -> tuple[str, Any]:
    name, sign, value = item.partition("=")
    if name not in _CHANGES:
        raise ParameterError(f"{item!r} is not an intervention; there are: {', '.join(_ALLOWED)}")
    if name == "reverse":
        if sign:
            raise ParameterError(f"{item!r}: reverse takes no value")
        return name, None
    if name == "codec":
        if value not in _CODECS:
            raise ParameterError(f"{item!r}: a codec is one of {', '.join(_CODECS)}")
        return name, value
    try:
        number = float(value)
    except ValueError:
        number = np.nan
    if not np.isfinite(number) or (name.endswith("pass") and number <= 0):
        raise ParameterError(f"{item!r} is not {_ALLOWED[name]}")
    return name, number


def _highpass(samples: Samples, sr: int, hertz: float) -> Samples:
    if hertz >= sr / 2:
        raise ParameterError(f"highpass={hertz:g} Hz leaves nothing of a recording at {sr} Hz")
    return _filtered(samples, sr, lambda f: _rise(f, hertz * (1 - EDGE), hertz))


def _lowpass(samples: Samples, sr: int, hertz: float) -> Samples:
    if hertz >= sr / 2:
        return samples
    return _filtered(samples, sr, lambda f: 1 - _rise(f, hertz, hertz * (1 + EDGE)))


def _rise(f: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    """Return 0 below ``low``, 1 above ``high`` and half a cosine in between."""
    return (1 - np.cos(np.pi * np.clip((f - low) / (high - low), 0, 1))) / 2


def _filtered(
    samples: Samples, sr: int, response: Callable[[NDArray[np.float64]], NDArray[np.float64]]
) -> Samples:
    """Return samples through a filter without delay.

    The ends are continued by reflection about the first and the last sample, or the jump from the
    last to the first would be heard.
    """
    from scipy import fft

    n = len(samples)
    margin = min(n - 1, round(_MARGIN_S * sr))
    size = fft.next_fast_len(n + 2 * margin, real=True)
    long = np.pad(samples.astype(np.float64), margin, mode="reflect", reflect_type="odd")
    fade = np.sin(np.linspace(0, np.pi / 2, margin)) ** 2
    long[:margin] *= fade
    long[margin + n :] *= fade[::-1]
    spectrum = fft.rfft(long, size) * response(fft.rfftfreq(size, 1 / sr))
    filtered: Samples = fft.irfft(spectrum, size)[margin : margin + n].astype(np.float32)
    return filtered


def _gain(samples: Samples, sr: int, decibels: float) -> Samples:
    return (samples * 10 ** (decibels / 20)).astype(np.float32)


def _reverse(samples: Samples, sr: int, value: None) -> Samples:
    return samples[::-1]


def _noise(samples: Samples, sr: int, decibels: float) -> Samples:
    """Return samples with white noise that is drawn anew for each recording, and always the same
    for one.
    """
    seed = int.from_bytes(hashlib.blake2b(samples.tobytes(), digest_size=8).digest(), "little")
    level = np.sqrt(np.mean(np.square(samples, dtype=np.float64))) * 10 ** (-decibels / 20)
    noise = np.random.default_rng(seed).standard_normal(len(samples))
    noisy: Samples = (samples + level * noise).astype(np.float32)
    return noisy


def _codec(samples: Samples, sr: int, name: str) -> Samples:
    """Return samples after they were encoded and decoded, cut or padded to their length."""
    import soundfile

    container, subtype = _CODECS[name]
    file = io.BytesIO()
    try:
        with soundfile.SoundFile(
            file, "w", sr, 1, subtype=subtype, format=container, closefd=False
        ) as encoder:
            for start in range(0, len(samples), _BLOCK):
                encoder.write(samples[start : start + _BLOCK])
        coded = decode(file.getvalue()).samples
    except (soundfile.LibsndfileError, FeatkitError) as error:
        raise ParameterError(f"codec={name} of a recording at {sr} Hz: {error}") from error
    return np.pad(coded[: len(samples)], (0, max(0, len(samples) - len(coded))))


_CHANGES: dict[str, Callable[[Samples, int, Any], Samples]] = {
    "highpass": _highpass,
    "lowpass": _lowpass,
    "gain": _gain,
    "reverse": _reverse,
    "noise": _noise,
    "codec": _codec,
}
_ALLOWED = {
    "highpass": "highpass=Hz above 0",
    "lowpass": "lowpass=Hz above 0",
    "gain": "gain=dB",
    "reverse": "reverse",
    "noise": "noise=dB of signal to noise",
    "codec": "codec=ogg or codec=mp3",
}
