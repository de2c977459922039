"""Responses of random filters of zero mean to a spectrogram over the whole band, pooled."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from featkit.audio import Signal
from featkit.errors import MissingDependencyError, ParameterError
from featkit.features.base import Array, Feature, registry
from featkit.features.logmel import Logmel

if TYPE_CHECKING:
    from featkit.nets.random.filters import FilterBank

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
# The reference that biases come from: this many recordings of this many seconds.
RECORDINGS, SECONDS = 6, 2.0
BANKS_KEPT = 32


@registry.register
@dataclass(frozen=True)
class RandomFilters(Feature):
    """Four poolings of the responses of random filters to a log-mel spectrogram.

    128 mel bands from 20 Hz to 22.05 kHz, windows of 46 ms every 10 ms, dB down to 100 below the
    clip's largest value, the clip at its own length. Twelve kinds of filters of zero mean and unit
    norm, from 3 × 3 to 100 × 1 and 1 × 65 bands × frames: the vector does not change with gain.
    Small and flat filters are pooled in four parts of the frequency axis, tall ones over all of it;
    the poolings are the mean of the positive part, the deviation, the maximum, and the fraction
    above a bias. Biases are random quantiles (0.6 to 0.98) of the responses to noise that the seed
    makes, so they know no data.

    Wide and redundant: meant for a linear classifier with shrinkage, such as ``ridge``. See
    [Dempster2020] and [Tan2022] for the idea on time series.

    Parameters
    ----------
    filters : int
        Filters of each small and flat kind, ≥ 4; three quarters as many of each tall kind. A vector
        has about 153 values for each.
    seed : int
        Of filters and biases, ≥ 0.
    """

    units: ClassVar[str] = "dB; fractions"

    filters: int = 32
    seed: int = 0

    def __post_init__(self) -> None:
        if self.filters < 4 or self.seed < 0:
            raise ParameterError(
                f"random_filters: filters={self.filters} must be at least 4 and seed={self.seed} "
                "at least 0"
            )

    @property
    def shape(self) -> tuple[int | None, ...]:
        """(4 · (36 · filters + 3 · round(0.75 · filters)),)."""
        return (4 * (36 * self.filters + 3 * round(0.75 * self.filters)),)

    def __call__(self, signal: Signal) -> Array:
        """Return the vector of one clip, float32."""
        (row,) = self.compute([signal])
        if isinstance(row, Exception):
            raise row
        return row

    def compute(self, signals: Sequence[Signal], device: str = "cpu") -> list[Array | Exception]:
        """Return the vector of each clip, or the error that its input raised."""
        import torch

        if device not in ("cpu", "cuda"):
            raise ParameterError(f"random_filters has no path for device={device!r}")
        if device == "cuda" and not torch.cuda.is_available():
            raise MissingDependencyError("random_filters: torch finds no CUDA GPU here; use cpu")
        bank = _bank(self, device)
        rows: list[Array | Exception] = []
        with torch.inference_mode(), torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
            for signal in signals:
                try:
                    spectrum = torch.from_numpy(np.ascontiguousarray(spectrogram(signal).T))
                    rows.append(bank(spectrum[None].to(device))[0].cpu().numpy())
                except Exception as error:
                    rows.append(error)
        return rows


def spectrogram(signal: Signal) -> Array:
    """Return the log-mel spectrogram that the filters see, (frames, 128)."""
    return signal.memo(("random_filters", "logmel"), lambda: MEL(signal))


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


@lru_cache(maxsize=BANKS_KEPT)
def _bank(feature: RandomFilters, device: str) -> "FilterBank":
    import torch

    from featkit.nets.random.filters import FilterBank

    spectra = np.stack([spectrogram(signal).T for signal in reference(feature.seed)])
    with torch.inference_mode():
        bank = FilterBank(feature.filters, feature.seed, torch.from_numpy(spectra))
    bank.to(device)
    return bank
