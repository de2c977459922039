"""The contract of a net and its defaults."""

import pytest
import torch
from torch import nn

from featkit.errors import ParameterError
from featkit.nets import adapters, base
from featkit.nets.base import Net


class Two(Net):
    """Two linear layers, the last of which is not the head."""

    head_path = "top"

    def __init__(self) -> None:
        super().__init__()
        self.top = nn.Linear(4, 3)
        self.side = nn.Linear(4, 3)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return self.top(rows)

    def reset_head(self) -> None:
        nn.init.constant_(self.top.weight, 2.0)


def test_a_module_other_than_a_net_has_the_defaults() -> None:
    outputs, targets = torch.randn(5, 3), torch.arange(5) % 3
    for net in (nn.Linear(2, 3), Two()):
        assert base.loss(net, outputs, targets) == nn.functional.cross_entropy(outputs, targets)
        votes = base.probabilities(net, outputs)
        assert votes.dtype == torch.float64
        assert torch.allclose(votes, outputs.double().softmax(dim=1), atol=1e-15)


def test_large_outputs_do_not_overflow() -> None:
    votes = base.probabilities(nn.Identity(), torch.tensor([[1e30, 0.0]]))
    assert votes.tolist() == [[1.0, 0.0]]


def test_a_net_names_its_head_and_draws_it_its_own_way() -> None:
    net = Two()
    assert adapters.head(net) == ("top", net.top)
    assert adapters.head(nn.Sequential(nn.Linear(4, 4), net)) == ("1.top", net.top)
    side = net.side.weight.clone()
    base.reset_head(net)
    assert (net.top.weight == 2).all() and torch.equal(net.side.weight, side)


def test_rows_of_joined_representations_are_split_into_them() -> None:
    first, second = torch.randn(2, 3, 4), torch.randn(2, 5)
    parts = base.split(torch.cat([first.flatten(1), second], dim=1), [(3, 4), (5,)])
    assert torch.equal(parts[0], first) and torch.equal(parts[1], second)


def test_a_net_must_vote_for_the_classes() -> None:
    with torch.device("meta"):
        net = Two()
    base.probe(net, (4,), 3)
    with pytest.raises(ParameterError, match=r"\(2, 3\) for two rows and 5 classes"):
        base.probe(net, (4,), 5)
    with pytest.raises(ParameterError, match=r"cannot read rows of shape \(7,\)"):
        base.probe(net, (7,), 3)
