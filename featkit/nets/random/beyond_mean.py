"""A random net whose maps are pooled in more ways than by their mean."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

from featkit.nets.random.base import RandomNet
from featkit.nets.random.init import stream
from featkit.nets.random.pooling import pooled, quantiles, side_by_side
from featkit.nets.random.pools import QUANTILES


class BeyondMean(nn.Module):  # type: ignore[misc]
    """The maps of a random net, each channel of each pooled in several ways over time and
    frequency.

    Parameters
    ----------
    net : RandomNet
    pools : sequence of str
        Of `pools.POOLS`.
    seed : int
        Of the quantiles that the biases are.
    reference : Tensor, shape (n, time, frequency)
        What the net reads of recordings that are not data: the biases are quantiles of its maps.
    """

    def __init__(self, net: RandomNet, pools: Sequence[str], seed: int, reference: Tensor) -> None:
        super().__init__()
        self.net, self.pools = net, tuple(pools)
        for number, maps in enumerate(self._maps(reference)):
            levels = stream(f"bias/{number}", seed).uniform(*QUANTILES, maps.shape[1])
            self.register_buffer(f"bias{number}", quantiles(maps, levels))

    def forward(self, x: Tensor) -> Tensor:
        """Return the vectors (n, columns), float32: the first pooling of every map, the second …"""
        return side_by_side(
            pooled(maps, getattr(self, f"bias{number}"), self.pools)
            for number, maps in enumerate(self._maps(x))
        )

    def _maps(self, x: Tensor) -> Iterator[Tensor]:
        """Yield each map as (n, channels, frequency, time), float32."""
        for maps in self.net.maps(self.net.entry(x)):
            yield maps.permute(0, 3, 2, 1).to(torch.float32)
