"""A convolution of fixed weights with its max-pooling and activation, computed tile by tile.

Arrays are (batch, time, frequency, channel), channels last in memory. Waveforms have one frequency.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from featkit.errors import ParameterError
from featkit.nets.random.init import he_normal

Pair = tuple[int, int]

# Bytes of a map that are computed at once on a CPU: they stay in the cache until they are pooled.
TILE = 2**21
# Each call arranges the weights anew, so a tile is worth it from a few times their number.
TILE_PER_WEIGHT = 4
# A GPU wants whole maps and has the memory for them.
TILE_CUDA = 2**30

# Up to this fan-in a product of gathered patches is faster than a convolution routine.
PATCH = 16


def elu(x: Tensor) -> Tensor:
    """Return x where positive, exp(x) − 1 elsewhere, to 1e-7.

    Torch's own uses expm1, which takes ten times as long; exp is also slow where its result is
    subnormal, below −87.
    """
    below = torch.exp(x.clamp(-80, 0).to(torch.float32)).sub_(1)
    return torch.maximum(x, below.to(x.dtype))


ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {"elu": elu, "relu": torch.relu_}


@dataclass(frozen=True)
class Window:
    """What a convolution sees at once, and how far it moves.

    Attributes
    ----------
    kernel, pool : (time, frequency)
        Their sizes; a pool of frequency 0 spans all that the convolution leaves.
    same : bool
        Zeros around in time as TensorFlow's "same" has them, so that ⌈n / stride⌉ steps come out.
    margin : int
        Zeros added on both sides in frequency.
    block : int
        Stride in time of a waveform: ``block`` samples become the channels of one step, so that the
        strided convolution is one of ``kernel`` / ``block`` taps with stride 1. Must divide the
        kernel.
    """

    kernel: Pair
    pool: Pair = (1, 1)
    same: bool = False
    margin: int = 0
    block: int = 1


class RandomConv(nn.Module):  # type: ignore[misc]
    """Convolution (stride 1), max-pooling (stride = size, rest dropped) and activation, in that
    order.

    Pooling comes first because it commutes with a monotone activation, max f(x) = f(max x), and
    leaves fewer values.

    Parameters
    ----------
    name : str
        Names the stream of the weights.
    channels : (inputs, outputs)
    window : Window
    seed : int
    activation : {"relu", "elu"}
    """

    def __init__(
        self,
        name: str,
        channels: Pair,
        window: Window,
        seed: int,
        activation: Literal["relu", "elu"] = "relu",
    ) -> None:
        super().__init__()
        (inputs, outputs), kernel, block = channels, window.kernel, window.block
        weight = he_normal(name, (outputs, *kernel, inputs), seed)
        self.weight = nn.Parameter(
            weight.view(outputs, kernel[0] // block, kernel[1], inputs * block), requires_grad=False
        )
        self.bias = nn.Parameter(torch.zeros(outputs), requires_grad=False)
        self.kernel, self.pool = kernel, window.pool
        self.same, self.margin, self.block = window.same, window.margin, block
        self.activation = ACTIVATIONS[activation]

    def forward(self, x: Tensor) -> Tensor:
        """Return the activated map (batch, time, frequency, outputs) of ``x`` (batch, time,
        frequency, inputs).
        """
        return self.activate(_joined([max_pool(tile, self.pool) for tile in self.tiles(x)]))

    def activate(self, x: Tensor) -> Tensor:
        """Return the activation of ``x``, which it may overwrite."""
        return self.activation(x)

    def tiles(self, x: Tensor) -> Iterator[Tensor]:
        """Yield the bare convolution of ``x`` piece by piece along time; only the last piece may
        split a pool.
        """
        before, after = (
            same_padding(x.shape[1], self.kernel[0], self.block) if self.same else (0, 0)
        )
        if self.block > 1:
            x, before, after = blocks(x, self.block, before, after), 0, 0
        taps, step = self.weight.shape[1], self.pool[0]
        total = x.shape[1] + before + after - taps + 1
        width = x.shape[2] + 2 * self.margin - self.weight.shape[2] + 1
        if total < step or width < max(self.pool[1], 1):
            raise ParameterError(
                f"a map of {x.shape[1]} steps × {x.shape[2]} frequencies is too small for a kernel "
                f"of {self.kernel[0]} × {self.kernel[1]} and a pool of {step} × {self.pool[1]}"
            )
        rows = self._rows(x, width, total)
        for start in range(0, total, rows):
            yield self._convolve(
                window(x, start - before, min(start + rows, total) - before + taps - 1)
            )

    def _convolve(self, x: Tensor) -> Tensor:
        taps, width = self.weight.shape[1:3]
        if self.weight[0].numel() <= PATCH:
            patches = (
                functional.pad(x, (0, 0, self.margin, self.margin))
                .unfold(1, taps, 1)
                .unfold(2, width, 1)
            )
            return functional.linear(
                patches.movedim(3, 5).flatten(3), self.weight.flatten(1), self.bias
            )
        out = functional.conv2d(
            x.permute(0, 3, 1, 2),
            self.weight.permute(0, 3, 1, 2),
            self.bias,
            padding=(0, self.margin),
        )
        return out.permute(0, 2, 3, 1)

    def _rows(self, x: Tensor, width: int, total: int) -> int:
        """Return how many steps a tile has: a multiple of the pool, or all if nothing is pooled."""
        if self.pool == (1, 1):
            return total
        budget = TILE_CUDA if x.is_cuda else max(TILE, TILE_PER_WEIGHT * self.weight.nbytes)
        rows = int(budget // (len(x) * width * self.bias.nbytes))
        return max(rows // self.pool[0], 1) * self.pool[0]


def max_pool(x: Tensor, size: Pair) -> Tensor:
    """Return the maxima of ``x`` over ``size`` (time, frequency) steps; a rest at the end is
    dropped.

    Maxima of strided views run at the speed of memory; torch's own pooling takes some ten times as
    long.
    """
    for axis, step in ((1, size[0]), (2, size[1] or x.shape[2])):
        if step == 1:
            continue
        stop = x.shape[axis] // step * step
        parts = [_every(x, axis, first, stop, step) for first in range(step)]
        x = torch.maximum(parts[0], parts[1])
        for part in parts[2:]:
            torch.maximum(x, part, out=x)
    return x


def _every(x: Tensor, axis: int, first: int, stop: int, step: int) -> Tensor:
    return x[:, first:stop:step] if axis == 1 else x[:, :, first:stop:step]


def _joined(pieces: list[Tensor]) -> Tensor:
    return pieces[0] if len(pieces) == 1 else torch.cat(pieces, 1)


def window(x: Tensor, start: int, stop: int) -> Tensor:
    """Return steps ``start`` … ``stop`` − 1 of ``x``, zeros where it has none."""
    left, right = max(-start, 0), max(stop - x.shape[1], 0)
    piece = x[:, start + left : stop - right]
    return functional.pad(piece, (0, 0, 0, 0, left, right)) if left or right else piece


def blocks(x: Tensor, size: int, before: int = 0, after: int = 0) -> Tensor:
    """Return the waveform ``x`` (batch, samples, 1, 1) as (batch, steps, 1, size), zeros around it,
    an incomplete end dropped.
    """
    x = window(x, -before, x.shape[1] + after)
    steps = x.shape[1] // size
    return x[:, : steps * size].reshape(len(x), steps, 1, size)


def same_padding(n: int, kernel: int, stride: int = 1) -> Pair:
    """Return the zeros in front and behind with which ``n`` steps become ⌈n / stride⌉, as
    TensorFlow adds them.

    (⌈n / stride⌉ − 1) · stride + kernel − n of them are missing; an odd one goes behind.
    """
    total = max((-(-n // stride) - 1) * stride + kernel - n, 0)
    return total // 2, total - total // 2
