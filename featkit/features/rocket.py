"""Random dilated kernels on the bands of a spectrogram, pooled: MiniRocket and MultiRocket."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

from featkit.audio import Signal
from featkit.errors import ParameterError
from featkit.features._fullband import reference_spectra, vectors
from featkit.features.base import Array, Feature, registry
from featkit.nets.random import pools

if TYPE_CHECKING:
    from featkit.nets.random.rocket import Rocket as Net


@registry.register
@dataclass(frozen=True)
class Rocket(Feature):
    """Poolings of the responses of 84 dilated kernels to groups of mel bands over time.

    The bands are those of `random_filters`: 128 up to 22.05 kHz, in dB, every 10 ms, the clip at
    its own length. A kernel has nine weights, three of them 2 and six −1, 1 to 32 frames apart, and
    reads the sum of up to nine random bands; it does not hear gain [Dempster2021]. The same on the
    differences between frames, and the poolings, are those of [Tan2022].

    Not as published: dilations are the same for clips of all lengths; beyond its ends a clip goes
    on with its first and last frame; biases are random quantiles (0.6 to 0.98) of the responses to
    noise that the seed makes, so they know no data; the mean of positive values is the mean of what
    they are above the bias, and indices and runs are fractions of the length.

    Presets: ``multi`` (the default); ``mini``, the fractions above the bias alone, without
    differences.

    Parameters
    ----------
    copies : int
        How often each kernel and dilation is there, each time with other bands and another bias, ≥
        1. A vector has 504 values for each, in each pooling, and as many again with ``diff``.
    diff : bool
        Also on the differences between frames.
    pool : tuple of str
        Poolings, as those of `random_filters`.
    seed : int
        Of bands and biases, ≥ 0.
    """

    units: ClassVar[str] = "dB; fractions"
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = {
        "multi": {},
        "mini": {"pool": ("ppv",), "diff": False, "copies": 20},
    }

    copies: int = 4
    diff: bool = True
    pool: tuple[str, ...] = ("ppv", "mpv", "mipv", "lspv")
    seed: int = 0

    def __post_init__(self) -> None:
        if self.copies < 1 or self.seed < 0:
            raise ParameterError(
                f"rocket: copies={self.copies} must be at least 1 and seed={self.seed} at least 0"
            )
        pools.check(self.pool, "rocket")

    @property
    def shape(self) -> tuple[int | None, ...]:
        """(poolings · 504 · copies,), twice that with differences."""
        return (len(self.pool) * (1 + self.diff) * 504 * self.copies,)

    def __call__(self, signal: Signal) -> Array:
        """Return the vector of one clip, float32."""
        (row,) = self.compute([signal])
        if isinstance(row, Exception):
            raise row
        return row

    def compute(self, signals: Sequence[Signal], device: str = "cpu") -> list[Array | Exception]:
        """Return the vector of each clip, or the error that its input raised."""
        return vectors("rocket", lambda where: [_net(self, where)], signals, device)


@lru_cache(maxsize=32)
def _net(feature: Rocket, device: str) -> "Net":
    import torch

    from featkit.nets.random.rocket import Rocket as Net

    spectra = torch.from_numpy(reference_spectra(feature.seed))
    with torch.inference_mode():
        net = Net(feature.copies, feature.diff, feature.pool, feature.seed, spectra)
    net.to(device)
    return net
