"""What the scene nets share: blocks of convolutions, the read-out, and several decisions about one
row.
"""

from typing import ClassVar, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from featkit.errors import ParameterError
from featkit.nets import adapters, base
from featkit.nets.adapters import Shape
from featkit.nets.base import Net

Decision = Literal["clip", "time"]
Average = Literal["logits", "probabilities", "last"]

CHANNELS = (64, 128, 256, 512)
# (frequency, time) of the average pooling after each block but the last.
POOLS = ((2, 4), (2, 4), (2, 2))
LAST_POOL = (2, 2)


class SceneNet(Net):
    """A net that decides once about a row, (B, classes), or several times, (B, decisions, classes).

    Parameters
    ----------
    average : {"logits", "probabilities", "last"}
        What becomes one vote where there are several decisions: the mean of their logits, as
        [Wang2020-code] has it, the mean of their probabilities, or the last decision alone, which
        is what that code prints the log loss of. Training does not depend on it.
    """

    row_shape: ClassVar[Shape] = (862, 40)
    recipe = "dcase"

    def __init__(self, average: Average = "logits") -> None:
        super().__init__()
        self.average = average

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the sum over the decisions of their cross-entropies."""
        if outputs.ndim == 2:
            return super().loss(outputs, targets)
        count = outputs.shape[1]
        mean = functional.cross_entropy(outputs.flatten(0, 1), targets.repeat_interleave(count))
        return count * mean

    def probabilities(self, outputs: Tensor) -> Tensor:
        """Return the vote, shape (B, classes)."""
        if outputs.ndim == 2:
            return base.softmax(outputs)
        if self.average == "logits":
            return base.softmax(outputs.mean(dim=1))
        if self.average == "probabilities":
            return base.softmax(outputs).mean(dim=1)
        return base.softmax(outputs[:, -1])

    def reset_head(self) -> None:
        """Draw the last layer anew, as `initialise` does."""
        initialise(adapters.head(self)[1])


class Readout(nn.Module):  # type: ignore[misc]
    """From maps to logits: pooling, a hidden layer, dropout, the last layer.

    Parameters
    ----------
    inputs, hidden, classes : int
        Channels of the maps; width of the hidden layer; outputs.
    decision : {"clip", "time"}
        ``clip``: mean over frequency, maximum over time, one decision. ``time``: mean over
        frequency, and one decision by the same layers at each position in time.
    dropout : float
        Fraction of the hidden layer that training drops.
    """

    def __init__(
        self, inputs: int, hidden: int, classes: int, decision: Decision, dropout: float
    ) -> None:
        super().__init__()
        self.decision = decision
        self.hidden = nn.Linear(inputs, hidden)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(hidden, classes)

    def pooled(self, maps: Tensor) -> Tensor:
        """Return (B, C), or (B, T, C) with a decision at each time, of maps (B, C, F, T)."""
        lines = maps.mean(dim=2)
        return lines.amax(dim=2) if self.decision == "clip" else lines.transpose(1, 2)

    def forward(self, vectors: Tensor) -> Tensor:
        """Return the logits of pooled maps."""
        return self.head(self.dropout(torch.relu(self.hidden(vectors))))


def convolution(inputs: int, outputs: int, kernel: int = 3, bias: bool = False) -> list[nn.Module]:
    """Return a convolution that keeps the size, batch norm, and ReLU."""
    layer = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=bias)
    return [layer, nn.BatchNorm2d(outputs), nn.ReLU()]


def channels(width: float) -> tuple[int, ...]:
    """Return the channels of the four blocks at a fraction ``width`` of the paper's.

    Raises
    ------
    ParameterError
        If a block would have none.
    """
    counts = tuple(round(width * count) for count in CHANNELS)
    if min(counts) < 1:
        raise ParameterError(f"width={width:g} leaves {counts} channels; 1 is the paper's width")
    return counts


def blocks(inputs: int, counts: tuple[int, ...], last_pool: bool, first: int = 0) -> nn.Sequential:
    """Return the blocks ``first`` to 3 of the net: two convolutions and average pooling each.

    Parameters
    ----------
    inputs : int
        Channels that the first of them reads.
    counts : tuple of int
        `channels` of all blocks.
    last_pool : bool
        Whether the last block is followed by a pooling too.
    """
    layers: list[nn.Module] = []
    for number in range(first, len(counts)):
        layers.append(block(inputs, counts, number, last_pool))
        inputs = counts[number]
    return nn.Sequential(*layers)


def block(inputs: int, counts: tuple[int, ...], number: int, last_pool: bool) -> nn.Sequential:
    """Return one block, see `blocks`."""
    layers = convolution(inputs, counts[number]) + convolution(counts[number], counts[number])
    pools = (*POOLS, LAST_POOL) if last_pool else POOLS
    return nn.Sequential(*layers, *map(nn.AvgPool2d, pools[number : number + 1]))


def initialise(net: nn.Module) -> None:
    """Draw convolutions and linear layers from He's uniform distribution [He2015]; biases are 0."""
    for layer in net.modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_uniform_(layer.weight, nonlinearity="leaky_relu")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
