"""Image classification nets of torchvision on spectrograms, by the names that torchvision lists.

Among them DenseNet-201, ResNet-50 and Inception-v3 [Palanisamy2020], and ResNet-18 with a stem of
one channel [InstrumentsReport].
"""

import difflib

from torch import Tensor, nn
from torchvision import models

from featkit.errors import ParameterError
from featkit.nets import blocks
from featkit.nets.adapters import Shape, as_image, image_shape, set_stem

# Options of the first convolution, as torch calls them.
STEM = {"kernel": "kernel_size", "stride": "stride", "padding": "padding"}
# Nets that read one size only.
_SIZES = {"vit_": 224, "maxvit_": 224}
# The three-resolution image of [Palanisamy2020]; ResNet-18 reads one channel [InstrumentsReport].
_IMAGE, _IMAGES = (3, 128, 250), {"resnet18": (128, 128)}
# Nets with side classifiers, which stay off, and a switch that shifts and scales the input.
_BRANCHED = ("inception_v3", "googlenet")


def names() -> list[str]:
    """Return the names of torchvision's image classification nets."""
    listed: list[str] = models.list_models(module=models)
    return listed


def row_shape(arch: str) -> Shape:
    """Return the shape of the rows on which the papers have a net; its size may depend on it."""
    return _IMAGES.get(arch, _IMAGE)


class Backbone(nn.Module):  # type: ignore[misc]
    """A torchvision net with a head of ``classes`` outputs, random weights, and a stem for the
    rows' channels.

    Parameters
    ----------
    arch : str
        A name that torchvision lists.
    shape : tuple of int
        Shape of one row: (C, H, W), or (T, M), which is read as an image of one channel.
    classes : int
        Outputs.
    channels : int
        Channels of the stem; 0: as the rows have. With 3, rows of one channel are copied to three.
    transform_input : bool
        Shift and scale the input as the ImageNet weights of Inception-v3 and GoogLeNet expect for
        images in [0, 1]. torchvision switches it on with those weights without saying so; here it
        is off by default.
    size : int
        Side of the square that rows are resized to; 0: as they are, but for nets that read one
        size only.
    cut : str
        The block behind which the net ends (`featkit.nets.blocks.cut`) [Palanisamy2020]; empty: its
        last.
    **stem
        ``kernel``, ``stride`` and ``padding`` of the first convolution, of which
        [InstrumentsReport] says that they were changed, but not to what; by default torchvision's.

    Raises
    ------
    ParameterError
        For an unknown name or block, rows that are not images, or channels that the rows cannot
        give.
    """

    def __init__(
        self,
        arch: str,
        shape: Shape,
        classes: int,
        channels: int = 0,
        transform_input: bool = False,
        size: int = 0,
        cut: str = "",
        **stem: int,
    ) -> None:
        super().__init__()
        if arch not in names():
            near = difflib.get_close_matches(arch, names(), n=3)
            hint = f"; near: {', '.join(near)}" if near else ""
            raise ParameterError(
                f"unknown net {arch!r}: torchvision has no classification net of that name{hint}"
            )
        own = image_shape(shape)[0]
        self.arch = arch
        self.channels = channels or own
        if own not in (1, self.channels):
            raise ParameterError(
                f"{arch} with channels={channels} cannot read rows of {own} channels; "
                f"allowed: 1 or {channels}"
            )
        options = {}
        if arch in _BRANCHED:
            options = {
                "aux_logits": False,
                "transform_input": transform_input,
                "init_weights": True,
            }
        if transform_input and (arch not in _BRANCHED or self.channels != 3):
            raise ParameterError(
                f"transform_input is for three channels of {' or '.join(_BRANCHED)}, not {arch}"
            )
        self.net = models.get_model(arch, weights=None, num_classes=classes, **options)
        changes = {STEM[name]: value for name, value in stem.items()}
        if self.channels != 3 or changes:
            set_stem(self.net, self.channels, **changes)
        only = next((side for start, side in _SIZES.items() if arch.startswith(start)), 0)
        if size < 0 or (only and size not in (0, only)):
            raise ParameterError(f"{arch}:size={size}: allowed is {only or 'a number above 0'}")
        self.size = only or size
        if cut:
            blocks.cut(self.net, cut, classes)

    def forward(self, rows: Tensor) -> Tensor:
        """Return logits (B, classes)."""
        return self.net(as_image(rows, self.channels, self.size))
