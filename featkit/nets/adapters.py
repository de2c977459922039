"""Rows to what a net reads, and the ends of a net: its stem (first convolution) and its head (last
layer).

A row is an image (C, H, W) with frequency upwards and time to the right, or a matrix (T, M) of T
frames.
"""

import torch
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
        f"rows of shape {shape} are no images; a net of images reads (C, H, W) or (frames, bins)"
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
        f"rows of shape {shape} are no sequences; a net of sequences reads (frames, bins) or (C, H, W)"
    )


def as_sequence(rows: Tensor) -> Tensor:
    """Return rows as sequences (B, T, M)."""
    return rows if rows.ndim == 3 else rows.flatten(1, 2).transpose(1, 2)


def head(net: nn.Module) -> tuple[str, nn.Module]:
    """Return name and module of the linear layer called ``head``, the outermost; where there is
    none of the last linear layer.

    Without linear layers, of the last convolution.
    """
    named = [
        (name, module) for name, module in net.named_modules() if name.rpartition(".")[2] == "head"
    ]
    named = [(name, module) for name, module in named if isinstance(module, nn.Linear)]
    if named:
        return min(named, key=lambda item: item[0].count("."))
    for kind in (nn.Linear, nn.Conv2d):
        found = [(name, module) for name, module in net.named_modules() if isinstance(module, kind)]
        if found:
            return found[-1]
    raise ParameterError(
        f"{type(net).__name__} has neither a linear layer nor a convolution as its head"
    )


def reset_head(net: nn.Module) -> None:
    """Draw the head's weights anew from torch's generator."""
    head(net)[1].reset_parameters()


def set_stem(net: nn.Module, channels: int) -> None:
    """Replace the first convolution by one of the same kernel that reads ``channels`` channels."""
    name = stem_weight(net).removesuffix(".weight")
    parent, _, last = name.rpartition(".")
    stem = net.get_submodule(name)
    new = nn.Conv2d(
        channels,
        stem.out_channels,
        stem.kernel_size,
        stem.stride,
        stem.padding,
        stem.dilation,
        bias=stem.bias is not None,
        padding_mode=stem.padding_mode,
    )
    setattr(net.get_submodule(parent), last, new)


def stem_weight(net: nn.Module) -> str:
    """Return the name of the first convolution's weight, empty where there is no convolution."""
    return next(
        (f"{name}.weight" for name, module in net.named_modules() if isinstance(module, nn.Conv2d)),
        "",
    )


def fit_stem(weight: Tensor, channels: int) -> Tensor:
    """Return a stem's weight (O, C, h, w) for ``channels`` channels: as it is, or its mean over C
    for each of them (S4-5).
    """
    if weight.shape[1] == channels:
        return weight
    return weight.mean(dim=1, keepdim=True).expand(-1, channels, -1, -1).contiguous()


def embed(net: nn.Module, rows: Tensor) -> Tensor:
    """Return what the head reads for each row, (B, d): the penultimate activations (S4-7, T7)."""
    caught: list[Tensor] = []
    handle = head(net)[1].register_forward_pre_hook(lambda _, inputs: caught.append(inputs[0]))
    try:
        net(rows)
    finally:
        handle.remove()
    found = caught[-1]
    return found.mean(dim=(2, 3)) if found.ndim == 4 else found.flatten(1)


def parameters(net: nn.Module) -> int:
    """Return the number of trainable values of a net."""
    return sum(parameter.numel() for parameter in net.parameters())


def probe(net: nn.Module, shape: Shape, classes: int) -> None:
    """Raise ParameterError where a net on torch's ``meta`` device does not turn rows of ``shape``
    into ``classes`` values.
    """
    try:
        found = net(torch.empty(2, *shape, device="meta"))
    except (RuntimeError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise ParameterError(
            f"{type(net).__name__} cannot read rows of shape {shape}: {reason}"
        ) from error
    if getattr(found, "shape", None) != (2, classes):
        given = tuple(found.shape) if hasattr(found, "shape") else type(found).__name__
        raise ParameterError(
            f"{type(net).__name__} gives {given} for two rows and {classes} classes; expected (2, {classes})"
        )
