"""Weights for a net: from torchvision's download, or from a local file of safetensors or of a torch
state dictionary.
"""

import os
import pickle
import re
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torchvision import models

from featkit.errors import MissingDependencyError, ParameterError
from featkit.nets import adapters, blocks, catalog
from featkit.nets.backbones import Backbone
from featkit.nets.timm_net import TimmNet

State = dict[str, Tensor]

_PATIENCE_SECONDS = 10
_WRAPPERS = ("state_dict", "model_state_dict", "model")
# Side classifiers that are off, the log-mel of [Kong2020], and counters that old files lack.
_UNUSED = re.compile(r"^(AuxLogits|aux1|aux2|spectrogram_extractor|logmel_extractor)\.")
_COUNTER = "num_batches_tracked"


def locate(arch: str, weights: str) -> Path:
    """Return the local file behind ``weights``: a path, or ``imagenet``, which is downloaded once
    into torch's cache.

    Raises
    ------
    ParameterError
        If there is no such file, or the net has no ImageNet weights.
    MissingDependencyError
        If the download cannot be reached; the message says how to pass a file.
    """
    if weights != "imagenet":
        path = Path(weights)
        if not path.is_file():
            raise ParameterError(
                f"weights={weights}: no such file; "
                "allowed: none, imagenet, or a .safetensors, .pt or .pth file"
            )
        return path
    url = imagenet_url(arch)
    path = Path(torch.hub.get_dir(), "checkpoints", url.rpartition("/")[2])
    if path.is_file():
        return path
    try:
        with urllib.request.urlopen(url, timeout=_PATIENCE_SECONDS):
            pass
        path.parent.mkdir(parents=True, exist_ok=True)
        check_hash = re.search(r"-([0-9a-f]{8,})\.", path.name)
        torch.hub.download_url_to_file(
            url, os.fspath(path), check_hash and check_hash[1], progress=False
        )
    except (OSError, urllib.error.URLError, RuntimeError) as error:
        raise MissingDependencyError(
            f"weights=imagenet: {url} cannot be downloaded ({error}). Without network, download "
            f"that file elsewhere and pass it as weights=/path/to/{path.name}, "
            f"or put it into {path.parent}"
        ) from error
    return path


def imagenet_url(arch: str) -> str:
    """Return the address of torchvision's first ImageNet weights of a net [Palanisamy2020]."""
    if catalog.family(arch) != "torchvision":
        raise ParameterError(
            f"weights=imagenet: {arch} has no ImageNet weights in torchvision; "
            "allowed: none or a file"
        )
    listed = models.get_model_weights(catalog.parse(arch)[0])
    url: str = getattr(listed, "IMAGENET1K_V1", listed.DEFAULT).url
    return url


def read(path: str | os.PathLike[str]) -> State:
    """Return the tensors of a weights file by name.

    A torch file is read with ``weights_only``, so it cannot run code. Around the tensors it may
    have a dictionary with the key ``state_dict``, ``model_state_dict`` or ``model``, and in front
    of each name ``module.``.

    Raises
    ------
    ParameterError
        If the file is damaged, is not a weights file, or holds anything but tensors.
    """
    from safetensors.torch import load_file

    with open(path, "rb") as file:
        start = file.read(9)
    try:
        if start[8:] == b"{":
            loaded: Any = load_file(os.fspath(path))
        else:
            loaded = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise ParameterError(
            f"{path}: refused, since it holds more than tensors (Python objects, or code that runs "
            "on loading) or is not a weights file; allowed: safetensors, or a state dictionary "
            "written by torch.save(net.state_dict(), file)"
        ) from error
    except Exception as error:  # A damaged pickle stream can raise anything.
        raise ParameterError(
            f"{path}: not readable as weights: {repr(error).splitlines()[0]}"
        ) from error
    for key in _WRAPPERS:
        if isinstance(loaded, dict) and isinstance(loaded.get(key), dict):
            loaded = loaded[key]
    if (
        not isinstance(loaded, dict)
        or not loaded
        or not all(isinstance(value, Tensor) for value in loaded.values())
    ):
        raise ParameterError(f"{path}: refused, since it is not a dictionary of tensors by name")
    return {_modern(str(name).removeprefix("module.")): value for name, value in loaded.items()}


def _modern(name: str) -> str:
    """Return today's name of a DenseNet tensor: ``denselayer1.norm.2.weight`` in old files is
    ``denselayer1.norm2.weight``.
    """
    return re.sub(r"(denselayer\d+)\.(norm|conv)\.([12])\.", r"\1.\2\3.", name)


def core(net: nn.Module) -> nn.Module:
    """Return the module whose tensors a weights file names: torchvision's or timm's own net inside
    featkit's, else the net.
    """
    return net.net if isinstance(net, (Backbone, TimmNet)) else net


def load(net: nn.Module, path: str | os.PathLike[str], prefix: str = blocks.ALL) -> None:
    """Fill a net with the weights of a file, all but the head, which keeps its random weights.

    Where only the stem's channels differ, the file's are averaged. A ``prefix`` such as ``block2``
    fills the stem and the blocks through that one only (`featkit.nets.blocks`).

    Raises
    ------
    ParameterError
        As `read`, or if the file is of another net or shape or holds values that are not finite;
        nothing is then loaded.
    """
    target = core(net)
    body = matched(target, read(path), path)
    if prefix != blocks.ALL:
        chosen = tuple(f"{name}." for name in blocks.through(target, prefix))
        body = {name: value for name, value in body.items() if name.startswith(chosen)}
    target.load_state_dict({**target.state_dict(), **body})


def matched(
    target: nn.Module, state: State, path: str | os.PathLike[str], shapes: bool = True
) -> State:
    """Return the tensors of ``state`` that fill all of ``target`` but its head; `load` says what is
    refused.

    Tensors of blocks that were cut off are passed over. Without ``shapes`` their shapes are not
    looked at.
    """
    own = target.state_dict()
    top = adapters.head(target)[0] + "."
    passed = (top, *(f"{name}." for name in blocks.removed(target)))
    body = {
        name: value
        for name, value in state.items()
        if not _UNUSED.match(name) and not name.startswith(passed)
    }
    needed = {name for name in own if not name.startswith(top)}
    missing = sorted(name for name in needed - set(body) if not name.endswith(_COUNTER))
    extra = sorted(set(body) - needed)
    if missing or extra:
        raise ParameterError(
            f"{path}: weights of another net: {len(missing)} tensors are missing{_some(missing)}, "
            f"{len(extra)} are unknown{_some(extra)}"
        )
    stem = adapters.stem_weight(target)
    if stem and body[stem].ndim == 4 and shapes:
        body[stem] = adapters.fit_stem(body[stem], own[stem].shape[1])
    for name, value in body.items():
        if shapes and value.shape != own[name].shape:
            raise ParameterError(
                f"{path}: weights of another shape: {name} is {tuple(value.shape)}, "
                f"this net needs {tuple(own[name].shape)}"
            )
        if not torch.isfinite(value).all():
            raise ParameterError(f"{path}: {name} holds values that are not finite")
    return body


def check(arch: str, weights: str, channels: int = 0, prefix: str = blocks.ALL) -> None:
    """Raise as `locate` and `load` do if ``weights`` cannot fill the net ``arch``, before there are
    rows.

    Shapes in featkit's own nets depend on the rows, and nothing is known of outside nets: these are
    compared when loaded.
    """
    path = locate(arch, weights)
    state = read(path)
    if not catalog.outside(arch):
        net = core(catalog.blank(arch, catalog.row_shape(arch), 2, channels))
        matched(net, state, path, shapes=catalog.family(arch) != "registered")
        if prefix != blocks.ALL:
            blocks.through(net, prefix)


def save(net: nn.Module, path: str | os.PathLike[str]) -> None:
    """Write a net's tensors to a safetensors file that `load` reads, aside and then renamed."""
    from safetensors.torch import save as to_bytes

    # Tied tensors get memory of their own, which safetensors asks for.
    tensors = {
        name: value.detach().cpu().contiguous().clone()
        for name, value in core(net).state_dict().items()
    }
    aside = f"{os.fspath(path)}.part"
    Path(aside).write_bytes(to_bytes(tensors))
    os.replace(aside, path)


def _some(names: list[str]) -> str:
    return f" ({', '.join(names[:3])}{' …' if len(names) > 3 else ''})" if names else ""
