"""Trainable nets by name. Listing them imports no torch; building one does."""

import importlib
from functools import lru_cache
from typing import Any

from featkit.errors import ParameterError

# Own nets: where the class is, the row's shape that the specification has, and the system's id.
OWN: dict[str, tuple[str, tuple[int, ...], str]] = {
    "cnn": ("featkit.nets.instrument:AudioCNN", (128, 128), "T1"),
    "lstm": ("featkit.nets.instrument:AudioLSTM", (173, 40), "T2"),
    "lstm_swapped": ("featkit.nets.instrument:SwappedLSTM", (173, 40), "T2"),
    "transformer": ("featkit.nets.instrument:AudioTransformer", (173, 128), "T5"),
    "crnn": ("featkit.nets.instrument:AudioCRNN", (128, 128), "T6"),
}
# T4 has one channel; every other torchvision net reads the three-resolution image (S0-4).
_SHAPES = {"resnet18": (128, 128)}
_IMAGE = (3, 128, 250)


def own(arch: str) -> bool:
    """Return whether ``arch`` is a net of featkit or an outside ``package.module:Name``, not one of
    torchvision or timm.
    """
    return arch in OWN or outside(arch)


def outside(arch: str) -> bool:
    """Return whether ``arch`` is ``package.module:Name``, code that featkit knows nothing of."""
    return ":" in arch and not _timm(arch)


def _timm(arch: str) -> bool:
    return arch.startswith("timm:")


def default_shape(arch: str) -> tuple[int, ...]:
    """Return the shape of one row that the specification gives the net; parameters may depend on
    it.
    """
    return OWN[arch][1] if arch in OWN else _SHAPES.get(arch, _IMAGE)


def check(arch: str) -> None:
    """Raise ParameterError where there is no net called ``arch``; the message lists what there is."""
    if own(arch):
        _outside(OWN[arch][0] if arch in OWN else arch)
        return
    if _timm(arch):
        from featkit.nets import timm_net

        timm_net.check(arch)
        return
    from featkit.nets import backbones

    if arch not in backbones.names():
        raise ParameterError(
            f"unknown net {arch!r}; known: {', '.join(OWN)}, 'package.module:Name', 'timm:NAME', and torchvision's: "
            f"{', '.join(backbones.names())}"
        )


def build(
    arch: str,
    shape: tuple[int, ...],
    classes: int,
    channels: int = 0,
    transform_input: bool = False,
) -> Any:
    """Return the net called ``arch`` with random weights, drawn from torch's generator.

    Parameters
    ----------
    arch : str
        A name of `OWN`, a classification net of torchvision, ``timm:NAME``
        (`featkit.nets.timm_net`), or ``package.module:Name``: a callable ``(shape, classes) ->
        torch.nn.Module``.
    shape : tuple of int
        Shape of one row.
    classes : int
        Outputs.
    channels, transform_input
        As in `featkit.nets.backbones.Backbone`; for torchvision's nets only, ``channels`` for
        timm's too.

    Raises
    ------
    ParameterError
        For an unknown name, or rows that the net cannot read.
    """
    _try(arch, tuple(shape), classes, channels)
    return _make(arch, shape, classes, channels, transform_input)


@lru_cache(maxsize=64)
def _try(arch: str, shape: tuple[int, ...], classes: int, channels: int) -> None:
    """Raise where the net cannot read rows of ``shape``; what it can read is tried once, which
    takes deep nets half a second.
    """
    from featkit.nets.adapters import probe

    probe(blank(arch, shape, classes, channels), shape, classes)


def blank(arch: str, shape: tuple[int, ...], classes: int, channels: int = 0) -> Any:
    """Return the net called ``arch`` without weights, on torch's ``meta`` device: shapes only, no
    memory.

    A net that computes with tensors while it is built (RegNet) is built in memory first.
    """
    import torch

    try:
        with torch.device("meta"):
            return _make(arch, shape, classes, channels, False)
    except NotImplementedError:
        with torch.random.fork_rng(devices=[]):
            return _make(arch, shape, classes, channels, False).to("meta")


def _make(
    arch: str, shape: tuple[int, ...], classes: int, channels: int, transform_input: bool
) -> Any:
    if own(arch):
        if channels or transform_input:
            raise ParameterError(
                f"channels and transform_input are for torchvision's nets, not {arch!r}"
            )
        made = _outside(OWN[arch][0] if arch in OWN else arch)
        if not callable(made):
            raise ParameterError(
                f"{arch} is no net: expected a callable (shape, classes) -> torch.nn.Module"
            )
        return made(shape, classes)
    if _timm(arch):
        from featkit.nets.timm_net import TimmNet

        if transform_input:
            raise ParameterError(f"transform_input is for torchvision's nets, not {arch!r}")
        return TimmNet(arch, shape, classes, channels)
    from featkit.nets.backbones import Backbone

    return Backbone(arch, shape, classes, channels, transform_input)


def _outside(name: str) -> Any:
    module, _, attribute = name.partition(":")
    try:
        return getattr(importlib.import_module(module), attribute)
    except Exception as error:  # What runs on import is not ours.
        raise ParameterError(
            f"cannot load the net {name!r}: {type(error).__name__}: {error}"
        ) from error
