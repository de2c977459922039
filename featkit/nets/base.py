"""What a trainable net is: a torch module that says how it is trained and how its outputs are read.

Everything but ``forward`` has a default, so that most nets are a constructor and ``forward``. A
module that is not a `Net` works as well, with the same defaults.
"""

from collections.abc import Sequence
from math import prod
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from featkit.errors import ParameterError
from featkit.nets import adapters
from featkit.nets.adapters import Shape


class Net(nn.Module):  # type: ignore[misc]
    """A trainable net, made by ``Name(shape, classes, *, option: type = default, …)``.

    ``shape`` is that of one row and ``classes`` the number of outputs. Further keyword parameters
    with annotations are set from the text: ``arch=(name:option=value)``.

    Attributes
    ----------
    row_shape : tuple of int
        Shape of one row where none is known yet, such as when the size of an untrained net is
        counted.
    recipe : str
        Name of the recipe (`featkit.training.recipes`) for ``recipe=auto``; empty: the plain one.
    head_path : str
        Name of the last layer, which weights files never fill and whose input is the embedding;
        empty: found by `featkit.nets.adapters.head`.
    """

    row_shape: ClassVar[Shape] = ()
    recipe: ClassVar[str] = ""
    head_path: ClassVar[str] = ""

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the loss of a batch, a scalar: cross-entropy unless a net has its own.

        Parameters
        ----------
        outputs : Tensor of float32, shape (B, …)
            What ``forward`` gave. It may have one axis more than (B, classes), such as bands or
            frames, if `loss` and `probabilities` are written for it.
        targets : Tensor of int, shape (B,)
            Class numbers.
        """
        return functional.cross_entropy(outputs, targets)

    def probabilities(self, outputs: Tensor) -> Tensor:
        """Return class probabilities, shape (B, classes), of float64 outputs: the net's vote.

        The softmax unless a net has its own, such as a mean over frames.
        """
        return softmax(outputs)

    def fill(self) -> None:
        """Fill what starts from a file that an option names; by default nothing does.

        Runs once, before training. A stored net is rebuilt from its own tensors and needs no file.
        An option that names a file is annotated as `pathlib.Path`: results then know its content.
        """

    def reset_head(self) -> None:
        """Draw the weights of the last layer anew from torch's generator.

        Runs after the constructor and after a weights file was loaded; a net that draws its head in
        a way of its own says so here.
        """
        adapters.head(self)[1].reset_parameters()


def softmax(outputs: Tensor) -> Tensor:
    """Return the softmax over the last axis; on a CPU with numpy's exponential, to the last bit."""
    if outputs.device.type != "cpu":
        return outputs.softmax(dim=-1)
    values = outputs.numpy()
    shifted = np.exp(values - values.max(axis=-1, keepdims=True))
    return torch.from_numpy(shifted / shifted.sum(axis=-1, keepdims=True))


def loss(net: nn.Module, outputs: Tensor, targets: Tensor) -> Tensor:
    """Return the loss of any module: its own if it is a `Net`, else cross-entropy."""
    return (net if isinstance(net, Net) else _PLAIN).loss(outputs, targets)


def probabilities(net: nn.Module, outputs: Tensor) -> Tensor:
    """Return the class probabilities of any module's outputs, as float64 on their device."""
    return (net if isinstance(net, Net) else _PLAIN).probabilities(outputs.detach().double())


def fill(net: nn.Module) -> None:
    """Fill what a net takes from files."""
    if isinstance(net, Net):
        net.fill()


def reset_head(net: nn.Module) -> None:
    """Draw the last layer of any module anew from torch's generator."""
    net.reset_head() if isinstance(net, Net) else adapters.head(net)[1].reset_parameters()


def split(rows: Tensor, shapes: Sequence[Shape]) -> list[Tensor]:
    """Return the representations that stand side by side in flat rows, for a net of several inputs.

    Parameters
    ----------
    rows : Tensor, shape (B, d)
        Rows of joined features, each flattened.
    shapes : sequence of tuple of int
        Shape of each representation; their sizes add up to d.
    """
    parts = torch.split(rows, [prod(shape) for shape in shapes], dim=1)
    return [part.unflatten(1, shape) for part, shape in zip(parts, shapes, strict=True)]


def probe(net: nn.Module, shape: Shape, classes: int) -> None:
    """Raise ParameterError if a net on torch's ``meta`` device does not turn rows of ``shape`` into
    probabilities of ``classes`` classes.
    """
    name = type(net).__name__
    try:
        outputs = net(torch.empty(2, *shape, device="meta"))
        if not isinstance(outputs, Tensor):
            raise ParameterError(f"{name} gives {type(outputs).__name__}; expected a Tensor")
        votes = tuple(probabilities(net, outputs).shape)
    except (RuntimeError, ValueError) as error:
        if isinstance(error, ParameterError):
            raise
        reason = str(error).splitlines()[0]
        raise ParameterError(f"{name} cannot read rows of shape {shape}: {reason}") from error
    if votes != (2, classes):
        raise ParameterError(
            f"{name} gives {votes} for two rows and {classes} classes; expected (2, {classes})"
        )


_PLAIN = Net()
