"""Self-attention over the frames."""

import math

import torch
from torch import Tensor, nn

from featkit.nets.adapters import Shape, as_sequence, sequence_shape
from featkit.nets.base import Net
from featkit.nets.catalog import registry


@registry.register
class AudioTransformer(Net):
    """Transformer encoder over frames, mean over time, linear layer [InstrumentsReport].

    A frame's M values are the model's width. There is no norm after the last layer. Heads are the
    largest number up to ``heads`` that divides M.

    Parameters
    ----------
    shape : tuple of int
        Shape of one row: (T, M), or an image, read as W frames of C·H values.
    classes : int
        Outputs.
    layers, heads, feedforward, dropout
        Depth, attention heads, width of the feed-forward part, fraction that training drops.
    """

    row_shape = (173, 128)
    recipe = "instrument"

    def __init__(
        self,
        shape: Shape,
        classes: int,
        layers: int = 3,
        heads: int = 8,
        feedforward: int = 256,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        frames, width = sequence_shape(shape)
        fitting = max(count for count in range(1, heads + 1) if width % count == 0)
        layer = nn.TransformerEncoderLayer(width, fitting, feedforward, dropout, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        self.register_buffer("positions", positions(frames, width), persistent=False)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(width, classes)

    def forward(self, rows: Tensor) -> Tensor:
        """Return logits (B, classes)."""
        steps = as_sequence(rows)
        return self.head(self.encoder(self.dropout(steps + self.positions)).mean(dim=1))


def positions(frames: int, width: int) -> Tensor:
    """Return each frame's position, (frames, width): column 2k is sin(t · 10000^(−2k/width)),
    column 2k + 1 the cosine.
    """
    angle = torch.arange(frames)[:, None] * torch.exp(
        torch.arange(0, width, 2) * (-math.log(10000.0) / width)
    )
    return torch.stack([angle.sin(), angle.cos()], dim=2).flatten(1)[:, :width]
