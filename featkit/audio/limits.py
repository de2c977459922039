"""How much audio one clip may hold, whatever its header claims; checked before memory is taken.

The limit is 4 GiB of mono float32 samples, unless the environment variable `VARIABLE` gives another
number of GiB. It holds for decoded clips, for clips after resampling, and for files behind URLs.
"""

import math
import os

from featkit.errors import AudioError, ParameterError

VARIABLE = "FEATKIT_MAX_CLIP_GIB"
DEFAULT_GIB = 4.0
# Sampling rates in Hz, and the most channels that libsndfile knows.
LOWEST_RATE, HIGHEST_RATE = 100, 10_000_000
MOST_CHANNELS = 1024


def max_bytes() -> int:
    """Return the largest size in bytes of one clip in memory; raises as `from_environment`."""
    return from_environment(VARIABLE, DEFAULT_GIB)


def from_environment(variable: str, default_gib: float) -> int:
    """Return the bytes that an environment variable states in GiB.

    Raises
    ------
    ParameterError
        If it is not a number above 0.
    """
    text = os.environ.get(variable, "")
    try:
        gib = float(text) if text else default_gib
    except ValueError:
        gib = math.nan
    if not 0 < gib < 2**20:
        raise ParameterError(f"{variable}={text!r} is not a number of GiB above 0")
    return int(gib * 2**30)


def check_bytes(size: int, what: str) -> None:
    """Raise AudioError if ``what`` is larger than the limit."""
    if size > max_bytes():
        raise AudioError(
            f"too large: {what} is {size / 2**30:.3g} GiB; the limit is "
            f"{max_bytes() / 2**30:g} GiB ({VARIABLE})"
        )


def check_samples(count: int, sr: int) -> None:
    """Raise AudioError if a clip of ``count`` mono samples at ``sr`` Hz is too large for memory."""
    check_bytes(4 * count, f"a clip of {count} samples at {sr} Hz")


def check_header(sr: int, channels: int) -> None:
    """Raise AudioError if the sampling rate or the number of channels cannot be meant."""
    if not LOWEST_RATE <= sr <= HIGHEST_RATE:
        raise AudioError(
            f"the header says {sr} Hz; sampling rates from {LOWEST_RATE} to {HIGHEST_RATE} Hz "
            "are allowed"
        )
    if not 1 <= channels <= MOST_CHANNELS:
        raise AudioError(f"the header says {channels} channels; 1 to {MOST_CHANNELS} are allowed")
