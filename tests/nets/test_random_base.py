"""Vectors from maps."""

import pytest
import torch

from featkit.nets.random.base import Joined, Parallel, RandomNet, average
from featkit.nets.random.conv import RandomConv, Window


def test_average_is_over_time_and_frequency_in_float32():
    x = torch.arange(24.0).view(1, 2, 3, 4)
    assert average(x).tolist() == [[10.0, 11.0, 12.0, 13.0]]
    # In bfloat16 a running sum of ones stops at 256.
    many = average(torch.ones(1, 5000, 1, 2, dtype=torch.bfloat16))
    assert many.dtype == torch.float32
    assert many.tolist() == [[1.0, 1.0]]


def test_parallel_and_joined_keep_the_order():
    nets = [
        Parallel([RandomConv(name, (1, n), Window((2, 2)), 0) for n in (3, 2)])
        for name in ("a", "b")
    ]
    x = torch.randn(2, 9, 5, generator=torch.Generator().manual_seed(0))
    both = Joined(nets)
    assert [actual.shape[3] for actual in both.maps(x[..., None])] == [3, 2, 3, 2]
    assert torch.equal(both(x), torch.cat([net(x) for net in nets], 1))
    assert both.n_parameters() == 2 * 5 * (4 + 1)


def test_maps_are_to_be_defined():
    with pytest.raises(TypeError, match="RandomNet does not define its maps"):
        RandomNet().maps(torch.zeros(1))
