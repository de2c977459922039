"""A small convolutional net.

Sizes that the report leaves open are this project's choice, and options.
"""

import torch
from torch import Tensor, nn

from featkit.nets._convolutions import convolutions
from featkit.nets.adapters import Shape, as_image, image_shape
from featkit.nets.base import Net
from featkit.nets.catalog import registry


@registry.register
class AudioCNN(Net):
    """Three convolutions with pooling, a hidden layer and dropout [InstrumentsReport].

    The report says "increasing size and stride" and no numbers. The defaults, constant 3×3
    convolutions of stride 1 with 16, 32 and 64 filters, are this project's fill-in;
    ``kernels=3+5+7,strides=1+2+3`` increase as the report says.

    Parameters
    ----------
    shape : tuple of int
        Shape of one row: (C, H, W), or (T, M) as an image of one channel; at least 8 × 8.
    classes : int
        Outputs.
    filters, hidden, dropout
        Widths of the convolutions and of the hidden layer; fraction of it that training drops.
    kernels, strides : tuple of int
        Side (odd) and stride of each convolution, or one of all.
    size : int
        Side of the square that rows are resized to, so that unlike rows give one net; 0: as they
        are.
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
        kernels: tuple[int, ...] = (3,),
        strides: tuple[int, ...] = (1,),
        size: int = 0,
    ) -> None:
        super().__init__()
        self.size = size
        channels, height, width = image_shape(shape)
        image = channels, size or height, size or width
        self.stages, (height, width) = convolutions(image, filters, kernels, strides)
        self.hidden = nn.Linear(filters[-1] * height * width, hidden)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(hidden, classes)

    def forward(self, rows: Tensor) -> Tensor:
        """Return logits (B, classes)."""
        maps = self.stages(as_image(rows, size=self.size)).flatten(1)
        return self.head(self.dropout(torch.relu(self.hidden(maps))))
