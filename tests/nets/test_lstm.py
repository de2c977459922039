"""Recurrent layers over frames and over coefficients."""

import pytest
import torch

from featkit.nets.adapters import parameters
from featkit.nets.lstm import AudioLSTM
from featkit.nets.lstm_swapped import SwappedLSTM


@pytest.mark.parametrize(("swapped", "width"), [(False, 40), (True, 173)])
def test_lstm_reads_frames_or_coefficients_as_its_values(swapped: bool, width: int) -> None:
    net = AudioLSTM((173, 40), 4, swapped=swapped, hidden=8, layers=2)
    assert net.lstm.input_size == width
    gates = 4 * 8
    assert parameters(net) == gates * (width + 8 + 2) + gates * (8 + 8 + 2) + (8 + 1) * 4


def test_the_swapped_lstm_is_the_other_one_on_transposed_rows() -> None:
    swapped, plain = SwappedLSTM((20, 6), 3), AudioLSTM((6, 20), 3)
    plain.load_state_dict(swapped.state_dict())
    rows = torch.randn(2, 20, 6)
    assert torch.equal(swapped(rows), plain(rows.transpose(1, 2)))


def test_lstm_is_classified_by_the_last_step_of_its_last_layer() -> None:
    torch.manual_seed(0)
    net, rows = AudioLSTM((12, 4), 3), torch.randn(2, 12, 4)
    _, (last, _) = net.lstm(rows)
    assert net.lstm.num_layers == 2
    assert torch.allclose(net(rows), net.head(last[-1]), atol=1e-6)
    assert not torch.allclose(net(rows), net(rows.flip(1)))
