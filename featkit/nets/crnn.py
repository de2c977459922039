"""Convolutions, then recurrent layers."""

from torch import Tensor, nn

from featkit.nets._convolutions import convolutions
from featkit.nets.adapters import Shape, as_image, as_sequence, image_shape
from featkit.nets.base import Net
from featkit.nets.catalog import registry


@registry.register
class AudioCRNN(Net):
    """Three convolutions with pooling, then an LSTM over the columns of the maps.

    Parameters
    ----------
    shape : tuple of int
        Shape of one row: (C, H, W), or (T, M) as an image of one channel; at least 8 × 8.
    classes : int
        Outputs.
    filters, hidden, layers
        Widths of the convolutions; width and depth of the LSTM.
    kernels, strides : tuple of int
        As in `featkit.nets.cnn.AudioCNN`.
    """

    row_shape = (128, 128)
    recipe = "instrument"

    def __init__(
        self,
        shape: Shape,
        classes: int,
        filters: tuple[int, ...] = (16, 32, 64),
        hidden: int = 128,
        layers: int = 1,
        kernels: tuple[int, ...] = (3,),
        strides: tuple[int, ...] = (1,),
    ) -> None:
        super().__init__()
        self.stages, (height, _) = convolutions(image_shape(shape), filters, kernels, strides)
        self.lstm = nn.LSTM(filters[-1] * height, hidden, layers, batch_first=True)
        self.head = nn.Linear(hidden, classes)

    def forward(self, rows: Tensor) -> Tensor:
        """Return logits (B, classes)."""
        return self.head(self.lstm(as_sequence(self.stages(as_image(rows))))[0][:, -1])
