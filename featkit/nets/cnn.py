"""A small convolutional net.

Sizes that the report leaves open are this project's choice, and options.
"""

import torch
from torch import Tensor, nn

from featkit.errors import ParameterError
from featkit.nets.adapters import Shape, as_image, image_shape
from featkit.nets.base import Net
from featkit.nets.catalog import registry


@registry.register
class AudioCNN(Net):
    """Three convolutions with pooling, a hidden layer and dropout [InstrumentsReport].

    Parameters
    ----------
    shape : tuple of int
        Shape of one row: (C, H, W), or (T, M) as an image of one channel; at least 8 × 8.
    classes : int
        Outputs.
    filters, hidden, dropout
        Widths of the convolutions and of the hidden layer; fraction of it that training drops.
    """

    row_shape = (128, 128)
    recipe = "instrument"

    def __init__(
        self,
        shape: Shape,
        classes: int,
        filters: tuple[int, ...] = (16, 32, 64),
        hidden: int = 128,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        height, width = pooled(shape, len(filters))
        self.stages = stages(image_shape(shape)[0], filters)
        self.hidden = nn.Linear(filters[-1] * height * width, hidden)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(hidden, classes)

    def forward(self, rows: Tensor) -> Tensor:
        """Return logits (B, classes)."""
        maps = self.stages(as_image(rows)).flatten(1)
        return self.head(self.dropout(torch.relu(self.hidden(maps))))


def stages(channels: int, filters: tuple[int, ...]) -> nn.Sequential:
    """Return [3×3 convolution that keeps the size, ReLU, max-pool 2] for each of ``filters``."""
    layers: list[nn.Module] = []
    for width in filters:
        layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
        channels = width
    return nn.Sequential(*layers)


def pooled(shape: Shape, count: int) -> tuple[int, int]:
    """Return height and width after ``count`` poolings by 2."""
    _, height, width = image_shape(shape)
    least = 2**count
    if min(height, width) < least:
        raise ParameterError(
            f"images of {height}×{width} vanish in {count} poolings by 2; "
            f"at least {least}×{least} is needed"
        )
    return height // least, width // least
