"""The instrument report's nets T1, T2, T5, T6."""

import math

import pytest
import torch

from featkit.errors import ParameterError
from featkit.nets import instrument
from featkit.nets.adapters import parameters

NETS = [
    instrument.AudioCNN,
    instrument.AudioLSTM,
    instrument.SwappedLSTM,
    instrument.AudioTransformer,
    instrument.AudioCRNN,
]


@pytest.mark.parametrize("net", NETS)
@pytest.mark.parametrize("shape", [(40, 24), (3, 16, 30), (8, 8)])
def test_any_shape_gives_one_logit_per_class(
    net: type[torch.nn.Module], shape: tuple[int, ...]
) -> None:
    assert net(shape, 6)(torch.randn(2, *shape)).shape == (2, 6)


def test_transformer_has_the_specified_parameters() -> None:
    net = instrument.AudioTransformer((173, 128), 4)
    assert parameters(net) == 397_956 and parameters(net.encoder) == 397_440
    assert net.encoder.norm is None and net.encoder.layers[0].self_attn.num_heads == 8


def test_cnn_parameters_follow_from_its_sizes() -> None:
    convolutions = (1 * 9 + 1) * 16 + (16 * 9 + 1) * 32 + (32 * 9 + 1) * 64
    dense = (64 * 16 * 16 + 1) * 128 + (128 + 1) * 4
    assert parameters(instrument.AudioCNN((128, 128), 4)) == convolutions + dense


@pytest.mark.parametrize(("swapped", "width"), [(False, 40), (True, 173)])
def test_lstm_reads_frames_or_coefficients_as_its_values(swapped: bool, width: int) -> None:
    net = instrument.AudioLSTM((173, 40), 4, swapped=swapped, hidden=8, layers=2)
    assert net.lstm.input_size == width
    gates = 4 * 8
    assert parameters(net) == gates * (width + 8 + 2) + gates * (8 + 8 + 2) + (8 + 1) * 4


def test_the_swapped_lstm_is_the_other_one_on_transposed_rows() -> None:
    swapped, plain = instrument.SwappedLSTM((20, 6), 3), instrument.AudioLSTM((6, 20), 3)
    plain.load_state_dict(swapped.state_dict())
    rows = torch.randn(2, 20, 6)
    assert torch.equal(swapped(rows), plain(rows.transpose(1, 2)))


def test_lstm_depends_on_order_and_its_last_step() -> None:
    net, rows = instrument.AudioLSTM((12, 4), 3), torch.randn(1, 12, 4)
    assert not torch.allclose(net(rows), net(rows.flip(1)))


def test_positions_are_sines_and_cosines() -> None:
    found = instrument.positions(50, 128)
    assert found[7, 0].item() == pytest.approx(math.sin(7), abs=1e-6)
    assert found[7, 1].item() == pytest.approx(math.cos(7), abs=1e-6)
    assert found[7, 64].item() == pytest.approx(math.sin(7 * 10000**-0.5), abs=1e-6)
    assert instrument.positions(3, 7).shape == (3, 7)


def test_without_positions_the_transformer_would_not_see_order() -> None:
    net, rows = instrument.AudioTransformer((9, 16), 3).eval(), torch.randn(1, 9, 16)
    assert not torch.allclose(net(rows), net(rows.flip(1)), atol=1e-4)
    net.positions.zero_()
    assert torch.allclose(net(rows), net(rows.flip(1)), atol=1e-5)


@pytest.mark.parametrize(("width", "heads"), [(128, 8), (60, 6), (40, 8), (13, 1)])
def test_heads_divide_the_width(width: int, heads: int) -> None:
    assert instrument.AudioTransformer((9, width), 3).encoder.layers[0].self_attn.num_heads == heads


@pytest.mark.parametrize("net", [instrument.AudioCNN, instrument.AudioCRNN])
def test_images_that_vanish_are_refused(net: type[torch.nn.Module]) -> None:
    with pytest.raises(ParameterError, match="at least 8×8"):
        net((7, 40), 3)
