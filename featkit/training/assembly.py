"""A classifier's whole model: standardisation, then a net with its body, loaded weights and a fresh
head.
"""

import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b, file_digest
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from featkit import __version__
from featkit.errors import MissingDependencyError, ParameterError
from featkit.naming import fingerprint
from featkit.nets import adapters, catalog
from featkit.nets.standardize import Standardize
from featkit.training import freezing, weights
from featkit.training.checkpoints import Checkpoints
from featkit.training.engine import Part
from featkit.training.scaling import Statistics
from featkit.training.streams import stream, torch_seeded

_BODY, _HEAD = 1, 2
_SCALING = ("scaling.mean", "scaling.std")

State = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Plan:
    """Which net: the arguments of `featkit.nets.catalog.build`, and the layer in front of it.

    Attributes
    ----------
    arch, classes, channels, transform_input
        Of the net.
    shape : tuple of int
        Of one row: (n_samples,) where ``inside`` is not ``no``.
    front, sr, inside
        As in `featkit.classifiers._net.estimator.NetClassifier`.
    """

    arch: str
    shape: tuple[int, ...]
    classes: int
    channels: int = 0
    transform_input: bool = False
    front: str = ""
    sr: int = 0
    inside: str = "no"

    def listening(self) -> Any:
        """Return the front-end's layer (`featkit.training.listening.Listening`), None where rows
        are features already.

        Raises
        ------
        ParameterError
            For a front-end that is no layer, or rows that are no waveforms.
        """
        if self.inside == "no":
            return None
        from featkit.training.listening import Listening

        if len(self.shape) != 1:
            raise ParameterError(
                f"inside={self.inside} reads waveforms, rows (n_samples,) of the feature waveform, not {self.shape}"
            )
        return Listening(self.front, self.sr, self.inside == "learned")

    def count(self) -> int:
        """Return the number of trainable values, without building the net."""
        layer = self.listening()
        shape = self.shape if layer is None else layer.shape(*self.shape)
        own = 0 if layer is None else adapters.parameters(layer)
        return own + adapters.parameters(
            catalog.blank(self.arch, shape, self.classes, self.channels)
        )


def assemble(
    plan: Plan, statistics: Statistics | None, weights_from: str, seed: int, member: int
) -> Any:
    """Return a model that is ready to train, with the parts ``listening`` (where the plan has one),
    ``scaling`` and ``net``.

    The body is drawn from ``seed``, the head from ``seed`` and ``member``, so members of an
    ensemble differ in the head only (S0-15); ``weights_from`` fills the body (``none``,
    ``imagenet`` or a file).
    """
    model = _bare(plan, statistics, seed)
    if weights_from != "none":
        weights.load(model.net, weights.locate(plan.arch, weights_from))
    with torch_seeded(stream(seed, _HEAD, member)):
        adapters.reset_head(model.net)
    return model


def tensors(model: nn.Module) -> State:
    """Return the tensors of a model as arrays."""
    return {
        name: value.detach().cpu().contiguous().numpy()
        for name, value in model.state_dict().items()
    }


def rebuild(plan: Plan, state: State, channels_last: bool = True) -> Any:
    """Return the model whose tensors are ``state``, in the memory format that it is to predict in."""
    scaled = _SCALING[0] in state
    model = _bare(plan, (state[_SCALING[0]], state[_SCALING[1]]) if scaled else None, 0)
    model.load_state_dict(
        {name: torch.from_numpy(np.array(value)) for name, value in state.items()}
    )
    return model.to(memory_format=torch.channels_last) if channels_last else model


def inside(model: Any, names: tuple[str, ...]) -> list[str]:
    """Return the names of a net's modules as the whole model has them; raise ParameterError for one
    that the net has not.
    """
    for name in names:
        freezing.find(weights.core(model.net), name)
    prefix = "net.net" if weights.core(model.net) is not model.net else "net"
    return [f"{prefix}.{name}" for name in names]


def origin(arch: str, weights_from: str) -> str:
    """Return what identifies the weights file and the code of an outside net, empty where the names
    say all.
    """
    named = []
    if catalog.outside(arch):
        named.append(f"{fingerprint.of_module(arch.partition(':')[0], hears=False):016x}")
    if weights_from != "none":
        with open(weights.locate(arch, weights_from), "rb") as file:
            named.append(file_digest(file, "sha256").hexdigest())
    return " ".join(named)


def run_checkpoints(
    root: str, settings: dict[str, Any], plan: Plan, weights_from: str, parts: Sequence[Part | None]
) -> Checkpoints | None:
    """Return a run's checkpoints below the folder ``root``, None where that is empty.

    The folder's name is a hash of all settings, the net, the weights file, the versions of featkit
    and torch, and the rows and targets of every part, so that no run goes on from another's.
    """
    if not root:
        return None
    names = {
        **settings,
        **asdict(plan),
        "origin": origin(plan.arch, weights_from),
        "versions": [__version__, torch.__version__],
    }
    digest = blake2b(json.dumps(names, default=str, sort_keys=True).encode(), digest_size=8)
    for part in parts:
        digest.update(b"|")
        if part is not None:
            digest.update(part.targets.tobytes())
            for chunk in part.rows.chunks(64):
                digest.update(np.ascontiguousarray(chunk).tobytes())
    return Checkpoints(Path(root, f"{plan.arch.replace(':', '.')}-{digest.hexdigest()}"))


def check_device(device: str) -> None:
    """Raise where torch cannot compute on ``device``."""
    try:
        kind = torch.device(device).type
    except RuntimeError as error:
        raise ParameterError(f"device={device!r} is not one of cpu, cuda, cuda:0 …") from error
    if kind not in ("cpu", "cuda"):
        raise ParameterError(f"device={device!r} is not one of cpu, cuda, cuda:0 …")
    if kind == "cuda" and not torch.cuda.is_available():
        raise MissingDependencyError(
            f"device={device}: torch sees no CUDA GPU here; leave device at cpu"
        )


def _bare(plan: Plan, statistics: Statistics | None, seed: int) -> Any:
    first = (
        nn.Identity()
        if statistics is None
        else Standardize(*(torch.from_numpy(np.array(part)) for part in statistics))
    )
    layer = plan.listening()
    shape = plan.shape if layer is None else layer.shape(*plan.shape)
    with torch_seeded(stream(seed, _BODY)):
        net = catalog.build(plan.arch, shape, plan.classes, plan.channels, plan.transform_input)
    heard = [] if layer is None else [("listening", layer)]
    return nn.Sequential(OrderedDict([*heard, ("scaling", first), ("net", net)]))
