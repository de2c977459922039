"""Truncated He weights."""

import math

import numpy as np
import pytest
import torch

from featkit.nets.random.init import he_normal, stream


def test_spread_is_he_and_cut_at_two_of_its_own_deviations():
    weights = he_normal("layer", (4000, 3, 3, 16), seed=0)
    fan_in = 3 * 3 * 16
    # Variance of a normal cut at ±2: 1 − 4 φ(2) / (Φ(2) − Φ(−2)).
    kept = 1 - 4 * math.exp(-2) / math.sqrt(2 * math.pi) / math.erf(math.sqrt(2))
    assert weights.std().item() == pytest.approx(math.sqrt(2.6 * kept / fan_in), rel=3e-3)
    assert weights.std().item() == pytest.approx(math.sqrt(2 / fan_in), rel=6e-3)
    assert abs(weights.mean().item()) < 4 * math.sqrt(2 / fan_in / weights.numel())
    limit = 2 * math.sqrt(2.6 / fan_in)
    assert weights.abs().max().item() <= limit * (1 + 1e-6)
    assert weights.abs().max().item() > 0.999 * limit


def test_a_truncated_normal_and_not_another_shape():
    # Within one deviation lies (Φ(1) − Φ(−1)) / (Φ(2) − Φ(−2)) = 0.6827 / 0.9545 of the values.
    weights = he_normal("layer", (100_000, 1, 1, 26), seed=3)
    inside = (weights.abs() < math.sqrt(2.6 / 26)).double().mean().item()
    assert inside == pytest.approx(math.erf(math.sqrt(0.5)) / math.erf(math.sqrt(2)), abs=2e-3)


def test_seed_and_name_decide():
    first = he_normal("a", (8, 3, 3, 2), seed=0)
    assert first.dtype == torch.float32
    assert torch.equal(first, he_normal("a", (8, 3, 3, 2), seed=0))
    for other in (he_normal("a", (8, 3, 3, 2), seed=1), he_normal("b", (8, 3, 3, 2), seed=0)):
        assert abs(np.corrcoef(first.ravel(), other.ravel())[0, 1]) < 0.3


def test_streams_of_large_seeds_differ():
    # A generator that kept 32 bits of its seed would give the same numbers here.
    assert stream("a", 1).random() != stream("a", 1 + 2**32).random()
