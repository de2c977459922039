"""The spectrogram over the whole band that the wide features share, and the noise that fixes what
they must not learn from data.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from featkit.audio import Signal
from featkit.errors import MissingDependencyError, ParameterError
from featkit.features.base import Array
from featkit.features.logmel import Logmel

SR = 44_100
MEL = Logmel(
    sr=SR,
    n_fft=2048,
    hop_length=441,
    n_mels=128,
    fmin=20.0,
    pad_mode="reflect",
    floor=1e-16,
    top_db=100.0,
)
# The reference: this many recordings of this many seconds.
RECORDINGS, SECONDS = 6, 2.0


def spectrogram(signal: Signal) -> Array:
    """Return the log-mel spectrogram of a clip at its own length, (frames, 128), in dB.

    128 bands from 20 Hz to 22.05 kHz, windows of 46 ms every 10 ms, cut off 100 dB below the clip's
    largest value.
    """
    return signal.memo(("fullband", "logmel"), lambda: MEL(signal))


def reference(seed: int) -> list[Signal]:
    """Return recordings of noise, from white to red, whose level and colour change all the time."""
    rng = np.random.default_rng([seed, 1])
    length = round(SECONDS * SR)
    frequencies = np.maximum(np.fft.rfftfreq(length, 1 / SR), 20.0)
    signals = []
    for _ in range(RECORDINGS):
        samples = np.zeros(length)
        for _ in range(3):
            spectrum = np.fft.rfft(rng.standard_normal(length))
            noise = np.fft.irfft(spectrum * frequencies ** -rng.uniform(0, 1.5), length)
            points = rng.integers(3, 40)
            envelope = np.exp(
                np.interp(
                    np.linspace(0, 1, length), np.linspace(0, 1, points), rng.normal(0, 2, points)
                )
            )
            samples += noise / noise.std() * envelope
        signals.append(Signal((0.9 * samples / np.abs(samples).max()).astype(np.float32), SR))
    return signals


def reference_spectra(seed: int) -> Array:
    """Return the spectrograms of `reference`, (recordings, 128, frames)."""
    return np.stack([spectrogram(signal).T for signal in reference(seed)])


def vectors(
    name: str,
    nets: Callable[[str], Sequence[Callable[[Any], Any]]],
    signals: Sequence[Signal],
    device: str,
) -> list[Array | Exception]:
    """Return the vector of each clip, or the error that its input raised.

    Clips are taken one by one, each at its own length.

    Parameters
    ----------
    name : str
        Of the feature, for messages.
    nets : callable
        Gives torch modules on a device; each makes vectors of spectra (n, 128, frames), and a row
        is theirs side by side.
    signals : sequence of Signal
    device : {"cpu", "cuda"}

    Raises
    ------
    ParameterError, MissingDependencyError
        If there is no such device.
    """
    import torch

    if device not in ("cpu", "cuda"):
        raise ParameterError(f"{name} has no path for device={device!r}; it has: cpu, cuda")
    if device == "cuda" and not torch.cuda.is_available():
        raise MissingDependencyError(f"{name}: torch finds no CUDA GPU here; use device cpu")
    modules = nets(device)
    rows: list[Array | Exception] = []
    # TensorFloat-32 would round the factors of every product to 10 bits.
    with torch.inference_mode(), torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        for signal in signals:
            try:
                spectrum = np.ascontiguousarray(spectrogram(signal).T)
                spectra = torch.from_numpy(spectrum)[None].to(device)
                parts = [module(spectra)[0] for module in modules]
                rows.append(torch.cat(parts).cpu().numpy())
            except Exception as error:
                rows.append(error)
    return rows
