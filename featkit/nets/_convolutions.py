"""What small convolutional nets begin with: padded convolutions, each followed by pooling."""

from torch import nn

from featkit.errors import ParameterError
from featkit.nets.adapters import Shape


def convolutions(
    image: Shape,
    filters: tuple[int, ...],
    kernels: tuple[int, ...],
    strides: tuple[int, ...],
) -> tuple[nn.Sequential, tuple[int, int]]:
    """Return [padded convolution, ReLU, max-pool 2] for each of ``filters``, and the height and
    width of their maps.

    Parameters
    ----------
    image : tuple of int
        (C, H, W) of one row.
    filters, kernels, strides : tuple of int
        Width of each convolution; side (odd) and stride of each, or one for all.

    Raises
    ------
    ParameterError
        If kernels or strides do not go with the filters, or the image vanishes in the poolings.
    """
    kernels = _for_each("kernels", kernels, filters)
    strides = _for_each("strides", strides, filters)
    channels, *size = image
    maps = _pooled((size[0], size[1]), strides)
    layers: list[nn.Module] = []
    for width, side, stride in zip(filters, kernels, strides, strict=True):
        layers += [nn.Conv2d(channels, width, side, stride, side // 2), nn.ReLU(), nn.MaxPool2d(2)]
        channels = width
    return nn.Sequential(*layers), maps


def _for_each(name: str, values: tuple[int, ...], filters: tuple[int, ...]) -> tuple[int, ...]:
    """Return a value for each convolution: ``values``, or the only one for all of them.

    Raises
    ------
    ParameterError
        If they are neither one nor as many as the convolutions, or not above 0; or a kernel is
        even, which cannot keep the size.
    """
    repeated = values * len(filters) if len(values) == 1 else values
    if len(repeated) != len(filters) or min(repeated) < 1:
        raise ParameterError(
            f"{name}={values} must be one number above 0, or one for each of {len(filters)} "
            "convolutions"
        )
    if name == "kernels" and any(side % 2 == 0 for side in repeated):
        raise ParameterError(f"kernels={values} must be odd to keep the size")
    return repeated


def _pooled(size: tuple[int, int], strides: tuple[int, ...]) -> tuple[int, int]:
    """Return height and width after a padded convolution and a pooling by 2 for each stride."""
    height, width = size
    for stride in strides:
        # A padded convolution gives ⌈side / stride⌉, and pooling half of that, rounded down.
        height, width = (-(-side // stride) // 2 for side in (height, width))
    if min(height, width) < 1:
        raise ParameterError(
            f"images of {size[0]}×{size[1]} vanish in {len(strides)} poolings by 2"
        )
    return height, width
