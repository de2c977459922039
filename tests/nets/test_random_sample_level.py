"""R8 against plain torch."""

import pytest
import torch
from torch.nn import functional

from featkit.errors import ParameterError
from featkit.nets.random.sample_level import RandomSampleLevel


@torch.inference_mode()
def test_lengths_and_plain_torch():
    net = RandomSampleLevel(4, 0)
    x = torch.randn(1, 350_000, 1, generator=torch.Generator().manual_seed(0)) * 0.1
    assert [actual.shape[1] for actual in net.maps(x[..., None])] == [
        116_666,
        38_888,
        12_962,
        4_320,
        1_440,
        480,
        160,
    ]
    first, *rest = net.layers
    plain = functional.conv1d(x.transpose(1, 2), first.weight.reshape(4, 1, 3), stride=3).relu()
    means = [plain.mean(2)]
    for layer in rest:
        weight = layer.weight[:, :, 0].transpose(1, 2)
        plain = functional.max_pool1d(functional.conv1d(plain, weight, padding=1).relu(), 3)
        means.append(plain.mean(2))
    expected = torch.cat(means, 1)
    assert (net(x) - expected).abs().max().item() <= 1e-5 * expected.abs().max().item()


def test_needs_2187_samples():
    # 3⁷ samples leave one step behind the last pool.
    net = RandomSampleLevel(2, 0)
    assert net(torch.ones(1, 2187, 1)).shape == (1, 14)
    with pytest.raises(ParameterError, match="too small"):
        net(torch.ones(1, 2186, 1))
