"""Convolution, pooling and activation against torch's own."""

import math

import pytest
import torch
from torch.nn import functional

from featkit.errors import ParameterError
from featkit.nets.random import conv as random_conv
from featkit.nets.random.conv import RandomConv, Window, blocks, elu, max_pool, same_padding, window


def random(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def close(actual: torch.Tensor, expected: torch.Tensor) -> None:
    assert actual.shape == expected.shape
    assert (actual - expected).abs().max().item() <= 1e-5 * expected.abs().max().item()


@pytest.mark.parametrize("n", [350_000, 349_984, 349_985])
@pytest.mark.parametrize("kernel", [512, 256, 128, 64, 32])
def test_same_padding_gives_the_rounded_up_length(n, kernel):
    before, after = same_padding(n, kernel, 32)
    assert (n + before + after - kernel) / 32 + 1 == math.ceil(n / 32)
    assert after - before in (0, 1)


def test_same_padding_by_hand():
    assert [same_padding(350_000, k, 32) for k in (512, 32)] == [(248, 248), (8, 8)]
    assert [same_padding(1376, k) for k in (165, 128, 7, 3, 1)] == [
        (82, 82),
        (63, 64),
        (3, 3),
        (1, 1),
        (0, 0),
    ]


@pytest.mark.parametrize("activation", ["relu", "elu"])
@pytest.mark.parametrize(("inputs", "margin"), [(1, 1), (1, 0), (5, 1), (5, 0)])
def test_equals_torch_with_pooling_last(inputs, margin, activation):
    layer = RandomConv(
        "x",
        (inputs, 7),
        Window((3, 3), pool=(4, 2), same=True, margin=margin),
        0,
        activation=activation,
    )
    x = random(2, 43, 20, inputs) * 3
    plain = functional.conv2d(
        x.permute(0, 3, 1, 2), layer.weight.permute(0, 3, 1, 2), padding=(1, margin)
    )
    active = functional.elu(plain) if activation == "elu" else plain.relu()
    close(layer(x), functional.max_pool2d(active, (4, 2)).permute(0, 2, 3, 1))


@pytest.mark.parametrize("kernel", [2, 5, 8])
@pytest.mark.parametrize(("tile", "pieces"), [(1, 17), (2000, 4), (10**9, 1)])
def test_tiles_do_not_show(monkeypatch, tile, pieces, kernel):
    layer = RandomConv("x", (6, 4), Window((kernel, 2), pool=(3, 0), same=True), 0)
    x = random(1, 50, 9, 6)
    before, after = same_padding(50, kernel)
    padded = functional.pad(x, (0, 0, 0, 0, before, after)).permute(0, 3, 1, 2)
    expected = functional.max_pool2d(
        functional.conv2d(padded, layer.weight.permute(0, 3, 1, 2)), (3, 8)
    ).relu()
    monkeypatch.setattr(random_conv, "TILE", tile)
    monkeypatch.setattr(random_conv, "TILE_PER_WEIGHT", 0)
    # A step of 8 frequencies × 4 filters has 128 bytes; tiles are 3, 15 or all of the 50 steps.
    assert len(list(layer.tiles(x))) == pieces
    close(layer(x), expected.permute(0, 2, 3, 1))


@pytest.mark.parametrize(
    ("kernel", "stride", "same"), [(12, 4, False), (12, 4, True), (4, 4, True), (3, 3, False)]
)
def test_blocks_equal_a_stride(kernel, stride, same):
    n = 101
    layer = RandomConv("x", (1, 5), Window((kernel, 1), same=same, block=stride), 0)
    x = random(2, n, 1, 1)
    padded = functional.pad(x[:, :, 0, 0], same_padding(n, kernel, stride) if same else (0, 0))
    expected = functional.conv1d(
        padded[:, None], layer.weight.reshape(5, 1, kernel), stride=stride
    ).relu()
    close(layer(x)[:, :, 0], expected.transpose(1, 2))


def test_max_pool_drops_the_rest_and_zero_spans_all():
    x = random(2, 17, 8, 3)
    expected = functional.max_pool2d(x.permute(0, 3, 1, 2), (4, 3)).permute(0, 2, 3, 1)
    assert max_pool(x, (4, 3)).shape == (2, 4, 2, 3)
    assert torch.equal(max_pool(x, (4, 3)), expected)
    assert torch.equal(max_pool(x, (1, 0)), x.amax(2, keepdim=True))
    assert torch.equal(max_pool(x, (1, 1)), x)


def test_max_pool_leaves_its_input():
    x = random(1, 12, 4, 2)
    before = x.clone()
    max_pool(x, (3, 2))
    assert torch.equal(x, before)


@pytest.mark.parametrize("activation", [elu, torch.relu])
def test_pooling_commutes_with_the_activation(activation):
    x = random(1, 40, 12, 3) * 5
    assert torch.equal(activation(max_pool(x, (4, 3))), max_pool(activation(x), (4, 3)))


def test_elu_equals_torch():
    x = torch.cat([torch.linspace(-200, 200, 4001), torch.tensor([-1e-9, 0.0, 1e-9, -1e4])])
    assert (elu(x) - functional.elu(x)).abs().max().item() <= 1.2e-7
    assert elu(x.bfloat16()).dtype == torch.bfloat16


def test_window_and_blocks():
    x = torch.arange(1.0, 8.0).view(1, 7, 1, 1)
    assert window(x, -2, 3).flatten().tolist() == [0, 0, 1, 2, 3]
    assert window(x, 5, 9).flatten().tolist() == [6, 7, 0, 0]
    assert blocks(x, 3).flatten(2).tolist() == [[[1, 2, 3], [4, 5, 6]]]
    assert blocks(x, 3, 1, 1).flatten(2).tolist() == [[[0, 1, 2], [3, 4, 5], [6, 7, 0]]]


def test_too_small_a_map_is_refused():
    with pytest.raises(
        ParameterError, match="2 steps × 96 frequencies is too small for a kernel of 7 × 96"
    ):
        RandomConv("x", (1, 2), Window((7, 96)), 0)(torch.zeros(1, 2, 96, 1))
    with pytest.raises(ParameterError, match="too small"):
        RandomConv("x", (1, 2), Window((1, 3), pool=(1, 4)), 0)(torch.zeros(1, 9, 5, 1))
