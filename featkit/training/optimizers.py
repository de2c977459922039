"""A recipe's optimizer, and its state as named tensors."""

from typing import Any

import torch
from torch import Tensor, nn

from featkit.errors import ParameterError
from featkit.training.recipes import Recipe


def make_optimizer(recipe: Recipe, net: nn.Module) -> Any:
    """Return the optimizer of a recipe for the parameters of a net that are not frozen: torch's
    fused one, a step at once.

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
    return {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[recipe.optimizer](free, **shared)


def optimizer_tensors(optimizer: Any) -> dict[str, Tensor]:
    """Return the optimizer's state by ``number/name``."""
    state = optimizer.state_dict()["state"]
    return {
        f"{number}/{name}": value
        for number, values in state.items()
        for name, value in values.items()
    }


def restore_optimizer(optimizer: Any, tensors: dict[str, Tensor]) -> None:
    """Put the state that `optimizer_tensors` gave back into a fresh optimizer."""
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
