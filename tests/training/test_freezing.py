"""Freezing, A3."""

import pytest
import torch
from torch import nn

from featkit.errors import ParameterError
from featkit.training.freezing import freeze, train_mode


def net() -> nn.Sequential:
    return nn.Sequential(nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4)), nn.Linear(4, 2))


def test_frozen_modules_get_no_gradient_and_keep_their_statistics() -> None:
    module = net()
    freeze(module, ["0"])
    train_mode(module, ["0"])
    mean = module[0][1].running_mean.clone()
    module(torch.randn(8, 4) + 5).sum().backward()
    assert torch.equal(module[0][1].running_mean, mean)
    assert module[0][0].weight.grad is None and module[1].weight.grad is not None
    assert module[1].training and not module[0].training


def test_without_it_batch_norm_would_move() -> None:
    module = net()
    freeze(module, ["0"])
    module.train()
    module(torch.randn(8, 4) + 5)
    assert module[0][1].running_mean.abs().max() > 0


def test_an_unknown_module_names_the_known() -> None:
    with pytest.raises(ParameterError, match=r"'layer9'.*0, 0\.0, 0\.1, 1"):
        freeze(net(), ["layer9"])
