"""Recurrent layers over the frames."""

from torch import Tensor, nn

from featkit.nets.adapters import Shape, as_sequence, sequence_shape
from featkit.nets.base import Net
from featkit.nets.catalog import registry


@registry.register
class AudioLSTM(Net):
    """Stacked LSTM whose last step is classified [InstrumentsReport].

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

    row_shape = (173, 40)
    recipe = "instrument"

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
