"""Random filters of zero mean on a spectrogram, each response pooled in several ways.

The filters span a few kinds of shapes: small patches of time and frequency, also spread out; long
stretches of time; tall stretches of frequency. A filter of zero mean does not see gain, nor an
equaliser that is constant over its extent.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from featkit.nets.random.pooling import pooled, quantiles, side_by_side
from featkit.nets.random.pools import QUANTILES


class Kind(NamedTuple):
    """A shape of filters.

    Attributes
    ----------
    bands, frames : int
        Height and width.
    spread : tuple of int
        Steps between neighbouring weights in bands and in frames.
    parts : int
        Parts of the frequency axis that are pooled apart.
    fraction : float
        Number of such filters, as a fraction of ``filters``.
    """

    bands: int
    frames: int
    spread: tuple[int, int] = (1, 1)
    parts: int = 4
    fraction: float = 1.0


FIRST = (
    *(Kind(3, 3), Kind(5, 5), Kind(9, 9), Kind(3, 3, (2, 4)), Kind(3, 3, (1, 4))),
    *(Kind(1, 9), Kind(1, 17), Kind(1, 33), Kind(1, 65)),
    *(Kind(100, 1, parts=1, fraction=0.75), Kind(80, 5, parts=1, fraction=0.75)),
    Kind(50, 9, parts=1, fraction=0.75),
)
# Shapes between those of the first bank, and wider spreads.
SECOND = (
    *(Kind(7, 7), Kind(3, 9), Kind(9, 3), Kind(5, 5, (2, 4)), Kind(3, 3, (4, 8))),
    *(Kind(5, 17), Kind(17, 5), Kind(3, 33), Kind(1, 9, (1, 8))),
    *(Kind(120, 1, parts=1, fraction=0.75), Kind(64, 3, parts=1, fraction=0.75)),
    Kind(33, 17, parts=1, fraction=0.75),
)
BANKS = FIRST, SECOND


def count(kind: Kind, filters: int) -> int:
    """Return the number of filters of a kind."""
    return max(1, round(kind.fraction * filters))


class FilterBank(nn.Module):  # type: ignore[misc]
    """The filters of all kinds; their biases come from a reference.

    Parameters
    ----------
    filters : int
        Filters of each kind, three quarters as many tall ones.
    seed : int or sequence of int
    reference : Tensor, shape (n, bands, frames)
        Spectrograms whose responses the biases are quantiles of.
    kinds : sequence of Kind
    pools : sequence of str
        Of `pools.POOLS`.
    """

    def __init__(
        self,
        filters: int,
        seed: int | Sequence[int],
        reference: Tensor,
        kinds: Sequence[Kind] = FIRST,
        pools: Sequence[str] = ("relu", "std", "max", "ppv"),
    ) -> None:
        super().__init__()
        self.kinds, self.pools = tuple(kinds), tuple(pools)
        rng = np.random.default_rng(seed)
        for number, kind in enumerate(self.kinds):
            weights = rng.standard_normal((count(kind, filters), kind.bands, kind.frames))
            weights -= weights.mean(axis=(1, 2), keepdims=True)
            weights /= np.linalg.norm(weights, axis=(1, 2), keepdims=True)
            self.register_buffer(f"weights{number}", torch.from_numpy(weights).float()[:, None])
        levels = [rng.uniform(*QUANTILES, count(kind, filters)) for kind in self.kinds]
        for number, responses in enumerate(self.responses(reference)):
            self.register_buffer(f"bias{number}", quantiles(responses, levels[number]))

    def responses(self, spectra: Tensor) -> Iterator[Tensor]:
        """Yield the responses of each kind to ``spectra`` (n, bands, frames): (n, filters, rows,
        frames).

        In time the spectra go on with their first and last frame; in frequency filters stay inside.
        """
        for number, kind in enumerate(self.kinds):
            reach = kind.spread[1] * (kind.frames - 1) // 2
            padded = functional.pad(spectra, (reach, reach), mode="replicate")
            weights = getattr(self, f"weights{number}")
            yield functional.conv2d(padded[:, None], weights, dilation=kind.spread)

    def forward(self, spectra: Tensor) -> Tensor:
        """Return the vectors (n, columns) of ``spectra`` (n, bands, frames)."""
        return side_by_side(
            pooled(responses, getattr(self, f"bias{number}"), self.pools, self.kinds[number].parts)
            for number, responses in enumerate(self.responses(spectra))
        )
