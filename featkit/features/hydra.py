"""Random dilated kernels that compete: a dictionary of patterns in time, as Hydra has it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

from featkit.audio import Signal
from featkit.errors import ParameterError
from featkit.features._fullband import MEL, vectors
from featkit.features.base import Array, Feature, registry

if TYPE_CHECKING:
    from featkit.nets.random.hydra import Hydra as Net


@registry.register
@dataclass(frozen=True)
class Hydra(Feature):
    """How often each of a group of eight random kernels responds most, and least, to mel bands.

    The bands are those of `random_filters`. In every group and dilation (1 to 32 frames between the
    nine weights) the kernels read the sum of up to eight random bands; half of the groups read the
    differences between frames. A value is the root of the mean over frames of the responses of the
    kernel where it is the largest of its group, or of the fraction of frames where it is the
    smallest [Dempster2023].

    Not as published: kernels have zero mean, so gain is not heard; dilations are the same for clips
    of all lengths; beyond its ends a clip goes on with its first and last frame; sums are divided
    by the length.

    Parameters
    ----------
    groups : int
        Groups for each dilation, even, ≥ 2. A vector has 96 values for each.
    seed : int
        Of kernels and bands, ≥ 0.
    """

    units: ClassVar[str] = "root of dB; root of fractions"

    groups: int = 64
    seed: int = 0

    def __post_init__(self) -> None:
        if self.groups < 2 or self.groups % 2 or self.seed < 0:
            raise ParameterError(
                f"hydra: groups={self.groups} must be an even number from 2 and seed={self.seed} "
                "at least 0"
            )

    @property
    def shape(self) -> tuple[int | None, ...]:
        """(96 · groups,)."""
        return (96 * self.groups,)

    def __call__(self, signal: Signal) -> Array:
        """Return the vector of one clip, float32."""
        (row,) = self.compute([signal])
        if isinstance(row, Exception):
            raise row
        return row

    def compute(self, signals: Sequence[Signal], device: str = "cpu") -> list[Array | Exception]:
        """Return the vector of each clip, or the error that its input raised."""
        return vectors("hydra", lambda where: [_net(self, where)], signals, device)


@lru_cache(maxsize=32)
def _net(feature: Hydra, device: str) -> "Net":
    from featkit.nets.random.hydra import Hydra as Net

    net = Net(feature.groups, feature.seed, MEL.n_mels)
    net.to(device)
    return net
