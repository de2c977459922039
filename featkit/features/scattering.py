"""Joint scattering in time and frequency of a spectrogram over the whole band."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, Literal

from featkit.audio import Signal
from featkit.errors import ParameterError
from featkit.features._fullband import MEL, reference_spectra, vectors
from featkit.features.base import Array, Feature, registry
from featkit.nets.random import pools

if TYPE_CHECKING:
    from featkit.nets.random.scattering import Scattering as Net


@registry.register
@dataclass(frozen=True)
class Scattering(Feature):
    """Mean bands, and mean moduli of Morlet wavelets in time, in frequency and in both.

    The bands are those of `random_filters`: 128 up to 22.05 kHz, every 10 ms, the clip at its own
    length. They stand for the first order of a scattering transform [Anden2014]. The second has
    wavelets in time at 35 Hz and octaves below it, each by itself and with wavelets across the
    bands, which hear chirps that go up apart from those that go down [Anden2019]; also the latter
    by themselves. Means are taken over all time and in parts of the frequency axis; their
    logarithms are the values. No value changes with gain.

    Not as published: one wavelet an octave on mel bands instead of a filter bank of Morlet
    wavelets; where a wavelet has no partner on the other axis, that axis is not smoothed.

    Parameters
    ----------
    on : {"log", "magnitude"}
        Wavelets see dB; or magnitudes, as published, and each mean is divided by that of its bands.
    rates, scales : int
        Octaves of wavelets in time (1–7: down to 0.55 Hz) and in frequency (1–6: down to periods of
        91 bands).
    regions : int
        Parts of the frequency axis, 1 to 512 / 2^scales, at most 128.
    pool : tuple of str
        Poolings of the moduli, as those of `random_filters`; biases are quantiles for noise.
    seed : int
        Of the quantiles; without effect on ``mean``, ``relu``, ``std`` and ``max``.
    """

    units: ClassVar[str] = "dB; ln dB or ln of a ratio"

    on: Literal["log", "magnitude"] = "log"
    rates: int = 7
    scales: int = 5
    regions: int = 8
    pool: tuple[str, ...] = ("mean",)
    seed: int = 0

    def __post_init__(self) -> None:
        # The widest wavelet keeps its responses at every 2^(scales − 2)th band.
        most = MEL.n_mels // 2 ** max(self.scales - 2, 0) if 1 <= self.scales <= 6 else 0
        if not (1 <= self.rates <= 7 and 1 <= self.regions <= most) or self.seed < 0:
            raise ParameterError(
                f"scattering: rates={self.rates} must be 1 to 7, scales={self.scales} 1 to 6, "
                f"regions={self.regions} 1 to {most}, and "
                f"seed={self.seed} at least 0"
            )
        pools.check(self.pool, "scattering")

    @property
    def shape(self) -> tuple[int | None, ...]:
        """(128 + poolings · regions · (scales + rates · (1 + 2 · scales)),)."""
        maps = self.scales + self.rates * (1 + 2 * self.scales)
        return (MEL.n_mels + len(self.pool) * self.regions * maps,)

    def __call__(self, signal: Signal) -> Array:
        """Return the vector of one clip, float32."""
        (row,) = self.compute([signal])
        if isinstance(row, Exception):
            raise row
        return row

    def compute(self, signals: Sequence[Signal], device: str = "cpu") -> list[Array | Exception]:
        """Return the vector of each clip, or the error that its input raised."""
        return vectors("scattering", lambda where: [_net(self, where)], signals, device)


@lru_cache(maxsize=32)
def _net(feature: Scattering, device: str) -> "Net":
    import torch

    from featkit.nets.random.scattering import Scattering as Net

    spectra = torch.from_numpy(reference_spectra(feature.seed))
    with torch.inference_mode():
        net = Net(
            feature.rates,
            feature.scales,
            feature.on,
            feature.regions,
            feature.pool,
            feature.seed,
            spectra,
        )
    net.to(device)
    return net
