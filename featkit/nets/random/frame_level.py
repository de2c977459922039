"""Random filters as long as a spectrogram's frame, and the back-end behind them [Pons2019]."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

from featkit.nets.random.base import RandomNet, average
from featkit.nets.random.conv import RandomConv, Window, max_pool

STRIDE = 32
LONGEST = 512
SHAPES = (512, 256, 128, 64, 32)


class RandomFrameLevel(RandomNet):
    """Parallel convolutions of the waveform with stride 32, ReLU, joined along channels; then three
    of 7 steps, ReLU.

    The back-end is (a) a valid convolution; (b) a "same" one, (a) added to its output; halved by
    max-pooling; (c) a "same" one, its input added. The features are the means of each front map,
    (a), (b) and (c).

    ``as_coded`` repeats a defect of [elmarc]: each of (a), (b), (c) gives one number, its mean over
    time and channels, and ``filters`` − 1 zeros.
    """

    def __init__(
        self, front: Sequence[RandomConv], filters: int, seed: int, name: str, as_coded: bool
    ) -> None:
        super().__init__()
        self.as_coded = as_coded
        self.front = nn.ModuleList(front)
        self.back = nn.ModuleList(
            [
                RandomConv(f"{name}/a", (len(front) * filters, filters), Window((7, 1)), seed),
                RandomConv(f"{name}/b", (filters, filters), Window((7, 1), same=True), seed),
                RandomConv(f"{name}/c", (filters, filters), Window((7, 1), same=True), seed),
            ]
        )

    def maps(self, x: Tensor) -> Iterator[Tensor]:
        """Yield the front maps and the three of the back-end for ``x`` (batch, samples, 1, 1)."""
        front = [layer(x) for layer in self.front]
        yield from front
        joined = torch.cat(front, 3) if len(front) > 1 else front[0]
        del front
        a = self.back[0](joined)
        yield a
        b = self.back[1](a).add_(a)
        yield b
        halved = max_pool(b, (2, 1))
        yield self.back[2](halved).add_(halved)

    def forward(self, x: Tensor) -> Tensor:
        """Return the vectors (batch, features), float32, of ``x`` (batch, samples, 1)."""
        parts = [average(each) for each in self.maps(self.entry(x))]
        if self.as_coded:
            parts[len(self.front) :] = [_first_only(part) for part in parts[len(self.front) :]]
        return torch.cat(parts, 1)


def _first_only(part: Tensor) -> Tensor:
    """Return zeros with the mean of ``part`` (batch, channels) in the first column."""
    flawed = torch.zeros_like(part)
    flawed[:, 0] = part.mean(1)
    return flawed


def frame_level(filters: int, seed: int, as_coded: bool = False) -> RandomFrameLevel:
    """Return ``frame_level``: one valid convolution of 512 samples, 350 000 → 10 922 steps;
    4 · ``filters`` features.
    """
    front = RandomConv("frame_level/512", (1, filters), Window((LONGEST, 1), block=STRIDE), seed)
    return RandomFrameLevel([front], filters, seed, "frame_level", as_coded)


def frame_level_many(filters: int, seed: int, as_coded: bool = False) -> RandomFrameLevel:
    """Return ``frame_level_many``: five "same" convolutions of 512 … 32 samples, 350 000 → 10 938
    steps; 8 · ``filters`` features.
    """
    front = [
        RandomConv(
            f"frame_level_many/{length}",
            (1, filters),
            Window((length, 1), same=True, block=STRIDE),
            seed,
        )
        for length in SHAPES
    ]
    return RandomFrameLevel(front, filters, seed, "frame_level_many", as_coded)
