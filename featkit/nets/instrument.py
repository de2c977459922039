"""Nets of the instrument report (S4): T1 CNN, T2 LSTM in both orientations, T5 Transformer, T6 CNN
then LSTM.

Sizes that the report leaves open are the specification's fill-ins, and arguments here.
"""

import math

import torch
from torch import Tensor, nn

from featkit.errors import ParameterError
from featkit.nets.adapters import Shape, as_image, as_sequence, image_shape, sequence_shape


def _stages(channels: int, filters: tuple[int, ...]) -> nn.Sequential:
    """Return [3×3 convolution that keeps the size, ReLU, max-pool 2] for each entry of ``filters``."""
    layers: list[nn.Module] = []
    for width in filters:
        layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
        channels = width
    return nn.Sequential(*layers)


def _pooled(shape: Shape, stages: int) -> tuple[int, int]:
    """Return height and width after ``stages`` poolings by 2."""
    _, height, width = image_shape(shape)
    least = 2**stages
    if min(height, width) < least:
        raise ParameterError(
            f"images of {height}×{width} vanish in {stages} poolings by 2; at least {least}×{least} is needed"
        )
    return height // least, width // least


class AudioCNN(nn.Module):  # type: ignore[misc]
    """Three convolutions with pooling, a hidden layer and dropout: T1 (S4-2).

    Parameters
    ----------
    shape : tuple of int
        Shape of one row: (C, H, W), or (T, M) as an image of one channel; at least 8 × 8.
    classes : int
        Outputs.
    filters, hidden, dropout
        Widths of the convolutions and of the hidden layer; share of it that is dropped in training.
    """

    def __init__(
        self,
        shape: Shape,
        classes: int,
        filters: tuple[int, ...] = (16, 32, 64),
        hidden: int = 128,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        height, width = _pooled(shape, len(filters))
        self.stages = _stages(image_shape(shape)[0], filters)
        self.hidden = nn.Linear(filters[-1] * height * width, hidden)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(hidden, classes)

    def forward(self, rows: Tensor) -> Tensor:
        """Return logits (B, classes)."""
        maps = self.stages(as_image(rows)).flatten(1)
        return self.head(self.dropout(torch.relu(self.hidden(maps))))


class AudioLSTM(nn.Module):  # type: ignore[misc]
    """Stacked LSTM whose last step is classified: T2 (S4-3).

    Parameters
    ----------
    shape : tuple of int
        Shape of one row: (T, M), or an image, read as W frames of C·H values.
    classes : int
        Outputs.
    swapped : bool
        Read the M coefficients as the sequence and the T frames as the values of each step, as the
        report describes it (``input_size = 173`` frames); False reads frame after frame.
    hidden, layers : int
        Width and depth.
    """

    def __init__(
        self, shape: Shape, classes: int, swapped: bool = False, hidden: int = 128, layers: int = 2
    ) -> None:
        super().__init__()
        frames, bins = sequence_shape(shape)
        self.swapped = swapped
        self.lstm = nn.LSTM(frames if swapped else bins, hidden, layers, batch_first=True)
        self.head = nn.Linear(hidden, classes)

    def forward(self, rows: Tensor) -> Tensor:
        """Return logits (B, classes)."""
        steps = as_sequence(rows)
        steps = steps.transpose(1, 2) if self.swapped else steps
        return self.head(self.lstm(steps)[0][:, -1])


class SwappedLSTM(AudioLSTM):
    """`AudioLSTM` with the axes as the report has them: T2, swapped."""

    def __init__(self, shape: Shape, classes: int, hidden: int = 128, layers: int = 2) -> None:
        super().__init__(shape, classes, swapped=True, hidden=hidden, layers=layers)


class AudioTransformer(nn.Module):  # type: ignore[misc]
    """Transformer encoder over frames, mean over time, linear: T5 (S4-6).

    A frame's M values are the model's width. There is no norm after the last layer. Heads are the
    largest number up to ``heads`` that divides M.

    Parameters
    ----------
    shape : tuple of int
        Shape of one row: (T, M), or an image, read as W frames of C·H values.
    classes : int
        Outputs.
    layers, heads, feedforward, dropout
        Depth, attention heads, width of the feed-forward part, share dropped in training.
    """

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


class AudioCRNN(nn.Module):  # type: ignore[misc]
    """Three convolutions with pooling, then an LSTM over the columns of the maps: T6 (S4-3, S4-7).

    Parameters
    ----------
    shape : tuple of int
        Shape of one row: (C, H, W), or (T, M) as an image of one channel; at least 8 × 8.
    classes : int
        Outputs.
    filters, hidden, layers
        Widths of the convolutions; width and depth of the LSTM.
    """

    def __init__(
        self,
        shape: Shape,
        classes: int,
        filters: tuple[int, ...] = (16, 32, 64),
        hidden: int = 128,
        layers: int = 1,
    ) -> None:
        super().__init__()
        height, _ = _pooled(shape, len(filters))
        self.stages = _stages(image_shape(shape)[0], filters)
        self.lstm = nn.LSTM(filters[-1] * height, hidden, layers, batch_first=True)
        self.head = nn.Linear(hidden, classes)

    def forward(self, rows: Tensor) -> Tensor:
        """Return logits (B, classes)."""
        return self.head(self.lstm(as_sequence(self.stages(as_image(rows))))[0][:, -1])
