"""A net for acoustic scenes for each band of frequencies, and their vote."""

from itertools import pairwise

import torch
from torch import Tensor, nn

from featkit.errors import ParameterError
from featkit.nets import _scene
from featkit.nets._scene import Average, SceneNet
from featkit.nets.adapters import Shape, as_image, image_shape
from featkit.nets.catalog import registry


@registry.register
class SceneBands(SceneNet):
    """A complete net on each of several overlapping bands, trained by the sum of their losses.

    The frequency strategy of [Wang2020]. No net hears all frequencies; the bands' scores are
    averaged.

    Parameters
    ----------
    shape : tuple of int
        Shape of one row: (C, H, W), or (T, M) as an image of one channel.
    classes : int
        Outputs.
    bins, hop : int
        Bins of a band, and from the start of one band to that of the next; a last band reaches the
        highest bin. 16 and 8 are those of [Wang2020-code]: 4 bands of 40 bins, 7 of 64.
    count : int
        Number of bands, evenly spaced from the lowest bin to the highest, in place of ``hop``. The
        paper's model sizes say 5, and nothing says where they lie. 0: as many as ``hop`` gives.
    width, last_pool, average
        As in `featkit.nets.scene_cnn.SceneCNN`.
    """

    head_path = "head"

    def __init__(
        self,
        shape: Shape,
        classes: int,
        bins: int = 16,
        hop: int = 8,
        count: int = 0,
        width: float = 1.0,
        last_pool: bool = False,
        average: Average = "logits",
    ) -> None:
        super().__init__(average)
        inputs, height, _ = image_shape(shape)
        self.bands = bands(height, bins, hop, count)
        counts = _scene.channels(width)
        self.blocks = nn.ModuleList(_scene.blocks(inputs, counts, last_pool) for _ in self.bands)
        self.hidden = Apart(len(self.bands), counts[-1], counts[-1])
        self.dropout = nn.Dropout(0.5)
        self.head = Apart(len(self.bands), counts[-1], classes)
        _scene.initialise(self)

    def forward(self, rows: Tensor) -> Tensor:
        """Return logits (B, bands, classes)."""
        image = as_image(rows)
        pooled = [
            blocks(image[:, :, start:stop]).mean(dim=2).amax(dim=2)
            for blocks, (start, stop) in zip(self.blocks, self.bands, strict=True)
        ]
        hidden = torch.relu(self.hidden(torch.stack(pooled, dim=1)))
        return self.head(self.dropout(hidden))


class Apart(nn.Module):  # type: ignore[misc]
    """A linear layer for each of ``count`` vectors: (B, count, inputs) to (B, count, outputs)."""

    def __init__(self, count: int, inputs: int, outputs: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(inputs, outputs) for _ in range(count))

    def forward(self, vectors: Tensor) -> Tensor:
        """Return the stacked outputs."""
        return torch.stack([layer(vectors[:, k]) for k, layer in enumerate(self.layers)], dim=1)


def bands(height: int, bins: int, hop: int, count: int = 0) -> tuple[tuple[int, int], ...]:
    """Return first bin and bin after the last of each band, see `SceneBands`.

    >>> bands(40, 16, 8)
    ((0, 16), (8, 24), (16, 32), (24, 40))

    Raises
    ------
    ParameterError
        If a band is wider than the row, or bands leave a gap between them.
    """
    if not 1 <= bins <= height or hop < 1 or count < 0:
        raise ParameterError(
            f"bands of bins={bins} at hop={hop} (count={count}) in rows of {height} bins; "
            f"allowed: bins from 1 to {height}, hop from 1, count from 0"
        )
    last = height - bins
    if count:
        starts = [round(k * last / max(1, count - 1)) for k in range(count)]
    else:
        starts = sorted({*range(0, last + 1, hop), last})
    if any(later > start + bins for start, later in pairwise(starts)):
        raise ParameterError(f"bands of {bins} bins at {starts} leave bins out; give a smaller hop")
    if starts[-1] != last:
        raise ParameterError(f"{count} band of {bins} bins does not reach the bin {height - 1}")
    return tuple((start, start + bins) for start in starts)
