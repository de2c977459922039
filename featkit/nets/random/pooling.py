"""How the maps of a random net or filter become numbers: the mean, and what it forgets.

The fraction of values above a bias is the pooling of random kernels for time series
[Dempster2020]; with how far above, when, and for how long, it is that of [Tan2022].
"""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

# Values that are pooled at once on a CPU: every pass over them then reads the cache.
CHUNK = 2**17

Function = Callable[[Tensor, Tensor], Tensor]


def mean(maps: Tensor, bias: Tensor) -> Tensor:
    """Return the mean of each map."""
    return maps.mean((2, 3))


def relu(maps: Tensor, bias: Tensor) -> Tensor:
    """Return the mean of the positive part."""
    return maps.clamp_min(0).mean((2, 3))


def std(maps: Tensor, bias: Tensor) -> Tensor:
    """Return the standard deviation, 0 for a single value."""
    centred = (maps - maps.mean((2, 3), keepdim=True)).flatten(2)
    # Faster than torch's own, which updates a mean with every value.
    return torch.linalg.vector_norm(centred, dim=2) / centred.shape[2] ** 0.5


def maximum(maps: Tensor, bias: Tensor) -> Tensor:
    """Return the largest value."""
    return maps.amax((2, 3))


def ppv(maps: Tensor, bias: Tensor) -> Tensor:
    """Return the fraction of values above the bias."""
    return above(maps, bias).mean((2, 3))


def mpv(maps: Tensor, bias: Tensor) -> Tensor:
    """Return how far the values above the bias are above it on average, 0 where none is."""
    excess = (maps - bias).clamp_min_(0)
    count = above(maps, bias).sum((2, 3))
    return excess.sum((2, 3)) / count.clamp_min(1)


def mipv(maps: Tensor, bias: Tensor) -> Tensor:
    """Return when values are above the bias: the mean of their times, 0 at the first frame and 1 at
    the last; −1 where none is.
    """
    counts = above(maps, bias).sum(2)
    times = torch.linspace(0, 1, maps.shape[3], dtype=maps.dtype, device=maps.device)
    total = counts.sum(2)
    return torch.where(total > 0, (counts @ times) / total.clamp_min(1), -1.0)


def lspv(maps: Tensor, bias: Tensor) -> Tensor:
    """Return the longest run of frames above the bias as a fraction of all, its mean over the
    frequencies.
    """
    positive = maps > bias
    count = positive.cumsum(3)
    # Where the run began: the count at the last frame that is not above.
    start = count.masked_fill(positive, 0).cummax(3).values
    return (count - start).amax(3).to(maps.dtype).mean(2) / maps.shape[3]


def above(maps: Tensor, bias: Tensor) -> Tensor:
    """Return 1 where a value is above its bias and 0 elsewhere, in the type of ``maps``.

    In place on a copy, which takes a fifth of the time of a comparison that makes booleans.
    """
    return maps.clone().gt_(bias)


FUNCTIONS: dict[str, Function] = {
    "mean": mean,
    "relu": relu,
    "std": std,
    "max": maximum,
    "ppv": ppv,
    "mpv": mpv,
    "mipv": mipv,
    "lspv": lspv,
}


def pooled(maps: Tensor, bias: Tensor, pools: Sequence[str], parts: int = 1) -> Tensor:
    """Return what each of ``pools`` makes of maps.

    Parameters
    ----------
    maps : Tensor, shape (n, channels, frequencies, frames), float32
    bias : Tensor, shape (channels,)
        Read by the poolings of `pools.BIASED`.
    pools : sequence of str
        Of `pools.POOLS`.
    parts : int
        Parts of the frequency axis that are pooled apart, low to high.

    Returns
    -------
    Tensor, shape (pools, n, parts × channels)
    """
    size = max(maps[0, 0].numel() * len(maps), 1)
    step = maps.shape[1] if maps.is_cuda else max(CHUNK * parts // size, 1)
    levels = bias[:, None, None]
    rows = []
    for part in torch.tensor_split(maps, parts, dim=2):
        pieces = [
            torch.stack([FUNCTIONS[pool](values, level) for pool in pools])
            for values, level in zip(part.split(step, dim=1), levels.split(step), strict=True)
        ]
        rows.append(torch.cat(pieces, dim=2))
    return torch.cat(rows, dim=2)


def quantiles(maps: Tensor, levels: NDArray[np.float64]) -> Tensor:
    """Return the quantile of each channel's values at its own level, float32, (channels,).

    Parameters
    ----------
    maps : Tensor, shape (n, channels, …)
        Of a reference, not of data: a vector then depends on its clip and the seed only.
    levels : ndarray, shape (channels,)
        Such as random ones within `pools.QUANTILES`.
    """
    values = maps.transpose(0, 1).flatten(1).cpu().float().numpy()
    each = [np.quantile(row, level) for row, level in zip(values, levels, strict=True)]
    return torch.tensor(each, dtype=torch.float32)


def side_by_side(blocks: Iterable[Tensor]) -> Tensor:
    """Return vectors (n, columns) of what `pooled` made of several groups of maps: the first
    pooling of every group, then the second, …
    """
    return torch.cat(list(blocks), dim=2).transpose(0, 1).flatten(1)
