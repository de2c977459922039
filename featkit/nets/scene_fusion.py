"""Nets for acoustic scenes that read several representations apart and join them inside."""

from typing import Literal

import torch
from torch import Tensor, nn

from featkit.errors import ParameterError
from featkit.nets import _scene
from featkit.nets._scene import Average, Decision, Readout, SceneNet
from featkit.nets.adapters import Shape
from featkit.nets.catalog import registry


@registry.register
class SceneFusion(SceneNet):
    """Middle or late fusion of the channels of an image, one representation each [Wang2020].

    Parameters
    ----------
    shape : tuple of int
        Shape of one row, (C, H, W): the C representations, at least two, as the feature ``stack``
        gives them. The smallest H × W is that of `featkit.nets.scene_cnn.SceneCNN`.
    classes : int
        Outputs.
    join : {"middle", "late"}
        ``middle``: each representation has a first block of its own, and the channels of all of
        them enter the second. ``late``: each has all four blocks, and the pooled vectors are added
        up in front of the hidden layer. The paper only draws this; its model sizes decide it.
    width, last_pool, decision, average, dropout
        As in `featkit.nets.scene_cnn.SceneCNN`.
    """

    row_shape = (4, 64, 862)

    def __init__(
        self,
        shape: Shape,
        classes: int,
        join: Literal["middle", "late"] = "middle",
        width: float = 1.0,
        last_pool: bool = False,
        decision: Decision = "clip",
        average: Average = "logits",
        dropout: float = 0.5,
    ) -> None:
        super().__init__(average)
        if len(shape) != 3 or shape[0] < 2:
            raise ParameterError(
                f"scene_fusion reads (representations, bins, frames), two or more, not {shape}; "
                "the feature stack gives them"
            )
        counts = _scene.channels(width)
        middle = join == "middle"
        self.apart = nn.ModuleList(
            _scene.block(1, counts, 0, last_pool) if middle else _scene.blocks(1, counts, last_pool)
            for _ in range(shape[0])
        )
        self.joint = (
            _scene.blocks(shape[0] * counts[0], counts, last_pool, first=1) if middle else None
        )
        self.readout = Readout(counts[-1], counts[-1], classes, decision, dropout)
        _scene.initialise(self)

    def forward(self, rows: Tensor) -> Tensor:
        """Return logits (B, classes), or (B, positions, classes)."""
        maps = [part(rows[:, k : k + 1]) for k, part in enumerate(self.apart)]
        if self.joint is not None:
            return self.readout(self.readout.pooled(self.joint(torch.cat(maps, dim=1))))
        vectors = torch.stack([self.readout.pooled(part) for part in maps])
        return self.readout(vectors.sum(dim=0))
