"""The whole model of a classifier: a front-end where it has one, standardisation, and a net with
its loaded body and a fresh head; and its outputs, batch by batch.
"""

from collections import OrderedDict
from dataclasses import dataclass
from hashlib import file_digest
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from featkit.errors import ParameterError
from featkit.features.listening import Listening
from featkit.naming import fingerprint
from featkit.nets import adapters, base, blocks, catalog
from featkit.nets.standardize import Standardize
from featkit.training import steps, weights
from featkit.training.data import Loader, split_batches
from featkit.training.rows import Rows
from featkit.training.runtime import stream, torch_seeded
from featkit.training.scaling import Statistics

_BODY, _HEAD = 1, 2
SCALING = ("scaling.mean", "scaling.std")

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
        FEATURE text of the front-end, rate of the waveforms in Hz, and whether the front-end is a
        layer of the net: ``no``, ``fixed`` or ``learned``.
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
        """Return the front-end's layer (`featkit.features.listening.Listening`), None if rows are
        features already.

        Raises
        ------
        ParameterError
            For a front-end that cannot be a layer, or rows that are not waveforms.
        """
        if self.inside == "no":
            return None
        if len(self.shape) != 1:
            raise ParameterError(
                f"inside={self.inside} reads waveforms, rows (n_samples,) of the feature waveform, "
                f"not {self.shape}"
            )
        return Listening(self.front, self.sr, self.inside == "learned")

    def count(self) -> tuple[int, int]:
        """Return the number of trainable values and how many of them are weights of convolutions
        and linear layers, without building the net.
        """
        layer = self.listening()
        shape = self.shape if layer is None else layer.shape(*self.shape)
        net = catalog.blank(self.arch, shape, self.classes, self.channels)
        parts = [net] if layer is None else [layer, net]
        return sum(map(adapters.parameters, parts)), sum(map(adapters.weights, parts))


class Model(nn.Sequential, base.Net):  # type: ignore[misc]
    """The parts ``listening`` (where there is one), ``scaling`` and ``net``, trained as its net."""

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the net's loss."""
        return base.loss(self.net, outputs, targets)

    def probabilities(self, outputs: Tensor) -> Tensor:
        """Return the net's vote."""
        return base.probabilities(self.net, outputs)


def assemble(
    plan: Plan,
    statistics: Statistics | None,
    weights_from: str,
    seed: int,
    member: int,
    prefix: str = blocks.ALL,
) -> Model:
    """Return a model that is ready to train.

    The body is drawn from ``seed``, the head from ``seed`` and ``member``, so members of an
    ensemble differ in the head only [Palanisamy2020]; ``weights_from`` (``none``, ``imagenet`` or a
    file) fills the body, or its blocks through ``prefix``.
    """
    model = _bare(plan, statistics, seed)
    base.fill(model.net)
    if weights_from != "none":
        weights.load(model.net, weights.locate(plan.arch, weights_from), prefix)
    with torch_seeded(stream(seed, _HEAD, member)):
        base.reset_head(model.net)
    return model


def tensors(model: nn.Module) -> State:
    """Return the tensors of a model as arrays."""
    return {
        name: value.detach().cpu().contiguous().numpy()
        for name, value in model.state_dict().items()
    }


def rebuild(plan: Plan, state: State, channels_last: bool = True) -> Model:
    """Return the model whose tensors are ``state``, in the memory format that it predicts in."""
    scaled = SCALING[0] in state
    model = _bare(plan, (state[SCALING[0]], state[SCALING[1]]) if scaled else None, 0)
    model.load_state_dict(
        {name: torch.from_numpy(np.array(value)) for name, value in state.items()}
    )
    if channels_last:
        model.to(memory_format=torch.channels_last)
    return model


def inside(model: Model, names: tuple[str, ...]) -> list[str]:
    """Return the names of a net's modules as the whole model has them, that of a block standing for
    all through it; raise ParameterError for a module that the net does not have.
    """
    names = blocks.expand(weights.core(model.net), names)
    for name in names:
        steps.find(weights.core(model.net), name)
    prefix = "net.net" if weights.core(model.net) is not model.net else "net"
    return [f"{prefix}.{name}" for name in names]


def origin(arch: str, weights_from: str) -> str:
    """Return what identifies the files that a net starts from and the code of an outside net,
    empty if the names say it all.
    """
    parts = []
    if outside := catalog.outside(arch):
        parts.append(f"{fingerprint.of_module(outside.partition(':')[0], hears=False):016x}")
    files = catalog.files(arch)
    if weights_from != "none":
        files.append(weights.locate(arch, weights_from))
    for path in files:
        with open(path, "rb") as file:
            parts.append(file_digest(file, "sha256").hexdigest())
    return " ".join(parts)


def probabilities(
    net: nn.Module,
    rows: Rows,
    *,
    batch_size: int = 32,
    device: str = "cpu",
    precision: str = "float32",
) -> NDArray[np.float64]:
    """Return the net's class probabilities, shape (n, classes); rows sum to 1.

    Raises
    ------
    ParameterError
        If a probability is NaN; the message names the row.
    """
    outputs = _run(net, rows, False, batch_size, device, precision)
    votes: NDArray[np.float64] = base.probabilities(net, outputs).numpy()
    if not np.isfinite(votes).all():
        row = int(np.flatnonzero(~np.isfinite(votes).all(axis=1))[0])
        raise ParameterError(
            f"row {row} gives no probabilities: it, or the net, holds values that are not finite"
        )
    return votes


def embeddings(
    net: nn.Module,
    rows: Rows,
    *,
    batch_size: int = 32,
    device: str = "cpu",
    precision: str = "float32",
) -> NDArray[np.float64]:
    """Return what the net's head reads, shape (n, d): the penultimate activations."""
    deep: NDArray[np.float64] = _run(net, rows, True, batch_size, device, precision).numpy()
    return deep


def _run(
    net: nn.Module, rows: Rows, deep: bool, batch_size: int, device: str, precision: str
) -> Tensor:
    net.to(device).eval()
    order = split_batches(np.arange(len(rows)), batch_size)
    parts = []
    with (
        torch.inference_mode(),
        torch.autocast(torch.device(device).type, torch.bfloat16, enabled=precision == "bfloat16"),
    ):
        for batch in Loader(rows, device).batches(order):
            outputs = adapters.embed(net, batch) if deep else net(batch)
            parts.append(outputs.float().cpu().double())
    return torch.cat(parts)


def _bare(plan: Plan, statistics: Statistics | None, seed: int) -> Model:
    first = (
        nn.Identity()
        if statistics is None
        else Standardize(*(torch.from_numpy(np.array(part)) for part in statistics))
    )
    layer = plan.listening()
    shape = plan.shape if layer is None else layer.shape(*plan.shape)
    with torch_seeded(stream(seed, _BODY)):
        net = catalog.build(plan.arch, shape, plan.classes, plan.channels, plan.transform_input)
    front = [] if layer is None else [("listening", layer)]
    return Model(OrderedDict([*front, ("scaling", first), ("net", net)]))
