"""The random VGG [Pons2019], with or without batch statistics."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from featkit.nets.random.base import RandomNet
from featkit.nets.random.conv import RandomConv, Window, max_pool

# 1376 × 96 → 344 × 48 → 86 × 16 → 17 × 8 → 4 × 4 → 1 × 1.
POOLS = ((4, 2), (4, 3), (5, 2), (4, 2), (4, 4))
EPSILON = 1e-3


class RandomVGG(RandomNet):
    """Five times 3 × 3 "same" convolution, ELU, max-pooling; each pooled map is averaged: 5 ·
    ``filters`` features.

    ``batch_norm`` normalises each map by the mean and variance of the whole batch, before the ELU
    (the order of [Choi2017]). The features of a clip then depend on its neighbours: see
    `featkit.analysis.batch_norm_leak`.
    """

    def __init__(self, filters: int, seed: int, *, batch_norm: bool = False) -> None:
        super().__init__()
        self.batch_norm = batch_norm
        self.layers = nn.ModuleList(
            RandomConv(
                f"vgg/{number}",
                (filters if number else 1, filters),
                Window((3, 3), pool=pool, same=True, margin=1),
                seed,
                activation="elu",
            )
            for number, pool in enumerate(POOLS)
        )

    def maps(self, x: Tensor) -> Iterator[Tensor]:
        """Yield the five pooled maps of ``x`` (batch, frames, mels, 1)."""
        for layer in self.layers:
            x = _normalised(layer, x) if self.batch_norm else layer(x)
            yield x


def _normalised(layer: RandomConv, x: Tensor) -> Tensor:
    """Return the layer's map with batch statistics: convolution, normalisation, ELU, max-pooling.

    The normalisation is increasing, so it commutes with the pooling too: one pass pools the bare
    map and sums its values and their squares, in float64, before the tiles are dropped.
    """
    pooled, count = [], 0
    total = torch.zeros(len(layer.weight), dtype=torch.float64, device=x.device)
    squares = total.clone()
    for tile in layer.tiles(x):
        pooled.append(max_pool(tile, layer.pool))
        wide = tile.reshape(-1, tile.shape[3]).to(torch.float64)
        count += len(wide)
        total += wide.sum(0)
        squares += wide.square_().sum(0)
    mean = total / count
    scale = (squares / count - mean**2).clamp_(min=0).add_(EPSILON).rsqrt_()
    centred = torch.cat(pooled, 1).to(torch.float32) - mean.to(torch.float32)
    return layer.activate((centred * scale.to(torch.float32)).to(x.dtype))
