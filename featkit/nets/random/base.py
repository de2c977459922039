"""What every randomly weighted front-end is: maps, and their means as one vector."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

from featkit.nets.random.conv import RandomConv


class RandomNet(nn.Module):  # type: ignore[misc]
    """A never-trained net whose output is the mean of every feature map of its selected layers
    [Pons2019].

    Inputs are (batch, time, frequency): decibels of a log-mel spectrogram, or samples with one
    frequency.
    """

    def maps(self, x: Tensor) -> Iterator[Tensor]:
        """Yield the selected maps of ``x`` (batch, time, frequency, 1), each (batch, time,
        frequency, channel).

        A map is dropped as soon as the next layer has read it.
        """
        raise TypeError(f"{type(self).__name__} does not define its maps")

    def forward(self, x: Tensor) -> Tensor:
        """Return the vectors (batch, features), float32, of ``x`` (batch, time, frequency)."""
        return torch.cat([average(each) for each in self.maps(self.entry(x))], 1)

    def entry(self, x: Tensor) -> Tensor:
        """Return ``x`` with a channel axis, in the precision of the weights."""
        return x.to(next(self.parameters()).dtype)[..., None]

    def n_parameters(self) -> int:
        """Return the number of weights and biases."""
        return sum(parameter.numel() for parameter in self.parameters())


class Parallel(RandomNet):
    """Convolutions side by side on the same input."""

    def __init__(self, layers: Sequence[RandomConv]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)

    def maps(self, x: Tensor) -> Iterator[Tensor]:
        """Yield the map of each layer."""
        for layer in self.layers:
            yield layer(x)


class Joined(RandomNet):
    """The maps of several nets, one net after the other."""

    def __init__(self, parts: Sequence[RandomNet]) -> None:
        super().__init__()
        self.parts = nn.ModuleList(parts)

    def maps(self, x: Tensor) -> Iterator[Tensor]:
        """Yield the maps of the first net, then of the second, …"""
        for part in self.parts:
            yield from part.maps(x)


def average(features: Tensor) -> Tensor:
    """Return the mean of each channel over time and frequency, summed in float32."""
    return features.mean((1, 2), dtype=torch.float32)
