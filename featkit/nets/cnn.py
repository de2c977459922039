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
        kernels, strides = (
            for_each("kernels", kernels, filters),
            for_each("strides", strides, filters),
        )
        channels, height, width = image_shape(shape)
        height, width = pooled((size or height, size or width), strides)
        self.stages = stages(channels, filters, kernels, strides)
        self.hidden = nn.Linear(filters[-1] * height * width, hidden)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(hidden, classes)

    def forward(self, rows: Tensor) -> Tensor:
        """Return logits (B, classes)."""
        maps = self.stages(as_image(rows, size=self.size)).flatten(1)
        return self.head(self.dropout(torch.relu(self.hidden(maps))))


def for_each(name: str, values: tuple[int, ...], filters: tuple[int, ...]) -> tuple[int, ...]:
    """Return a value for each convolution: ``values``, or the only one for all of them.

    Raises
    ------
    ParameterError
        If they are neither one nor as many as the convolutions, or not above 0; or a kernel is
        even, which cannot keep the size.
    """
    repeated = values * len(filters) if len(values) == 1 else values
    if len(repeated) != len(filters) or min(repeated) < 1:
        raise ParameterError(
            f"{name}={values} must be one number above 0, or one for each of {len(filters)} "
            "convolutions"
        )
    if name == "kernels" and any(side % 2 == 0 for side in repeated):
        raise ParameterError(f"kernels={values} must be odd to keep the size")
    return repeated


def stages(
    channels: int, filters: tuple[int, ...], kernels: tuple[int, ...], strides: tuple[int, ...]
) -> nn.Sequential:
    """Return [padded convolution, ReLU, max-pool 2] for each of ``filters``."""
    layers: list[nn.Module] = []
    for width, side, stride in zip(filters, kernels, strides, strict=True):
        layers += [nn.Conv2d(channels, width, side, stride, side // 2), nn.ReLU(), nn.MaxPool2d(2)]
        channels = width
    return nn.Sequential(*layers)


def pooled(size: tuple[int, int], strides: tuple[int, ...]) -> tuple[int, int]:
    """Return height and width after a padded convolution and a pooling by 2 for each stride."""
    height, width = size
    for stride in strides:
        # A padded convolution gives ⌈side / stride⌉, and pooling half of that, rounded down.
        height, width = (-(-side // stride) // 2 for side in (height, width))
    if min(height, width) < 1:
        raise ParameterError(
            f"images of {size[0]}×{size[1]} vanish in {len(strides)} poolings by 2"
        )
    return height, width
