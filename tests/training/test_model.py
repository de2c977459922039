"""A classifier's model put together and rebuilt."""

from pathlib import Path

import numpy as np
import torch
from torch import nn

from featkit.nets import adapters
from featkit.training import model, weights
from featkit.training.model import Plan, embeddings, probabilities
from featkit.training.rows import Rows

PLAN = Plan("cnn", (16, 8), 3)
STATISTICS = (np.full((1, 8), 2, np.float32), np.full((1, 8), 4, np.float32))


def test_members_differ_in_the_head_only() -> None:
    first, second = (model.assemble(PLAN, None, "none", 5, member) for member in (0, 1))
    top = adapters.head(first)[0]
    for name, value in first.state_dict().items():
        assert torch.equal(value, second.state_dict()[name]) != name.startswith(top), name


def test_seeds_differ_in_everything() -> None:
    first, second = (model.assemble(PLAN, None, "none", seed, 0) for seed in (0, 1))
    assert not any(
        torch.equal(value, second.state_dict()[name]) for name, value in first.state_dict().items()
    )


def test_weights_fill_the_body_and_the_head_is_fresh(tmp_path: Path) -> None:
    source = model.assemble(PLAN, None, "none", 1, 0)
    weights.save(source.net, tmp_path / "w.safetensors")
    made = model.assemble(PLAN, None, str(tmp_path / "w.safetensors"), 2, 0)
    for name, value in made.net.state_dict().items():
        assert torch.equal(value, source.net.state_dict()[name]) != name.startswith("head"), name


def test_a_rebuilt_model_is_the_same() -> None:
    made = model.assemble(PLAN, STATISTICS, "none", 0, 0)
    again = model.rebuild(PLAN, model.tensors(made), channels_last=False)
    rows = torch.randn(2, 16, 8)
    assert torch.equal(made.eval()(rows), again.eval()(rows))
    assert torch.equal(made.scaling(rows), (rows - 2) / 4)


def test_frozen_names_are_those_of_the_papers_net() -> None:
    backbone = model.assemble(Plan("resnet18", (32, 32), 2), None, "none", 0, 0)
    for made, name in (
        (backbone, "layer1"),
        (model.assemble(PLAN, None, "none", 0, 0), "stages"),
    ):
        made.get_submodule(model.inside(made, (name,))[0])


NET = nn.Sequential(
    nn.Flatten(), nn.Linear(6, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Linear(4, 3)
)
ROWS = np.random.default_rng(0).normal(size=(11, 2, 3)).astype(np.float32)


def test_probabilities_are_the_softmax_and_leave_the_net_alone() -> None:
    before = {name: value.clone() for name, value in NET.state_dict().items()}
    actual = probabilities(NET, Rows(ROWS), batch_size=5)
    NET.eval()
    expected = NET(torch.from_numpy(ROWS)).softmax(dim=1).detach().numpy()
    assert np.allclose(actual, expected, atol=1e-6) and np.allclose(
        actual.sum(axis=1), 1, atol=1e-12
    )
    assert all(torch.equal(value, before[name]) for name, value in NET.state_dict().items())


def test_batches_do_not_matter() -> None:
    assert np.allclose(
        probabilities(NET, Rows(ROWS), batch_size=2),
        probabilities(NET, Rows(ROWS), batch_size=11),
        atol=1e-6,
    )


def test_large_outputs_do_not_overflow() -> None:
    net = nn.Sequential(nn.Flatten(), nn.Linear(6, 2))
    nn.init.constant_(net[1].weight, 1e4)
    assert np.isfinite(probabilities(net, Rows(ROWS))).all()


def test_embeddings_are_what_the_head_reads() -> None:
    deep = embeddings(NET, Rows(ROWS), batch_size=4)
    logits = torch.from_numpy(deep).float() @ NET[4].weight.T + NET[4].bias
    assert deep.shape == (11, 4)
    assert np.allclose(
        logits.detach().softmax(dim=1).numpy(), probabilities(NET, Rows(ROWS)), atol=1e-6
    )
