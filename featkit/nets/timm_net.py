"""Image nets of the optional package timm, as ``arch=timm:NAME``."""

from typing import Any

from torch import Tensor, nn

from featkit.errors import MissingDependencyError, ParameterError
from featkit.nets.adapters import Shape, as_image, image_shape

PREFIX = "timm:"


class TimmNet(nn.Module):  # type: ignore[misc]
    """A net of timm with a head of ``classes`` outputs, random weights, and a stem for the rows'
    channels.

    Parameters
    ----------
    arch : str
        ``timm:`` and a name that timm lists.
    shape : tuple of int
        Shape of one row: (C, H, W), or (T, M), which is read as an image of one channel.
    classes : int
        Outputs.
    channels : int
        Channels of the stem; 0: as the rows have. With 3, rows of one channel are copied to three.

    Raises
    ------
    MissingDependencyError
        If timm is not installed.
    ParameterError
        For an unknown name, rows that are not images, or channels that the rows cannot give.
    """

    def __init__(self, arch: str, shape: Shape, classes: int, channels: int = 0) -> None:
        super().__init__()
        own = image_shape(shape)[0]
        self.channels = channels or own
        if own not in (1, self.channels):
            raise ParameterError(
                f"{arch} with channels={channels} cannot read rows of {own} channels; "
                f"allowed: 1 or {channels}"
            )
        name = check(arch)
        self.net = _timm().create_model(
            name, pretrained=False, num_classes=classes, in_chans=self.channels
        )

    def forward(self, rows: Tensor) -> Tensor:
        """Return logits (B, classes)."""
        return self.net(as_image(rows, self.channels))


def check(arch: str) -> str:
    """Return timm's name of the net called ``arch``; raise as `TimmNet` does if there is none."""
    name = arch.removeprefix(PREFIX)
    if not _timm().is_model(name):
        raise ParameterError(
            f"unknown net {arch!r}: timm lists no {name!r}; timm.list_models() shows what it has"
        )
    return name


def _timm() -> Any:
    try:
        import timm
    except ImportError as error:
        raise MissingDependencyError(
            "arch=timm:NAME needs the package timm: pip install 'featkit[timm]'"
        ) from error
    return timm
