"""Recurrent layers over the coefficients."""

from featkit.nets.adapters import Shape
from featkit.nets.catalog import registry
from featkit.nets.lstm import AudioLSTM


@registry.register
class SwappedLSTM(AudioLSTM):
    """LSTM over the coefficients, the axes as the report has them [InstrumentsReport]."""

    def __init__(self, shape: Shape, classes: int, hidden: int = 128, layers: int = 2) -> None:
        super().__init__(shape, classes, swapped=True, hidden=hidden, layers=layers)
