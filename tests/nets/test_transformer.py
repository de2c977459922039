"""Self-attention over the frames."""

import math

import pytest
import torch

from featkit.nets.adapters import parameters
from featkit.nets.transformer import AudioTransformer, positions


def test_transformer_has_the_specified_parameters() -> None:
    net = AudioTransformer((173, 128), 4)
    assert parameters(net) == 397_956 and parameters(net.encoder) == 397_440
    assert net.encoder.norm is None and net.encoder.layers[0].self_attn.num_heads == 8


def test_positions_are_sines_and_cosines() -> None:
    actual = positions(50, 128)
    assert actual[7, 0].item() == pytest.approx(math.sin(7), abs=1e-6)
    assert actual[7, 1].item() == pytest.approx(math.cos(7), abs=1e-6)
    assert actual[7, 64].item() == pytest.approx(math.sin(7 * 10000**-0.5), abs=1e-6)
    assert positions(3, 7).shape == (3, 7)


def test_without_positions_the_transformer_would_not_see_order() -> None:
    net, rows = AudioTransformer((9, 16), 3).eval(), torch.randn(1, 9, 16)
    assert not torch.allclose(net(rows), net(rows.flip(1)), atol=1e-4)
    net.positions.zero_()
    assert torch.allclose(net(rows), net(rows.flip(1)), atol=1e-5)


@pytest.mark.parametrize(("width", "heads"), [(128, 8), (60, 6), (40, 8), (13, 1)])
def test_heads_divide_the_width(width: int, heads: int) -> None:
    assert AudioTransformer((9, width), 3).encoder.layers[0].self_attn.num_heads == heads


def test_frames_are_averaged_behind_the_encoder() -> None:
    torch.manual_seed(0)
    net, rows = AudioTransformer((9, 16), 3).eval(), torch.randn(2, 9, 16)
    frames = net.encoder(rows + positions(9, 16))
    assert torch.allclose(net(rows), net.head(frames.mean(dim=1)), atol=1e-6)
    layer = net.encoder.layers[0]
    assert (len(net.encoder.layers), layer.linear1.out_features) == (3, 256)
    assert net.dropout.p == layer.dropout.p == 0.1
