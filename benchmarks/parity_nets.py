"""Oracles of `parity.py` for random nets: torch's own layers in double precision, same weights."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from featkit.audio import Signal
from featkit.features import get_feature
from featkit.nets.random.conv import same_padding
from featkit.nets.random.vgg import POOLS
from featkit.nets.random.zoo import build

Net = Any


def random_net(arch: str, filters: int) -> Callable[[Signal], tuple[Any, Any]]:
    """Compare a random net with torch's layers in float64, relative to the largest value."""
    feature: Any = get_feature(f"random_cnn:arch={arch},filters={filters}")

    @torch.inference_mode()
    def both(signal: Signal) -> tuple[Any, Any]:
        x = torch.from_numpy(feature.heard(signal).copy()).squeeze(1).double()
        theirs = torch.cat(
            [part.flatten(1).mean(1) for part in _maps(arch, build(arch, filters, 0), x)]
        ).numpy()
        size = abs(theirs).max()
        return feature(signal) / size, theirs / size

    return both


def _maps(arch: str, net: Net, x: Tensor) -> list[Tensor]:
    """Return the maps of one clip, each (channels, …)."""
    if "_time" in arch or "_temporal" in arch:
        timbral, rest = net.parts
        return _timbral(timbral, x) + _envelope(rest, x)
    kinds = {
        "vgg": _vgg,
        "timbral": _timbral,
        "temporal": _envelope,
        "time": _envelope,
        "sample_level": _sample_level,
    }
    if arch.startswith("7x"):
        return [_kernels(net.layers[0], x, 0).amax(2)]
    return kinds.get(arch, _frame_level)(net, x)


def _weight(layer: Net) -> Tensor:
    return layer.weight.permute(0, 3, 1, 2).double()


def _taps(layer: Net) -> Tensor:
    """Return a convolution's weight along time, (outputs, inputs, taps)."""
    return layer.weight[:, :, 0].transpose(1, 2).double()


def _front(layer: Net) -> Tensor:
    """Return the weight of a convolution of samples, (outputs, 1, taps)."""
    return layer.weight[:, :, 0].reshape(len(layer.weight), 1, -1).double()


def _kernels(layer: Net, x: Tensor, padding: int) -> Tensor:
    return functional.conv2d(x[None], _weight(layer), padding=(padding, 0)).relu()


def _vgg(net: Net, x: Tensor) -> list[Tensor]:
    maps, image = [], x[None, None]
    for layer, pool in zip(net.layers, POOLS, strict=True):
        image = functional.max_pool2d(
            functional.elu(functional.conv2d(image, _weight(layer), padding=1)), pool
        )
        maps.append(image[0])
    return maps


def _timbral(net: Net, x: Tensor) -> list[Tensor]:
    return [_kernels(layer, x, layer.kernel[0] // 2).amax(2) for layer in net.layers]


def _envelope(net: Net, x: Tensor) -> list[Tensor]:
    line = x.mean(1)[None, None]
    lengths = [layer.kernel[0] for layer in net.layers]
    padded = [functional.pad(line, ((length - 1) // 2, length // 2)) for length in lengths]
    return [
        functional.conv1d(part, _taps(layer))[0].relu()
        for part, layer in zip(padded, net.layers, strict=True)
    ]


def _sample_level(net: Net, x: Tensor) -> list[Tensor]:
    first, *rest = net.layers
    maps = [functional.conv1d(x[None, None], _front(first), stride=3).relu()]
    for layer in rest:
        maps.append(
            functional.max_pool1d(functional.conv1d(maps[-1], _taps(layer), padding=1).relu(), 3)
        )
    return [part[0] for part in maps]


def _frame_level(net: Net, x: Tensor) -> list[Tensor]:
    front = []
    for layer in net.front:
        kernel = _front(layer)
        pads = same_padding(len(x), kernel.shape[2], 32) if len(net.front) > 1 else (0, 0)
        front.append(
            functional.conv1d(functional.pad(x[None, None], pads), kernel, stride=32).relu()
        )
    a = functional.conv1d(torch.cat(front, 1), _taps(net.back[0])).relu()
    b = functional.conv1d(a, _taps(net.back[1]), padding=3).relu() + a
    halved = functional.max_pool1d(b, 2)
    c = functional.conv1d(halved, _taps(net.back[2]), padding=3).relu() + halved
    return [part[0] for part in (*front, a, b, c)]
