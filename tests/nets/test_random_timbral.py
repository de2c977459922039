"""R2, R3, R4: sizes, and what moves when a pattern moves."""

import torch
from torch.nn import functional

from featkit.nets.random.timbral import SHAPES, timbral, vertical


def clip(seed: int = 0) -> torch.Tensor:
    return torch.randn(1, 1376, 96, generator=torch.Generator().manual_seed(seed)) * 10 - 30


def close(actual: torch.Tensor, expected: torch.Tensor) -> bool:
    return bool(((actual - expected).abs().max() <= 1e-5 * expected.abs().max()).item())


def test_vertical_sizes():
    for mels, places in ((96, 1), (86, 11)):
        net = vertical(mels, 3, 0)
        bare = torch.cat(list(net.layers[0].tiles(clip()[..., None])), 1)
        assert bare.shape == (1, 1370, places, 3)
        assert [actual.shape for actual in net.maps(clip()[..., None])] == [(1, 1370, 1, 3)]


def test_vertical_equals_plain_torch():
    net, x = vertical(86, 5, 2), clip()
    weight = net.layers[0].weight.permute(0, 3, 1, 2)
    expected = functional.max_pool2d(functional.conv2d(x[:, None], weight).relu(), (1, 11)).mean(
        (2, 3)
    )
    assert close(net(x), expected)


def test_pitch_map_moves_with_the_pattern():
    layer = vertical(86, 4, 0).layers[0]
    pattern = torch.randn(40, 60, generator=torch.Generator().manual_seed(1))
    still, moved = torch.zeros(2, 1376, 96)
    still[100:140, 13:73] = pattern
    for shift in (1, 4, 10):
        moved[:] = 0
        moved[100:140, 13 + shift : 73 + shift] = pattern
        first, second = (
            torch.cat(list(layer.tiles(x[None, ..., None])), 1) for x in (still, moved)
        )
        assert close(second[:, :, shift:], first[:, :, : 11 - shift])
        assert not close(second, first)


def test_timbral_sizes_and_plain_torch():
    net, x = timbral(2, 1), clip()
    means = []
    for layer, actual, (frames, mels, multiple) in zip(
        net.layers, net.maps(x[..., None]), SHAPES, strict=True
    ):
        assert actual.shape == (1, 1376, 1, 2 * multiple)
        plain = functional.conv2d(
            x[:, None], layer.weight.permute(0, 3, 1, 2), padding=(frames // 2, 0)
        )
        assert plain.shape[3] == 97 - mels == {86: 11, 38: 59}[mels]
        means.append(plain.relu().amax(3).mean(2))
    assert close(net(x), torch.cat(means, 1))
