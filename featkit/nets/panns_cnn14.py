"""The net of 14 layers that was trained on AudioSet, for weights from a local file."""

from torch import Tensor, nn
from torch.nn import functional, init

from featkit.errors import ParameterError
from featkit.nets._scene import convolution
from featkit.nets.adapters import Shape, as_image, image_shape
from featkit.nets.base import Net
from featkit.nets.catalog import registry

_CHANNELS = (64, 128, 256, 512, 1024, 2048)
# Every block but the last halves both sides.
_SMALLEST = 2 ** (len(_CHANNELS) - 1)


class Block(nn.Module):  # type: ignore[misc]
    """Two convolutions 3×3 with batch norm and ReLU; the published file's names."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv1, self.bn1, _ = convolution(inputs, outputs)
        self.conv2, self.bn2, _ = convolution(outputs, outputs)
        for layer in (self.conv1, self.conv2):
            init.xavier_uniform_(layer.weight)

    def forward(self, maps: Tensor) -> Tensor:
        """Return maps (B, outputs, T, M)."""
        for layer, norm in ((self.conv1, self.bn1), (self.conv2, self.bn2)):
            maps = functional.relu(norm(layer(maps)))
        return maps


@registry.register
class PannsCNN14(Net):
    """Six blocks of two convolutions, mean over frequency, mean and maximum over time, one hidden
    layer: CNN14 of [Kong2020].

    [Wang2020-code] prepares waveforms at 32 kHz for nets of that paper, and does not say for which.

    Tensors have the names of the published checkpoints, so ``weights=FILE`` fills all but the last
    layer; the log-mel that those files carry too is left to the feature: ``logmel`` with
    ``sr=32000,n_fft=1024,hop_length=320,n_mels=64,fmin=50,fmax=14000,pad_mode=reflect,top_db=none``
    and ``seconds``. Masking of bands and frames in training, which [Kong2020] has, is left out.

    Parameters
    ----------
    shape : tuple of int
        Shape of one row: (T, M) or (1, M, T), at least 32 × 32; the published files have M = 64.
    classes : int
        Outputs.
    width : float
        Fraction of the published channels, 64 to 2048; the files need 1.
    """

    row_shape = (1001, 64)
    recipe = "dcase"
    head_path = "fc_audioset"

    def __init__(self, shape: Shape, classes: int, width: float = 1.0) -> None:
        super().__init__()
        channels, bins, frames = image_shape(shape)
        if channels != 1 or min(bins, frames) < _SMALLEST:
            raise ParameterError(
                f"panns_cnn14 cannot read rows of shape {shape}; it needs one channel of at least "
                f"{_SMALLEST} bands × {_SMALLEST} frames"
            )
        counts = [round(width * count) for count in _CHANNELS]
        if min(counts) < 1:
            raise ParameterError(f"width={width:g} leaves a block without channels")
        self.bn0 = nn.BatchNorm2d(bins)
        for number, (source, count) in enumerate(zip([1, *counts], counts, strict=False), 1):
            self.add_module(f"conv_block{number}", Block(source, count))
        self.fc1 = nn.Linear(counts[-1], counts[-1])
        self.fc_audioset = nn.Linear(counts[-1], classes)
        self._draw(self.fc1)
        self.reset_head()

    def forward(self, rows: Tensor) -> Tensor:
        """Return logits (B, classes)."""
        maps = self.bn0(as_image(rows).transpose(1, 2)).permute(0, 2, 3, 1)  # (B, 1, T, M)
        for number in range(1, len(_CHANNELS) + 1):
            maps = self.get_submodule(f"conv_block{number}")(maps)
            maps = maps if number == len(_CHANNELS) else functional.avg_pool2d(maps, 2)
            maps = functional.dropout(maps, 0.2, self.training)
        lines = maps.mean(dim=3)
        pooled = functional.dropout(lines.amax(dim=2) + lines.mean(dim=2), 0.5, self.training)
        values = functional.dropout(functional.relu(self.fc1(pooled)), 0.5, self.training)
        return self.fc_audioset(values)

    def reset_head(self) -> None:
        """Draw the last layer from Xavier's uniform distribution; its bias is 0."""
        self._draw(self.fc_audioset)

    def _draw(self, layer: nn.Linear) -> None:
        init.xavier_uniform_(layer.weight)
        init.zeros_(layer.bias)
