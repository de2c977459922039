"""Responses of random filters of zero mean to a spectrogram over the whole band, pooled."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

from featkit.audio import Signal
from featkit.errors import ParameterError
from featkit.features._fullband import reference_spectra, vectors
from featkit.features.base import Array, Feature, registry
from featkit.nets.random import pools

if TYPE_CHECKING:
    from featkit.nets.random.filters import FilterBank

BANKS_KEPT = 32


@registry.register
@dataclass(frozen=True)
class RandomFilters(Feature):
    """Poolings of the responses of random filters to a log-mel spectrogram.

    128 mel bands from 20 Hz to 22.05 kHz, windows of 46 ms every 10 ms, dB down to 100 below the
    clip's largest value, the clip at its own length. Twelve kinds of filters of zero mean and unit
    norm, from 3 × 3 to 100 × 1 and 1 × 65 bands × frames: the vector does not change with gain.
    Small and flat filters are pooled in four parts of the frequency axis, tall ones over all of it.
    Biases are random quantiles (0.6 to 0.98) of the responses to noise that the seed makes, so they
    know no data.

    Wide and redundant: meant for a linear classifier with shrinkage, such as ``ridge``. See
    [Dempster2020] and [Tan2022] for the idea on time series.

    Parameters
    ----------
    filters : int
        Filters of each small and flat kind, ≥ 4; three quarters as many of each tall kind. A vector
        has about 38 values for each, in each pooling and bank.
    seed : int
        Of filters and biases, ≥ 0.
    banks : int
        1 or 2: the second has twelve other kinds, up to 120 × 1 and 3 × 33, and with a spread of up
        to 8 frames.
    pool : tuple of str
        Poolings, each once: ``mean``; ``relu``, the mean of the positive part; ``std``; ``max``;
        ``ppv``, the fraction of values above the bias; ``mpv``, how far these are above it;
        ``mipv``, when; ``lspv``, the longest run of them.
    """

    units: ClassVar[str] = "dB; fractions"
    later: ClassVar[frozenset[str]] = frozenset({"banks", "pool"})

    filters: int = 32
    seed: int = 0
    banks: int = 1
    pool: tuple[str, ...] = ("relu", "std", "max", "ppv")

    def __post_init__(self) -> None:
        if self.filters < 4 or self.seed < 0 or self.banks not in (1, 2):
            raise ParameterError(
                f"random_filters: filters={self.filters} must be at least 4, seed={self.seed} at "
                f"least 0, and banks={self.banks} 1 or 2"
            )
        pools.check(self.pool, "random_filters")

    @property
    def shape(self) -> tuple[int | None, ...]:
        """(poolings · banks · (36 · filters + 3 · round(0.75 · filters)),)."""
        maps = 36 * self.filters + 3 * round(0.75 * self.filters)
        return (len(self.pool) * self.banks * maps,)

    def __call__(self, signal: Signal) -> Array:
        """Return the vector of one clip, float32."""
        (row,) = self.compute([signal])
        if isinstance(row, Exception):
            raise row
        return row

    def compute(self, signals: Sequence[Signal], device: str = "cpu") -> list[Array | Exception]:
        """Return the vector of each clip, or the error that its input raised."""
        return vectors("random_filters", lambda where: _banks(self, where), signals, device)


@lru_cache(maxsize=BANKS_KEPT)
def _banks(feature: RandomFilters, device: str) -> "list[FilterBank]":
    import torch

    from featkit.nets.random.filters import BANKS, FilterBank

    spectra = torch.from_numpy(reference_spectra(feature.seed))
    seeds = feature.seed, [feature.seed, 2]
    with torch.inference_mode():
        return [
            FilterBank(feature.filters, seeds[bank], spectra, BANKS[bank], feature.pool).to(device)
            for bank in range(feature.banks)
        ]
