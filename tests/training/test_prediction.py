"""Outputs of a net."""

import numpy as np
import torch
from torch import nn

from featkit.training.data import Rows
from featkit.training.prediction import embeddings, probabilities

NET = nn.Sequential(
    nn.Flatten(), nn.Linear(6, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Linear(4, 3)
)
ROWS = np.random.default_rng(0).normal(size=(11, 2, 3)).astype(np.float32)


def test_probabilities_are_the_softmax_and_leave_the_net_alone() -> None:
    before = {name: value.clone() for name, value in NET.state_dict().items()}
    found = probabilities(NET, Rows(ROWS), batch_size=5)
    NET.eval()
    wanted = NET(torch.from_numpy(ROWS)).softmax(dim=1).detach().numpy()
    assert np.allclose(found, wanted, atol=1e-6) and np.allclose(found.sum(axis=1), 1, atol=1e-12)
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
