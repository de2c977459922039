"""Trainable nets by name: those of this folder, torchvision's, timm's, and code outside featkit.

Listing names imports no torch; building a net does.
"""

import inspect
import typing
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from featkit.errors import ParameterError
from featkit.naming import spec
from featkit.naming.registry import Registry

_SHARED = (
    "adapters",
    "backbones",
    "base",
    "blocks",
    "catalog",
    "cqt_layer",
    "mst",
    "random",
    "spectra",
    "standardize",
    "timm_net",
)
# One net per file: ``register`` a `featkit.nets.base.Net` (docs/adding-a-network.md).
registry: Registry[Callable[..., Any]] = Registry("featkit.nets", "net", hidden=_SHARED)

Family = Literal["registered", "torchvision", "timm", "outside"]


def parse(arch: str) -> tuple[str, dict[str, str]]:
    """Return the name and the options, still as text, of ``name:option=value,…``.

    Raises
    ------
    ParameterError
        If it is several names, or an option is not ``name=value``.
    """
    if arch.startswith("timm:"):
        return arch, {}
    name, options = spec.parse(arch)
    if "+" in name:
        both = "+".join(f"(net:arch={one})" for one in name.split("+"))
        raise ParameterError(
            f"arch={arch} names several nets; an ensemble of them is net_ensemble:net={both}"
        )
    return name, options


def family(arch: str) -> Family:
    """Return where the net ``arch`` comes from; a name that nobody has counts as torchvision's."""
    name = parse(arch)[0]
    if name.startswith("timm:"):
        return "timm"
    if ":" in name:
        return "outside"
    return "registered" if name in registry.names() else "torchvision"


def outside(arch: str) -> str:
    """Return ``package.module:Name`` of a net outside featkit, empty for any other."""
    return parse(arch)[0] if family(arch) == "outside" else ""


def recipe(arch: str) -> str:
    """Return the name of the recipe that a net declares, empty where it declares none."""
    if family(arch) in ("torchvision", "timm"):
        return ""
    return str(getattr(_maker(arch), "recipe", ""))


def row_shape(arch: str) -> tuple[int, ...]:
    """Return the shape of one row that the net declares; its parameters may depend on it.

    Raises
    ------
    ParameterError
        If a net outside featkit declares none.
    """
    if family(arch) in ("torchvision", "timm"):
        from featkit.nets import backbones

        return backbones.row_shape(parse(arch)[0])
    shape = tuple(getattr(_maker(arch), "row_shape", ()))
    if not shape:
        raise ParameterError(f"{arch} declares no row_shape; give that of your rows: shape=128+250")
    return shape


def check(arch: str) -> None:
    """Raise ParameterError if there is no net ``arch``, or it does not take the options given."""
    where = family(arch)
    if where == "timm":
        from featkit.nets import timm_net

        timm_net.check(arch)
    elif where == "torchvision":
        if "cut" in _backbone_options(arch):
            blank(arch, row_shape(arch), 2)
    else:
        _options(arch)
        for path in files(arch):
            if not path.is_file():
                raise ParameterError(f"{arch}: {path}: no such file")


def files(arch: str) -> list[Path]:
    """Return the files that a net's options name: those declared as `pathlib.Path`."""
    if family(arch) in ("torchvision", "timm"):
        return []
    return [value for value in _options(arch).values() if isinstance(value, Path) and value.name]


def options(maker: Callable[..., Any]) -> dict[str, Any]:
    """Return the options that a net takes beside ``shape`` and ``classes``: names and types."""
    parameters = list(inspect.signature(maker).parameters.values())[2:]
    source: Any = maker
    hints = typing.get_type_hints(source.__init__ if isinstance(maker, type) else source)
    named = [p for p in parameters if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return {one.name: hints.get(one.name, str) for one in named}


def build(
    arch: str,
    shape: tuple[int, ...],
    classes: int,
    channels: int = 0,
    transform_input: bool = False,
) -> Any:
    """Return the net ``arch`` with random weights, drawn from torch's generator.

    Parameters
    ----------
    arch : str
        A file of ``featkit/nets/``, a classification net of torchvision, ``timm:NAME``
        (`featkit.nets.timm_net`), or ``package.module:Name``: a callable ``(shape, classes) ->
        torch.nn.Module``. Options follow a colon: ``cnn:hidden=64``.
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
        For an unknown name or option, or rows that the net cannot read.
    """
    _try(arch, tuple(shape), classes, channels)
    return _make(arch, shape, classes, channels, transform_input)


@lru_cache(maxsize=64)
def _try(arch: str, shape: tuple[int, ...], classes: int, channels: int) -> None:
    """Raise if the net cannot read rows of ``shape``; tried once, since deep nets take a while."""
    from featkit.nets.base import probe

    probe(blank(arch, shape, classes, channels), shape, classes)


def blank(arch: str, shape: tuple[int, ...], classes: int, channels: int = 0) -> Any:
    """Return the net ``arch`` on torch's ``meta`` device: shapes only, no memory.

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
    where = family(arch)
    if where in ("registered", "outside"):
        if channels or transform_input:
            raise ParameterError(
                f"channels and transform_input are for torchvision's nets, not {arch!r}"
            )
        return _maker(arch)(shape, classes, **_options(arch))
    if where == "timm":
        from featkit.nets.timm_net import TimmNet

        if transform_input:
            raise ParameterError(f"transform_input is for torchvision's nets, not {arch!r}")
        return TimmNet(arch, shape, classes, channels)
    from featkit.nets.backbones import Backbone

    name, options = parse(arch)[0], _backbone_options(arch)
    return Backbone(name, shape, classes, channels, transform_input, **options)


def _backbone_options(arch: str) -> dict[str, Any]:
    """Return the options of a torchvision net, converted: ``size``, ``cut``, those of the stem."""
    from featkit.nets import backbones
    from featkit.nets.backbones import STEM

    name, written = parse(arch)
    if name not in backbones.names():
        raise ParameterError(
            f"unknown net {name!r}; known: {', '.join(registry.names())}, 'package.module:Name', "
            f"'timm:NAME', and torchvision's: {', '.join(backbones.names())}"
        )
    kinds = {"cut": str, **dict.fromkeys(("size", *STEM), int)}
    _no_options(arch, {key: "" for key in written if key not in kinds}, tuple(kinds))
    return {key: spec.convert(value, kinds[key], f"{name}:{key}") for key, value in written.items()}


def _maker(arch: str) -> Callable[..., Any]:
    name = parse(arch)[0]
    maker = registry.get(name)
    if not callable(maker):
        raise ParameterError(
            f"{name} is not a net: expected a callable (shape, classes) -> torch.nn.Module"
        )
    return maker


def _options(arch: str) -> dict[str, Any]:
    """Return the options of a net, converted to the types that it declares."""
    name, written = parse(arch)
    if not written:
        _maker(arch)
        return {}
    kinds = options(_maker(arch))
    _no_options(arch, {key: "" for key in written if key not in kinds}, tuple(kinds))
    return {key: spec.convert(value, kinds[key], f"{name}:{key}") for key, value in written.items()}


def _no_options(arch: str, unknown: dict[str, str], allowed: tuple[str, ...] = ()) -> None:
    if unknown:
        raise ParameterError(
            f"the net {arch!r} has no option {', '.join(unknown)}; "
            f"it has: {', '.join(allowed) or 'none'}"
        )
