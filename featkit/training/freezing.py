"""Freezing of modules by name, batch-norm statistics included (S0-19)."""

from collections.abc import Sequence

from torch import nn

from featkit.errors import ParameterError


def freeze(net: nn.Module, names: Sequence[str]) -> None:
    """Stop the gradients of the modules called ``names``; `train_mode` keeps their batch-norm
    statistics.

    Raises
    ------
    ParameterError
        For a name that the net has not.
    """
    for name in names:
        find(net, name).requires_grad_(False)


def train_mode(net: nn.Module, frozen: Sequence[str]) -> None:
    """Set a net to training, its frozen modules to evaluation: without that batch norm goes on
    averaging in them.
    """
    net.train()
    for name in frozen:
        find(net, name).eval()


def find(net: nn.Module, name: str) -> nn.Module:
    """Return the module of a net called ``name``; raise ParameterError, which lists some, where
    there is none.
    """
    try:
        return net.get_submodule(name)
    except AttributeError as error:
        known = ", ".join(
            child for child, _ in net.named_modules() if child and child.count(".") < 3
        )
        raise ParameterError(
            f"{type(net).__name__} has no module {name!r} to freeze; among its modules: {known}"
        ) from error
