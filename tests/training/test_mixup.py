"""Mixup, F12."""

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from featkit.training import mixup


def test_a_share_of_one_is_the_identity() -> None:
    rows, partners = np.random.default_rng(0).normal(size=(5, 3)), np.arange(5)[::-1]
    assert mixup.mix(rows, 1.0, partners) is rows


def test_rows_are_mixed_linearly() -> None:
    rows = np.array([[0.0], [8.0]])
    assert mixup.mix(rows, 0.25, np.array([1, 0])).tolist() == [[6.0], [2.0]]


def test_the_loss_is_linear_in_the_share() -> None:
    torch.manual_seed(0)
    outputs, targets, partners = torch.randn(6, 4), torch.arange(6) % 4, torch.randperm(6)
    ends = [mixup.loss(cross_entropy, outputs, targets, share, partners) for share in (0.0, 1.0)]
    assert ends[1] == cross_entropy(outputs, targets)
    for share in (0.2, 0.7):
        mixed = mixup.loss(cross_entropy, outputs, targets, share, partners)
        assert mixed.item() == pytest.approx(
            (share * ends[1] + (1 - share) * ends[0]).item(), rel=1e-6
        )


def test_shares_have_the_variance_of_the_beta_distribution() -> None:
    rng = np.random.default_rng(0)
    shares = [mixup.draw(0.2, 4, rng)[0] for _ in range(4000)]
    assert np.mean(shares) == pytest.approx(0.5, abs=0.03)
    assert np.var(shares) == pytest.approx(1 / (4 * (2 * 0.2 + 1)), abs=0.01)
    assert sorted(mixup.draw(0.2, 7, rng)[1]) == list(range(7))
