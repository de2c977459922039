"""Rows as a net reads them, and both ends of a net: its stem (first convolution) and head (last
layer).

A row is an image (C, H, W) with frequency upwards and time to the right, or a matrix (T, M) of T
frames.
"""

from torch import Tensor, nn
from torch.nn import functional

from featkit.errors import ParameterError

Shape = tuple[int, ...]


def image_shape(shape: Shape) -> Shape:
    """Return (C, H, W) of rows of ``shape`` as images: T frames of M values become (1, M, T)."""
    if len(shape) == 3:
        return shape
    if len(shape) == 2:
        return 1, shape[1], shape[0]
    raise ParameterError(
        f"rows of shape {shape} are not images; a net of images reads (C, H, W) or (frames, bins)"
    )


def as_image(rows: Tensor, channels: int = 0, size: int = 0) -> Tensor:
    """Return rows as images (B, C, H, W); one channel is copied to ``channels``, and ``size``
    resizes to a square.
    """
    image = rows if rows.ndim == 4 else rows.transpose(1, 2).unsqueeze(1)
    if channels and image.shape[1] != channels:
        image = image.expand(-1, channels, -1, -1)
    if size and image.shape[-2:] != (size, size):
        image = functional.interpolate(image, size=(size, size), mode="bilinear", antialias=True)
    return image


def sequence_shape(shape: Shape) -> Shape:
    """Return (T, M) of rows of ``shape`` as sequences: an image gives W frames of C·H values."""
    if len(shape) == 2:
        return shape
    if len(shape) == 3:
        return shape[2], shape[0] * shape[1]
    raise ParameterError(
        f"rows of shape {shape} are not sequences; "
        "a net of sequences reads (frames, bins) or (C, H, W)"
    )


def as_sequence(rows: Tensor) -> Tensor:
    """Return rows as sequences (B, T, M)."""
    return rows if rows.ndim == 3 else rows.flatten(1, 2).transpose(1, 2)


def head(net: nn.Module) -> tuple[str, nn.Module]:
    """Return name and module of a net's last layer.

    That is what the net names as ``head_path``, else the outermost linear layer called ``head``,
    else the last linear layer, else the last convolution.
    """
    for name, module in net.named_modules():
        if path := getattr(module, "head_path", ""):
            return f"{name}.{path}".lstrip("."), module.get_submodule(path)
    linear = [(name, part) for name, part in net.named_modules() if isinstance(part, nn.Linear)]
    heads = [item for item in linear if item[0].rpartition(".")[2] == "head"]
    if heads:
        return min(heads, key=lambda item: item[0].count("."))
    layers = linear or [
        (name, part) for name, part in net.named_modules() if isinstance(part, nn.Conv2d)
    ]
    if not layers:
        raise ParameterError(
            f"{type(net).__name__} has neither a linear layer nor a convolution as its head"
        )
    return layers[-1]


def set_stem(net: nn.Module, channels: int, **changes: int) -> None:
    """Replace the first convolution by one that reads ``channels`` channels, of the same kernel but
    for ``changes``: ``kernel_size``, ``stride``, ``padding``.
    """
    name = stem_weight(net).removesuffix(".weight")
    parent, _, last = name.rpartition(".")
    stem = net.get_submodule(name)
    own = {name: getattr(stem, name) for name in ("kernel_size", "stride", "padding", "dilation")}
    new = nn.Conv2d(
        channels,
        stem.out_channels,
        bias=stem.bias is not None,
        padding_mode=stem.padding_mode,
        **{**own, **changes},
    )
    setattr(net.get_submodule(parent), last, new)


def stem_weight(net: nn.Module) -> str:
    """Return the name of the first convolution's weight, empty if there is no convolution."""
    return next(
        (f"{name}.weight" for name, module in net.named_modules() if isinstance(module, nn.Conv2d)),
        "",
    )


def fit_stem(weight: Tensor, channels: int) -> Tensor:
    """Return a stem's weight (O, C, h, w) for ``channels`` channels: as it is, or the mean over C
    for each of them.
    """
    if weight.shape[1] == channels:
        return weight
    return weight.mean(dim=1, keepdim=True).expand(-1, channels, -1, -1).contiguous()


def embed(net: nn.Module, rows: Tensor) -> Tensor:
    """Return what the head reads for each row, (B, d): the penultimate activations."""
    inputs: list[Tensor] = []
    handle = head(net)[1].register_forward_pre_hook(lambda _, args: inputs.append(args[0]))
    try:
        net(rows)
    finally:
        handle.remove()
    deep = inputs[-1]
    return deep.mean(dim=(2, 3)) if deep.ndim == 4 else deep.flatten(1)


def parameters(net: nn.Module) -> int:
    """Return the number of trainable values of a net."""
    return sum(parameter.numel() for parameter in net.parameters())


def weights(net: nn.Module) -> int:
    """Return the number of weights of a net's convolutions and linear layers.

    Biases and batch norm do not count: with this number the model sizes of [Wang2020] come out.
    """
    kinds = (nn.Conv1d, nn.Conv2d, nn.Linear)
    return sum(layer.weight.numel() for layer in net.modules() if isinstance(layer, kinds))
