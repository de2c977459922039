"""Dilated kernels of two weights on random groups of bands, their responses pooled [Dempster2021].

The 84 kernels have nine weights, three of them 2 and six −1: every choice of three. They sum to 0,
so a constant is not heard. The poolings, and the differences beside the series, are those of
[Tan2022].
"""

from itertools import combinations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from featkit.nets.random.pooling import pooled, quantiles, side_by_side
from featkit.nets.random.pools import QUANTILES

LENGTH = 9
DILATIONS = (1, 2, 4, 8, 16, 32)


def kernels() -> NDArray[np.float32]:
    """Return the 84 kernels, (84, 9), in the order of the places of their 2s."""
    weights = np.full((84, LENGTH), -1, dtype=np.float32)
    for row, places in zip(weights, combinations(range(LENGTH), 3), strict=True):
        row[list(places)] = 2
    return weights


def groups_of_bands(
    count: int, bands: int, most: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return ``count`` random sets of bands as rows of zeros and ones, (count, bands).

    A set has 2^u bands rounded down, u uniform from 0 to log₂(most + 1), so that small sets are as
    frequent as large ones.
    """
    mix = np.zeros((count, bands), dtype=np.float32)
    sizes = 2 ** rng.uniform(0, np.log2(min(bands, most) + 1), count)
    for row, size in zip(mix, sizes.astype(int), strict=True):
        row[rng.choice(bands, size, replace=False)] = 1
    return mix


def taps(series: Tensor, dilation: int) -> list[Tensor]:
    """Return the nine series that the weights of a dilated kernel see, each as long as ``series``
    (n, channels, frames), which goes on with its first and last value.
    """
    reach = dilation * (LENGTH // 2)
    padded = functional.pad(series, (reach, reach), mode="replicate")
    return [padded.narrow(2, dilation * tap, series.shape[2]) for tap in range(LENGTH)]


def difference(spectra: Tensor) -> Tensor:
    """Return the change from each frame to the next, and from the last to itself, 0."""
    return torch.diff(spectra, dim=2, append=spectra[:, :, -1:])


class Rocket(nn.Module):  # type: ignore[misc]
    """All kernels in all dilations on the series of random groups of bands.

    Parameters
    ----------
    copies : int
        How often every kernel and dilation is there, each time with bands and a bias of its own.
    diff : bool
        The same number once more on the differences between frames.
    pools : sequence of str
        Of `pools.POOLS`.
    seed : int
    reference : Tensor, shape (n, bands, frames)
        Spectrograms whose responses the biases are quantiles of.
    """

    def __init__(
        self, copies: int, diff: bool, pools: tuple[str, ...], seed: int, reference: Tensor
    ) -> None:
        super().__init__()
        self.diff, self.pools = diff, pools
        rng = np.random.default_rng(seed)
        self.register_buffer("weights", torch.from_numpy(np.tile(kernels(), (copies, 1))))
        self.maps = [(lag, step) for lag in range(1 + diff) for step in DILATIONS]
        for number in range(len(self.maps)):
            mix = groups_of_bands(len(self.weights), reference.shape[1], LENGTH, rng)
            self.register_buffer(f"mix{number}", torch.from_numpy(mix))
        levels = rng.uniform(*QUANTILES, (len(self.maps), len(self.weights)))
        for number in range(len(self.maps)):
            responses = self.responses(reference, number)
            self.register_buffer(f"bias{number}", quantiles(responses, levels[number]))

    def responses(self, spectra: Tensor, number: int) -> Tensor:
        """Return the responses of one dilation, (n, 84 · copies, frames), to ``spectra`` (n, bands,
        frames).
        """
        lag, dilation = self.maps[number]
        series = getattr(self, f"mix{number}") @ (difference(spectra) if lag else spectra)
        total = torch.zeros_like(series)
        for tap, shifted in enumerate(taps(series, dilation)):
            total.addcmul_(shifted, self.weights[:, tap, None])
        return total

    def forward(self, spectra: Tensor) -> Tensor:
        """Return the vectors (n, columns) of ``spectra`` (n, bands, frames)."""
        return side_by_side(
            pooled(
                self.responses(spectra, number)[:, :, None],
                getattr(self, f"bias{number}"),
                self.pools,
            )
            for number in range(len(self.maps))
        )
