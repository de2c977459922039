"""Piczak's net on waveforms: MSTmodel's layers in the place of the log-mel."""

from pathlib import Path

from torch import Tensor

from featkit.errors import ParameterError
from featkit.nets.adapters import Shape
from featkit.nets.base import Net
from featkit.nets.catalog import registry
from featkit.nets.mst import BANDS, MST, Edge, Norm, samples_of
from featkit.nets.piczak_cnn import PiczakCNN


@registry.register
class RawPiczak(Net):
    """MSTmodel's layers, then `PiczakCNN` without deltas, from 51,200 samples [Tax2017].

    60 bands × 100 frames leave 720 values for the hidden layers, where 101 frames leave 800.

    Parameters
    ----------
    shape : tuple of int
        Shape of one row: (samples,).
    classes : int
        Outputs.
    mst : Path
        File of ``featkit analyze mst`` that the front layers start from; empty: they are random,
        and training drops half of each of their three activations.
    frozen : bool
        Leave the front layers as the file has them; needs ``mst``.
    norm : {"fold", "drop"}
        What becomes of the file's batch normalisation, which these layers have not: folded into
        the convolutions, or dropped, as the code does by mistake [MSTmodel].
    edge : {"drop", "pad"}
        As in `featkit.nets.mst.MST`; must be the file's.
    filters, hidden : int
        As in `PiczakCNN`.
    """

    row_shape = (51_200,)
    recipe = "tax2017"
    head_path = "cnn.head"

    def __init__(
        self,
        shape: Shape,
        classes: int,
        mst: Path = Path(),
        frozen: bool = False,
        norm: Norm = "fold",
        edge: Edge = "drop",
        filters: int = 80,
        hidden: int = 5000,
    ) -> None:
        super().__init__()
        self.file, self.frozen, self.norm = mst, frozen, norm
        if frozen and not mst.name:
            raise ParameterError("raw_piczak:frozen=true needs mst=FILE: random layers would stay")
        self.mst = MST(edge, dropout=0.0 if mst.name else 0.5)
        frames = self.mst.frames(samples_of(shape))
        self.cnn = PiczakCNN((1, BANDS, frames), classes, filters=filters, hidden=hidden)
        self.mst.requires_grad_(not frozen)

    def forward(self, rows: Tensor) -> Tensor:
        """Return logits (B, classes)."""
        return self.cnn(self.mst(rows).unsqueeze(1))

    def fill(self) -> None:
        """Fill the front layers from the file."""
        if not self.file.name:
            return
        loaded = MST.read(self.file)
        if loaded.edge != self.mst.edge:
            raise ParameterError(
                f"{self.file} was trained with edge={loaded.edge}, not edge={self.mst.edge}"
            )
        self.mst.load_state_dict(loaded.without_norm(self.norm).state_dict())

    def reset_head(self) -> None:
        """Draw the last layer anew."""
        self.cnn.reset_head()
