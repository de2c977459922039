"""The challenge's own net for three acoustic scenes."""

from torch import Tensor, nn
from torch.nn import init

from featkit.errors import ParameterError
from featkit.nets._scene import convolution
from featkit.nets.adapters import Shape, as_image, image_shape
from featkit.nets.base import Net
from featkit.nets.catalog import registry

_HIDDEN = 100
# (frequency, time) of the maximum after each convolution; 40 bands × 500 frames leave 2 × 1.
_POOLS = ((5, 5), (4, 100))


@registry.register
class SceneBaseline(Net):
    """Two convolutions 7×7 of 32 and 64 filters and a hidden layer of 100: the baseline of task 1B
    of DCASE 2020 [Heittola2020].

    Its log-mel has 40 bands of the magnitude spectrum, frames of 40 ms every 20 ms.

    Parameters
    ----------
    shape : tuple of int
        Shape of one row: (C, H, W), or (T, M) as an image of one channel; at least 20 bands × 5
        frames. Rows of less than 500 frames are pooled over all of them.
    classes : int
        Outputs.
    dropout : float
        Fraction that training drops after each of the three layers.
    """

    row_shape = (500, 40)
    recipe = "dcase_baseline"

    def __init__(self, shape: Shape, classes: int, dropout: float = 0.3) -> None:
        super().__init__()
        channels, bands, frames = image_shape(shape)
        (high, wide), (higher, wider) = _POOLS
        rows, columns = bands // high, frames // wide
        if rows < higher or columns < 1:
            raise ParameterError(
                f"scene_baseline cannot read {bands} bands × {frames} frames; it needs at least "
                f"{high * higher} × {wide}"
            )
        span = min(wider, columns)
        self.layers = nn.Sequential(
            *convolution(channels, 32, 7, bias=True),
            nn.MaxPool2d((high, wide)),
            nn.Dropout(dropout),
            *convolution(32, 64, 7, bias=True),
            nn.MaxPool2d((higher, span)),
            nn.Dropout(dropout),
            nn.Flatten(),
            nn.Linear(64 * (rows // higher) * (columns // span), _HIDDEN),
            nn.ReLU(),
            nn.Dropout(dropout),
        )
        self.head = nn.Linear(_HIDDEN, classes)
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                init.xavier_uniform_(layer.weight)
                init.zeros_(layer.bias)
            elif isinstance(layer, nn.Linear):
                self._draw(layer)

    def forward(self, rows: Tensor) -> Tensor:
        """Return logits (B, classes)."""
        return self.head(self.layers(as_image(rows)))

    def reset_head(self) -> None:
        """Draw the last layer within ±0.05, as its code does; its bias is 0."""
        self._draw(self.head)

    def _draw(self, layer: nn.Linear) -> None:
        init.uniform_(layer.weight, -0.05, 0.05)
        init.zeros_(layer.bias)
