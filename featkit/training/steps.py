"""One training step: which parameters move and how (optimizer, frozen modules), mixup, and whether
it diverged.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from featkit.errors import DivergenceError, ParameterError
from featkit.training.recipes import Recipe
from featkit.training.rows import Rows


def make_optimizer(recipe: Recipe, net: nn.Module) -> Any:
    """Return the optimizer of a recipe for the parameters of a net that are not frozen, in torch's
    fused form.

    Raises
    ------
    ParameterError
        If every parameter is frozen.
    """
    free = [parameter for parameter in net.parameters() if parameter.requires_grad]
    if not free:
        raise ParameterError(
            f"{type(net).__name__} has nothing to train: every parameter is frozen"
        )
    shared: dict[str, Any] = {"lr": recipe.lr, "weight_decay": recipe.weight_decay, "fused": True}
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(free, momentum=recipe.momentum, nesterov=True, **shared)
    if recipe.optimizer == "adamw":
        return torch.optim.AdamW(free, **shared)
    return torch.optim.Adam(free, amsgrad=recipe.optimizer == "amsgrad", **shared)


def optimizer_tensors(optimizer: Any) -> dict[str, Tensor]:
    """Return the optimizer's state by ``number/name``."""
    state = optimizer.state_dict()["state"]
    return {
        f"{number}/{name}": value
        for number, values in state.items()
        for name, value in values.items()
    }


def restore_optimizer(optimizer: Any, tensors: dict[str, Tensor]) -> None:
    """Put the state that `optimizer_tensors` gave into a fresh optimizer."""
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        number, _, name = key.partition("/")
        like = parameters[int(number)]
        # A fused step walks through memory, so moments must lie as their parameter does, such as
        # channels last.
        value = (
            torch.empty_like(like, dtype=value.dtype).copy_(value)
            if value.shape == like.shape
            else value
        )
        state.setdefault(int(number), {})[name] = value
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})


def freeze(net: nn.Module, names: Sequence[str]) -> None:
    """Stop the gradients of the modules called ``names``; `train_mode` keeps their batch-norm
    statistics.

    Raises
    ------
    ParameterError
        If the net has no module of that name.
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
    """Return the module of a net called ``name``; raise ParameterError, which lists some, if
    there is none.
    """
    try:
        return net.get_submodule(name)
    except AttributeError as error:
        names = ", ".join(
            child for child, _ in net.named_modules() if child and child.count(".") < 3
        )
        raise ParameterError(
            f"{type(net).__name__} has no module {name!r} to freeze; among its modules: {names}"
        ) from error


def draw_mixup(alpha: float, n: int, rng: np.random.Generator) -> tuple[float, Any]:
    """Return one λ ~ Beta(α, α) for a batch of ``n`` rows, and the permutation that gives each row
    its partner [Zhang2018].
    """
    return float(rng.beta(alpha, alpha)), rng.permutation(n)


def mix(rows: Any, weight: float, partners: Any) -> Any:
    """Return λ · rows + (1 − λ) · rows[partners], for arrays and tensors; λ = 1 gives the rows
    themselves.
    """
    return rows if weight == 1 else weight * rows + (1 - weight) * rows[partners]


def mixed_loss(
    criterion: Callable[[Any, Any], Any], outputs: Any, targets: Any, weight: float, partners: Any
) -> Any:
    """Return λ · L(outputs, targets) + (1 − λ) · L(outputs, targets[partners])."""
    return weight * criterion(outputs, targets) + (1 - weight) * criterion(
        outputs, targets[partners]
    )


def check_finite(net: nn.Module, loss: float, epoch: int, recipe: Recipe, rows: Rows) -> None:
    """Raise DivergenceError, with what to do about it, if an epoch's loss or the weights after it
    are not finite.
    """
    if not math.isfinite(loss):
        what = f"the loss is {loss} in epoch {epoch}"
    elif not all(torch.isfinite(value).all() for value in net.parameters()):
        what = f"weights are not finite after epoch {epoch}"
    else:
        return
    if all(np.isfinite(chunk).all() for chunk in rows.chunks(64)):
        advice = (
            "give a smaller lr, or scale=bin if rows are not standardised; "
            "checkpoints of earlier epochs are kept"
        )
    else:
        advice = (
            "the training rows hold values that are not finite (NaN or infinite); "
            "extract them again"
        )
    raise DivergenceError(
        f"{what} with lr={recipe.lr:g} and precision={recipe.precision}: {advice}"
    )
