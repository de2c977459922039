"""Occlusion: how much less probable a class becomes when a part of the recording is silenced.

Works for every bundle, since only its predictions are needed. Parts are patches of time and
frequency, equally wide on the mel scale, taken out of the short-time Fourier transform of the
recording [Zeiler2014].
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.signal import ShortTimeFFT

from featkit.audio import Signal
from featkit.dsp.mel import hz_to_mel, mel_to_hz
from featkit.errors import ParameterError

TIMES, BANDS = 16, 12
_WINDOW_S = 0.046


def occlusion(
    signal: Signal,
    probability: Callable[[Sequence[Signal]], NDArray[np.float64]],
    times: int = TIMES,
    bands: int = BANDS,
) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float64]]:
    """Return how much the probability falls without each part, and the parts' centres.

    Parameters
    ----------
    signal : Signal
    probability : callable
        From recordings to the probability of the class for each.
    times, bands : int
        Number of parts.

    Returns
    -------
    attribution : ndarray of shape (times, bands)
    seconds, frequencies : ndarray
        Centres of the parts in s and in Hz.

    Raises
    ------
    ParameterError
        If there is no part.
    """
    if times < 1 or bands < 1:
        raise ParameterError(f"times={times} and bands={bands} must be at least 1")
    n, sr = len(signal.samples), signal.sr
    size = 2 ** max(4, round(np.log2(_WINDOW_S * sr)))
    transform = ShortTimeFFT.from_window("hann", sr, size, size // 2, scale_to=None)
    samples = np.pad(signal.samples, (0, max(0, size - n)))
    spectrum = transform.stft(samples)
    edges_s = np.linspace(0, n / sr, times + 1)
    edges_hz = mel_to_hz(np.linspace(0, float(hz_to_mel(sr / 2)), bands + 1))
    frames = np.clip(np.searchsorted(edges_s, transform.t(len(samples)), "right") - 1, 0, times - 1)
    bins = np.clip(np.searchsorted(edges_hz, transform.f, "right") - 1, 0, bands - 1)

    def without(time: int, band: int) -> Signal:
        kept = spectrum * ~np.outer(bins == band, frames == time)
        return Signal(transform.istft(kept, k1=len(samples))[:n].astype(np.float32), sr)

    whole = probability([signal])[0]
    falls = [
        whole - probability([without(time, band) for band in range(bands)]) for time in range(times)
    ]
    middles = [(edges[1:] + edges[:-1]) / 2 for edges in (edges_s, edges_hz)]
    return np.array(falls, dtype=np.float32), middles[0], middles[1]
