"""One step: what weight decay means, exact restoring, freezing, mixup."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from featkit.errors import ParameterError
from featkit.training import steps
from featkit.training.recipes import Recipe
from featkit.training.steps import (
    freeze,
    make_optimizer,
    optimizer_tensors,
    restore_optimizer,
    train_mode,
)


def one_weight(value: float = 2.0) -> nn.Linear:
    net = nn.Linear(1, 1, bias=False)
    nn.init.constant_(net.weight, value)
    return net


def step(net: nn.Linear, optimizer: object, gradient: float) -> float:
    net.weight.grad = torch.full((1, 1), gradient)
    optimizer.step()  # type: ignore[attr-defined]
    return float(net.weight.detach())


def test_adam_adds_the_decay_to_the_gradient() -> None:
    # The first step of Adam is lr · sign(gradient + decay · weight), whatever their size.
    net = one_weight(2.0)
    moved = step(net, make_optimizer(Recipe(lr=0.1, weight_decay=0.6), net), -1.0)
    assert moved == pytest.approx(2.0 - 0.1, abs=1e-6)


def test_adamw_shrinks_the_weight_apart_from_the_gradient() -> None:
    net = one_weight(2.0)
    moved = step(
        net, make_optimizer(Recipe(optimizer="adamw", lr=0.1, weight_decay=0.6), net), -1.0
    )
    assert moved == pytest.approx(2.0 * (1 - 0.1 * 0.6) + 0.1, abs=1e-6)


def test_second_moments_never_fall_with_amsgrad() -> None:
    # After gradients 1 and 0: m = 0.09 / 0.19; v = 0.001 stays, where Adam's falls to 0.000999.
    moved = {}
    for kind, v in (("amsgrad", 0.001), ("adam", 0.000999)):
        net = one_weight(2.0)
        optimizer = make_optimizer(Recipe(optimizer=kind, lr=0.1), net)  # type: ignore[arg-type]
        first = step(net, optimizer, 1.0)
        moved[kind] = first - step(net, optimizer, 0.0)
        assert moved[kind] == pytest.approx(0.1 * (0.09 / 0.19) / (v / 0.001999) ** 0.5, abs=2e-6)
    assert moved["adam"] - moved["amsgrad"] > 2e-5


def test_sgd_is_nesterovs() -> None:
    # v ← 0.9 v + g; w ← w − lr (g + 0.9 v)
    net = one_weight(2.0)
    optimizer = make_optimizer(Recipe(optimizer="sgd", lr=0.1, momentum=0.9), net)
    assert step(net, optimizer, 1.0) == pytest.approx(2.0 - 0.1 * 1.9, abs=1e-6)
    assert step(net, optimizer, 1.0) == pytest.approx(
        2.0 - 0.1 * 1.9 - 0.1 * (1 + 0.9 * 1.9), abs=1e-6
    )


@pytest.mark.parametrize("kind", ["adam", "amsgrad", "adamw", "sgd"])
def test_a_restored_optimizer_goes_on_exactly(kind: str) -> None:
    recipe, first = Recipe(optimizer=kind, lr=0.1), one_weight()  # type: ignore[arg-type]
    optimizer = make_optimizer(recipe, first)
    for gradient in (1.0, -3.0):
        step(first, optimizer, gradient)
    second = one_weight(float(first.weight.detach()))
    other = make_optimizer(recipe, second)
    restore_optimizer(
        other, {name: value.clone() for name, value in optimizer_tensors(optimizer).items()}
    )
    assert step(first, optimizer, 0.3) == step(second, other, 0.3)


def test_a_wholly_frozen_net_is_refused() -> None:
    with pytest.raises(ParameterError, match="every parameter is frozen"):
        make_optimizer(Recipe(), one_weight().requires_grad_(False))


@pytest.mark.parametrize("kind", ["adam", "amsgrad", "adamw", "sgd"])
def test_weights_in_channels_last_move_as_plain_ones_do(kind: str) -> None:
    # A fused step walks through memory: weights, gradients and moments must lie alike, restored
    # ones too.
    recipe, moved = Recipe(optimizer=kind, lr=0.01, weight_decay=0.1), []  # type: ignore[arg-type]
    for layout in (torch.contiguous_format, torch.channels_last):
        torch.manual_seed(0)
        net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(8, 4, 1)).to(memory_format=layout)
        rows, optimizer = (
            torch.randn(2, 3, 9, 7).contiguous(memory_format=layout),
            make_optimizer(recipe, net),
        )
        for number in range(4):
            if number == 2:
                kept = {
                    name: value.clone(memory_format=torch.contiguous_format)
                    for name, value in optimizer_tensors(optimizer).items()
                }
                optimizer = make_optimizer(recipe, net)
                restore_optimizer(optimizer, kept)
            optimizer.zero_grad()
            net(rows).square().mean().backward()
            optimizer.step()
        moved.append([value.detach().contiguous() for value in net.parameters()])
    for plain, last in zip(*moved, strict=True):
        assert torch.allclose(plain, last, atol=1e-5)


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


def test_a_weight_of_one_is_the_identity() -> None:
    rows, partners = np.random.default_rng(0).normal(size=(5, 3)), np.arange(5)[::-1]
    assert steps.mix(rows, 1.0, partners) is rows


def test_rows_are_mixed_linearly() -> None:
    rows = np.array([[0.0], [8.0]])
    assert steps.mix(rows, 0.25, np.array([1, 0])).tolist() == [[6.0], [2.0]]


def test_the_loss_is_linear_in_the_weight() -> None:
    torch.manual_seed(0)
    outputs, targets, partners = torch.randn(6, 4), torch.arange(6) % 4, torch.randperm(6)
    ends = [
        steps.mixed_loss(cross_entropy, outputs, targets, share, partners) for share in (0.0, 1.0)
    ]
    assert ends[1] == cross_entropy(outputs, targets)
    for share in (0.2, 0.7):
        mixed = steps.mixed_loss(cross_entropy, outputs, targets, share, partners)
        assert mixed.item() == pytest.approx(
            (share * ends[1] + (1 - share) * ends[0]).item(), rel=1e-6
        )


def test_weights_have_the_variance_of_the_beta_distribution() -> None:
    rng = np.random.default_rng(0)
    shares = [steps.draw_mixup(0.2, 4, rng)[0] for _ in range(4000)]
    assert np.mean(shares) == pytest.approx(0.5, abs=0.03)
    assert np.var(shares) == pytest.approx(1 / (4 * (2 * 0.2 + 1)), abs=0.01)
    assert sorted(steps.draw_mixup(0.2, 7, rng)[1]) == list(range(7))
