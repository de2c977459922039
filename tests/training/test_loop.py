"""The training loop: what a step does, exact resume, early stopping, errors."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from featkit.errors import ParameterError
from featkit.nets import catalog
from featkit.nets.base import Net
from featkit.training.checkpoints import Checkpoints
from featkit.training.data import Part
from featkit.training.loop import Trainer
from featkit.training.model import probabilities
from featkit.training.recipes import Recipe
from featkit.training.rows import Rows
from featkit.training.runtime import Machine, torch_seeded


class Tiny(nn.Module):
    """Convolution, batch norm, dropout and a head: everything with a state or a random draw."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten()
        )
        self.dropout, self.head = nn.Dropout(0.3), nn.Linear(16, 3)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return self.head(self.dropout(self.body(rows.unsqueeze(1))))


def tiny() -> Tiny:
    with torch_seeded(7):
        return Tiny()


@pytest.fixture
def part(patterns: Any) -> Part:
    X, y = patterns(26)
    return Part(Rows(X), np.unique(y, return_inverse=True)[1])


def trained(
    part: Part, recipe: Recipe, net: nn.Module | None = None, **options: Any
) -> tuple[nn.Module, list[dict[str, Any]]]:
    net, valid, test = net or tiny(), options.pop("valid", None), options.pop("test", None)
    curves = Trainer(net, recipe, **options).fit(part, valid, test)
    return net, [{key: value for key, value in line.items() if key != "seconds"} for line in curves]


def same(first: nn.Module, second: nn.Module) -> bool:
    return all(
        torch.equal(value, second.state_dict()[name]) for name, value in first.state_dict().items()
    )


@pytest.mark.parametrize("arch", ["resnet18", "cnn", "lstm", "lstm_swapped", "transformer", "crnn"])
def test_one_step_lowers_the_loss_on_eight_clips(arch: str, patterns: Any) -> None:
    X, y = patterns(8, (40, 32), classes=2)
    targets = np.unique(y, return_inverse=True)[1]
    with torch_seeded(0):
        net = catalog.build(arch, (40, 32), 2)
    for module in net.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    curves = Trainer(net, Recipe(lr=1e-4, batch_size=8, epochs=2)).fit(Part(Rows(X), targets))
    assert curves[1]["train_loss"] < curves[0]["train_loss"]


@pytest.mark.slow
@pytest.mark.parametrize("arch", ["densenet201", "resnet50", "inception_v3"])
def test_one_step_of_the_papers_recipe_lowers_the_loss_of_the_papers_nets(
    arch: str, patterns: Any
) -> None:
    X, y = patterns(8, (3, 128, 250), classes=2)
    with torch_seeded(0):
        net = catalog.build(arch, (3, 128, 250), 2)
    for module in net.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    part = Part(Rows(X), np.unique(y, return_inverse=True)[1])
    curves = Trainer(net, Recipe(lr=1e-4, weight_decay=1e-3, epochs=2)).fit(part)
    assert curves[1]["train_loss"] < curves[0]["train_loss"]


def test_a_single_full_batch_step_is_adams(part: Part) -> None:
    net = nn.Sequential(nn.Flatten(), nn.Linear(128, 3))
    before = net[1].weight.detach().clone()
    rows, targets = torch.from_numpy(part.rows.take(np.arange(26))), torch.from_numpy(part.targets)
    gradient = torch.autograd.grad(nn.functional.cross_entropy(net(rows), targets), net[1].weight)[
        0
    ]
    trained(part, Recipe(lr=1e-3, batch_size=26, epochs=1), net)
    assert torch.allclose(
        net[1].weight, before - 1e-3 * gradient / (gradient.abs() + 1e-8), atol=1e-6
    )


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(part: Part) -> None:
    recipe = Recipe(batch_size=8, epochs=2, mixup=0.2)
    first, curves = trained(part, recipe, seed=3)
    torch.rand(5)
    second, again = trained(part, recipe, seed=3)
    assert same(first, second) and curves == again
    assert not same(first, trained(part, recipe, seed=4)[0])


def test_torchs_generator_is_left_alone(part: Part) -> None:
    before = torch.get_rng_state()
    trained(part, Recipe(epochs=1))
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize("kind", ["adam", "adamw", "sgd"])
def test_a_resumed_run_equals_an_undisturbed_one(part: Part, tmp_path: Path, kind: Any) -> None:
    recipe = Recipe(
        optimizer=kind,
        lr=1e-2,
        batch_size=8,
        epochs=5,
        milestones=(3,),
        mixup=0.2,
        weight_decay=1e-3,
        valid=0.2,
    )
    valid = Part(part.rows.subset(np.arange(6)), part.targets[:6])
    whole, curves = trained(part, recipe, valid=valid)

    class Killed(Checkpoints):
        def save(self, epoch: int, *values: Any) -> None:
            super().save(epoch, *values)
            if epoch == 2:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trained(part, recipe, valid=valid, checkpoints=Killed(tmp_path))
    resumed, again = trained(part, recipe, valid=valid, checkpoints=Checkpoints(tmp_path))
    assert same(whole, resumed) and curves == again


def test_a_corrupted_checkpoint_costs_an_epoch_and_no_bit(part: Part, tmp_path: Path) -> None:
    recipe = Recipe(batch_size=8, epochs=3)
    whole, curves = trained(part, recipe, checkpoints=Checkpoints(tmp_path))
    newest = tmp_path / "epoch-0002.safetensors"
    newest.write_bytes(newest.read_bytes()[:-20])
    with pytest.warns(UserWarning, match="damaged checkpoint"):
        resumed, again = trained(part, recipe, checkpoints=Checkpoints(tmp_path))
    assert same(whole, resumed) and curves == again


def test_a_finished_run_is_not_trained_again(part: Part, tmp_path: Path) -> None:
    recipe = Recipe(epochs=2)
    first, _ = trained(part, recipe, checkpoints=Checkpoints(tmp_path))
    written = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    second, curves = trained(part, recipe, checkpoints=Checkpoints(tmp_path))
    assert same(first, second) and len(curves) == 2
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == written


def test_rates_follow_the_recipe(part: Part) -> None:
    _, curves = trained(
        part, Recipe(lr=1.0, weight_decay=1e-3, epochs=4, step=2, optimizer="sgd", momentum=0.5)
    )
    assert [line["lr"] for line in curves] == [1.0, 1.0, 0.1, 0.1]
    _, curves = trained(
        part, Recipe(lr=1.0, batch_size=13, epochs=2, step=2, unit="iteration", gamma=0.5)
    )
    assert [line["lr"] for line in curves] == [1.0, 0.5]


def test_iterations_end_within_an_epoch(part: Part) -> None:
    net = tiny()
    trainer = Trainer(net, Recipe(batch_size=8, iterations=6))
    assert len(trainer.fit(part)) == 2
    assert {int(values["step"]) for values in trainer.optimizer.state.values()} == {6}


def test_the_best_epoch_on_the_validation_part_is_kept(part: Part) -> None:
    valid = Part(part.rows, (part.targets + (np.arange(26) % 2)) % 3)
    recipe = Recipe(lr=3e-2, batch_size=8, epochs=8, valid=0.2)
    net, curves = trained(part, recipe, valid=valid)
    best = min(curves, key=lambda line: line["valid_loss"])
    assert 0 < best["epoch"] < 7
    shorter, _ = trained(part, Recipe(lr=3e-2, batch_size=8, epochs=best["epoch"] + 1))
    assert same(net, shorter)


def test_training_stops_when_the_validation_loss_no_longer_falls(part: Part) -> None:
    wrong = Part(part.rows, (part.targets + 1) % 3)
    _, curves = trained(
        part, Recipe(lr=1e-2, batch_size=8, epochs=50, valid=0.2, patience=3), valid=wrong
    )
    best = min(curves, key=lambda line: line["valid_loss"])["epoch"]
    assert len(curves) == best + 1 + 3 < 50
    with pytest.raises(ParameterError, match="inner validation part"):
        trained(part, Recipe(valid=0.2, patience=3))


def test_test_rows_are_scored_and_change_nothing(part: Part) -> None:
    plain, _ = trained(part, Recipe(batch_size=8, epochs=2))
    net, curves = trained(part, Recipe(batch_size=8, epochs=2), test=part)
    net.eval()
    outputs = net(torch.from_numpy(part.rows.take(np.arange(26)))).detach()
    targets = torch.from_numpy(part.targets)
    assert curves[-1]["test_loss"] == pytest.approx(
        float(nn.functional.cross_entropy(outputs, targets)), rel=1e-4
    )
    assert curves[-1]["test_accuracy"] == pytest.approx(
        float((outputs.argmax(1) == targets).float().mean())
    )
    assert same(plain, net)


def test_frozen_modules_are_bit_identical_after_training(part: Part) -> None:
    net, _ = trained(part, Recipe(lr=0.1, weight_decay=0.1, epochs=3), frozen=["body"])
    fresh = tiny().state_dict()
    for name, value in net.state_dict().items():
        assert torch.equal(value, fresh[name]) == name.startswith("body"), name


def test_brain_floats_learn_the_same_within_their_precision(part: Part) -> None:
    exact = trained(part, Recipe(batch_size=8, epochs=3))[1]
    net, rough = trained(part, Recipe(batch_size=8, epochs=3, precision="bfloat16"))
    assert rough[-1]["train_loss"] == pytest.approx(exact[-1]["train_loss"], rel=0.05)
    assert rough != exact and all(value.dtype == torch.float32 for value in net.parameters())


def test_lazy_rows_learn_the_same_as_rows_in_memory(part: Part, tmp_path: Path) -> None:
    np.save(tmp_path / "rows.npy", part.rows.source)
    lazy = Part(Rows(np.load(tmp_path / "rows.npy", mmap_mode="r")), part.targets)
    first, _ = trained(part, Recipe(batch_size=8, epochs=2))
    assert same(first, trained(lazy, Recipe(batch_size=8, epochs=2), machine=Machine(memory=0))[0])


def test_a_nan_loss_says_what_to_do_and_keeps_checkpoints(part: Part, tmp_path: Path) -> None:
    trained(part, Recipe(epochs=1, optimizer="sgd"), checkpoints=Checkpoints(tmp_path))
    with (
        pytest.raises(ParameterError, match=r"in epoch 1 .* smaller lr"),
        warnings.catch_warnings(),
    ):
        trained(
            part,
            Recipe(lr=1e38, epochs=9, optimizer="sgd", batch_size=4),
            checkpoints=Checkpoints(tmp_path),
        )
    assert Checkpoints(tmp_path).epochs() == [0]


def test_rows_that_are_not_finite_are_named_as_the_reason(part: Part) -> None:
    rows = part.rows.source.copy()
    rows[3, 2, 1] = np.inf
    with pytest.raises(ParameterError, match="training rows hold values that are not finite"):
        trained(Part(Rows(rows), part.targets), Recipe(epochs=1))


def test_held_out_rows_that_are_not_finite_are_named(part: Part) -> None:
    rows = part.rows.source.copy()
    rows[0, 0, 0] = np.nan
    with pytest.raises(ParameterError, match="loss of the valid part is nan"):
        trained(part, Recipe(epochs=1, valid=0.2), valid=Part(Rows(rows), part.targets))


def test_running_out_of_memory_says_what_to_do(part: Part) -> None:
    class Hungry(Tiny):
        def forward(self, rows: torch.Tensor) -> torch.Tensor:
            return torch.empty(1 << 60) if self.training else rows

    with pytest.raises(ParameterError, match="halve the batch"):
        trained(part, Recipe(epochs=1), Hungry())


def test_other_errors_are_not_taken_for_it(part: Part) -> None:
    class Wrong(Tiny):
        def forward(self, rows: torch.Tensor) -> torch.Tensor:
            raise RuntimeError("shapes differ")

    with pytest.raises(RuntimeError, match="shapes differ"):
        trained(part, Recipe(epochs=1), Wrong())


class Frames(Net):
    """A decision in every frame: the loss is their sum, the vote their mean probability."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(8, 3)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return self.head(rows)

    def loss(self, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return sum(nn.functional.cross_entropy(outputs[:, t], targets) for t in range(16))

    def probabilities(self, outputs: torch.Tensor) -> torch.Tensor:
        return outputs.softmax(dim=-1).mean(dim=1)


def test_a_net_with_a_loss_and_a_vote_of_its_own_is_trained_and_scored_by_them(part: Part) -> None:
    with torch_seeded(0):
        net = Frames()
    net, curves = trained(part, Recipe(lr=1e-2, batch_size=26, epochs=40), net, test=part)
    outputs = net(torch.from_numpy(part.rows.take(np.arange(26)))).detach()
    targets = torch.from_numpy(part.targets)
    each = [nn.functional.cross_entropy(outputs[:, t], targets) for t in range(16)]
    assert curves[-1]["test_loss"] == pytest.approx(float(sum(each)), rel=1e-4)
    votes = outputs.softmax(dim=-1).mean(dim=1)
    assert np.allclose(probabilities(net, part.rows), votes, atol=1e-6)
    correct = int((votes.argmax(dim=1) == targets).sum())
    assert curves[-1]["test_accuracy"] == correct / 26
    assert curves[-1]["test_loss"] < curves[0]["test_loss"]


class Seeing(nn.Module):
    """Keeps what it is given in training: a one in the place of each row's number."""

    def __init__(self) -> None:
        super().__init__()
        self.head, self.seen = nn.Linear(8, 8), []

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        self.seen.append(rows)
        return self.head(rows)


def test_mixed_rows_have_their_mixed_targets(monkeypatch: Any) -> None:
    # Row k is the unit vector k of class k, so that a mixed row says what its target should be.
    net, pairs = Seeing(), []
    cross_entropy = torch.nn.functional.cross_entropy

    def watched(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        pairs.append(targets)
        return cross_entropy(outputs, targets)

    monkeypatch.setattr(torch.nn.functional, "cross_entropy", watched)
    part = Part(Rows(np.eye(8, dtype=np.float32)), np.arange(8))
    Trainer(net, Recipe(mixup=5.0, batch_size=8, epochs=4)).fit(part)
    for rows, first, second in zip(net.seen, pairs[::2], pairs[1::2], strict=True):
        assert not torch.equal(first, second)
        one, other = torch.eye(8)[first], torch.eye(8)[second]
        weight = rows[first != second].max(dim=1).values[0]
        mixes = [share * one + (1 - share) * other for share in (weight, 1 - weight)]
        assert min((rows - mix).abs().max() for mix in mixes) < 1e-6


def test_the_loss_of_mixed_rows_is_mixed_alike() -> None:
    # The first step of SGD from zero weights shows which targets, and how much of each, it had.
    part = Part(Rows(np.eye(8, dtype=np.float32)), np.arange(8))
    net = Seeing()
    nn.init.zeros_(net.head.weight), nn.init.zeros_(net.head.bias)
    recipe = Recipe(optimizer="sgd", lr=1.0, mixup=5.0, batch_size=8, epochs=1)
    Trainer(net, recipe).fit(part)
    # Softmax 1/8 everywhere: the gradient of W is mean over rows of (1/8 − target) · rowᵀ, and a
    # target is its row, so W is symmetric only if rows and targets are mixed alike.
    rows = net.seen[0]
    expected = -(1 / 8 - rows).T @ rows / 8 * 1.9
    assert torch.allclose(net.head.weight.detach(), expected, atol=1e-6)


class Half(Net):
    """Predicts values."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(2, 3)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return self.head(rows)

    def loss(self, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.mse_loss(outputs, targets)


def test_values_are_learned_too_and_have_no_accuracy() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(60, 2)).astype(np.float32)
    values = (rows @ rng.normal(size=(2, 3)) - 4).astype(np.float32)
    train, valid = (Part(Rows(rows[part]), values[part]) for part in (slice(40), slice(40, 60)))
    net = Half()
    curves = Trainer(net, Recipe(lr=0.1, epochs=60, batch_size=20)).fit(train, valid)
    assert "train_accuracy" not in curves[0] and "valid_accuracy" not in curves[0]
    assert curves[-1]["train_loss"] < 1e-2
    with torch.no_grad():
        error = float(net.loss(net(torch.from_numpy(rows[40:])), torch.from_numpy(values[40:])))
    assert min(row["valid_loss"] for row in curves) == pytest.approx(error, rel=1e-5)
