"""Piczak's net: two convolutions that span nearly all bands, two wide hidden layers."""

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional, init

from featkit.errors import ParameterError
from featkit.nets.adapters import Shape, as_image, image_shape
from featkit.nets.base import Net
from featkit.nets.catalog import registry

Dropout = Literal["conv", "pool"]
Init = Literal["xavier", "uniform"]

# Bands and frames of the first convolution, and of the pooling behind it.
_KERNEL, _POOL = (57, 6), (4, 3)
_LEAST_FRAMES = 22


@registry.register
class PiczakCNN(Net):
    """Convolution 57×6, pooling 4×3, convolution 1×3, pooling 1×3, two hidden layers, softmax
    [Piczak2015].

    60 bands × 101 frames become 80 maps of 4×96, 1×32, 1×30 and 1×10: 800 values.

    Parameters
    ----------
    shape : tuple of int
        Shape of one row: (C, H, W), or (T, M) as an image of one channel; at least 60 bands and 22
        frames.
    classes : int
        Outputs.
    deltas : bool
        Add the change of each band over time as channels (`old_deltas`).
    filters, hidden : int
        Maps of both convolutions; width of both hidden layers.
    dropout : float
        Fraction that training drops of the first convolution's maps and of both hidden layers.
    dropout_at : {"conv", "pool"}
        The maps that are dropped: those of the first convolution [Tax2017], or those that its
        pooling leaves, which the second convolution reads [Piczak2015-code].
    init : {"xavier", "uniform"}
        ``xavier``: Xavier's uniform weights, no bias [Tax2017]. ``uniform``: convolutions within
        ±0.001 (bias 0.1) and ±0.1, the rest normal with deviation 0.01 [Piczak2015-code].
    """

    row_shape = (101, 60)
    recipe = "tax2017"
    head_path = "head"

    def __init__(
        self,
        shape: Shape,
        classes: int,
        deltas: bool = False,
        filters: int = 80,
        hidden: int = 5000,
        dropout: float = 0.5,
        dropout_at: Dropout = "conv",
        init: Init = "xavier",
    ) -> None:
        super().__init__()
        channels, bands, frames = image_shape(shape)
        if bands < _KERNEL[0] + _POOL[0] - 1 or frames < _LEAST_FRAMES:
            raise ParameterError(
                f"piczak_cnn cannot read {bands} bands × {frames} frames; "
                f"it needs at least 60 bands and {_LEAST_FRAMES} frames"
            )
        self.deltas = deltas
        self.dropout, self.dropout_at, self.init = dropout, dropout_at, init
        self.conv1 = nn.Conv2d(channels * (1 + deltas), filters, _KERNEL)
        self.conv2 = nn.Conv2d(filters, filters, (1, 3))
        rows = bands - _KERNEL[0] - _POOL[0] + 2
        columns = ((frames - _KERNEL[1] + 1) // 3 - 2) // 3
        self.fc1 = nn.Linear(filters * rows * columns, hidden)
        self.fc2 = nn.Linear(hidden, hidden)
        self.head = nn.Linear(hidden, classes)
        for layer in (self.conv1, self.conv2, self.fc1, self.fc2, self.head):
            self._draw(layer)

    def forward(self, rows: Tensor) -> Tensor:
        """Return logits (B, classes)."""
        image = as_image(rows)
        if self.deltas:
            image = torch.cat([image, old_deltas(image)], dim=1)
        maps = torch.relu(self.conv1(image))
        if self.dropout_at == "conv":
            maps = self._drop(maps)
        maps = functional.max_pool2d(maps, _POOL, (1, 3))
        if self.dropout_at == "pool":
            maps = self._drop(maps)
        maps = functional.max_pool2d(torch.relu(self.conv2(maps)), (1, 3))
        values = self._drop(torch.relu(self.fc1(maps.flatten(1))))
        return self.head(self._drop(torch.relu(self.fc2(values))))

    def reset_head(self) -> None:
        """Draw the last layer as ``init`` says."""
        self._draw(self.head)

    def _drop(self, values: Tensor) -> Tensor:
        return functional.dropout(values, self.dropout, self.training)

    def _draw(self, layer: nn.Module) -> None:
        bias = 0.0
        if self.init == "xavier":
            init.xavier_uniform_(layer.weight)
        elif layer is self.conv1:
            init.uniform_(layer.weight, -0.001, 0.001)
            bias = 0.1
        elif layer is self.conv2:
            init.uniform_(layer.weight, -0.1, 0.1)
        else:
            init.normal_(layer.weight, std=0.01)
        init.constant_(layer.bias, bias)


def old_deltas(image: Tensor) -> Tensor:
    """Return the deltas of images (B, C, H, W) along W as librosa 0.3.1 has them.

    They are those of `featkit.dsp.delta.librosa031`: Σ (4 − k) · x[t − k] for k = 0 … 8, causal
    and not normalised, so that a ramp of slope 1 gives 60. The five frames before the first are
    copies of it, and earlier ones 0. [Piczak2015-code] takes them of standardised log-mels.
    """
    weights = torch.arange(-4, 5, dtype=image.dtype, device=image.device)
    padded = functional.pad(functional.pad(image, (5, 0, 0, 0), mode="replicate"), (3, 0))
    return (padded.unfold(3, 9, 1) * weights).sum(dim=4)
