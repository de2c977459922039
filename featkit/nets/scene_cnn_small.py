"""The net for acoustic scenes that fits into half a megabyte."""

from torch import Tensor, nn

from featkit.nets import _scene
from featkit.nets._scene import POOLS, Average, Decision, Readout, SceneNet, convolution
from featkit.nets.adapters import Shape, as_image, image_shape
from featkit.nets.catalog import registry

HIDDEN = 200


@registry.register
class SceneCNNSmall(SceneNet):
    """Four convolutions of 32, 32, 64 and 64 channels, for task 1B of DCASE 2020 [Wang2020].

    Parameters
    ----------
    shape : tuple of int
        Shape of one row: (C, H, W), or (T, M) as an image of one channel; at least 8 bins × 32
        frames.
    classes : int
        Outputs.
    decision, average, dropout
        As in `featkit.nets.scene_cnn.SceneCNN`.
    """

    row_shape = (862, 64)

    def __init__(
        self,
        shape: Shape,
        classes: int,
        decision: Decision = "clip",
        average: Average = "logits",
        dropout: float = 0.5,
    ) -> None:
        super().__init__(average)
        first, second, third = map(nn.AvgPool2d, POOLS)
        self.blocks = nn.Sequential(
            *convolution(image_shape(shape)[0], 32, 7),
            first,
            *convolution(32, 32, 7),
            second,
            *convolution(32, 64),
            third,
            *convolution(64, 64),
        )
        self.readout = Readout(64, HIDDEN, classes, decision, dropout)
        _scene.initialise(self)

    def forward(self, rows: Tensor) -> Tensor:
        """Return logits (B, classes), or (B, positions, classes)."""
        return self.readout(self.readout.pooled(self.blocks(as_image(rows))))
