"""The net for acoustic scenes, with one decision about a clip or one at each position in time."""

from torch import Tensor

from featkit.nets import _scene
from featkit.nets._scene import Average, Decision, Readout, SceneNet
from featkit.nets.adapters import Shape, as_image, image_shape
from featkit.nets.catalog import registry


@registry.register
class SceneCNN(SceneNet):
    """Four blocks of two convolutions, for task 1A of DCASE 2020 [Wang2020].

    Several representations stacked as the channels of one image are its early fusion.

    Parameters
    ----------
    shape : tuple of int
        Shape of one row: (C, H, W), or (T, M) as an image of one channel; at least 8 bins × 32
        frames, with ``last_pool`` 16 × 64.
    classes : int
        Outputs.
    width : float
        Fraction of the paper's channels, 64 to 512, and of its 512 hidden values.
    last_pool : bool
        Pool 2 × 2 after the last block too, as [Wang2020-code] does; the paper's table does not.
        862 frames then give 13 positions in time, else 26.
    decision : {"clip", "time"}
        One decision, or one at each position by the same layers; training adds up their losses.
    average : {"logits", "probabilities", "last"}
        How decisions become one vote, see `SceneNet`.
    dropout : float
        Fraction of the hidden layer that training drops.
    """

    def __init__(
        self,
        shape: Shape,
        classes: int,
        width: float = 1.0,
        last_pool: bool = False,
        decision: Decision = "clip",
        average: Average = "logits",
        dropout: float = 0.5,
    ) -> None:
        super().__init__(average)
        counts = _scene.channels(width)
        self.blocks = _scene.blocks(image_shape(shape)[0], counts, last_pool)
        self.readout = Readout(counts[-1], counts[-1], classes, decision, dropout)
        _scene.initialise(self)

    def forward(self, rows: Tensor) -> Tensor:
        """Return logits (B, classes), or (B, positions, classes)."""
        return self.readout(self.readout.pooled(self.blocks(as_image(rows))))
