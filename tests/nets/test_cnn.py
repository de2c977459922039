"""Small convolutional nets."""

import pytest
import torch
from torch.nn import functional

from featkit.errors import ParameterError
from featkit.nets import catalog
from featkit.nets.adapters import parameters
from featkit.nets.cnn import AudioCNN
from featkit.nets.crnn import AudioCRNN


def by_hand(net, image, strides=(1, 1, 1)):
    """The maps of three padded convolutions with ReLU and max-pooling."""
    for layer, stride in zip((net.stages[0], net.stages[3], net.stages[6]), strides, strict=True):
        maps = functional.conv2d(
            image, layer.weight, layer.bias, stride, layer.weight.shape[2] // 2
        )
        image = functional.max_pool2d(maps.relu(), 2)
    return image


def test_cnn_parameters_follow_from_its_sizes() -> None:
    convolutions = (1 * 9 + 1) * 16 + (16 * 9 + 1) * 32 + (32 * 9 + 1) * 64
    dense = (64 * 16 * 16 + 1) * 128 + (128 + 1) * 4
    assert parameters(AudioCNN((128, 128), 4)) == convolutions + dense


def test_crnn_parameters_follow_from_its_sizes() -> None:
    convolutions = (1 * 9 + 1) * 16 + (16 * 9 + 1) * 32 + (32 * 9 + 1) * 64
    recurrent = 4 * 128 * (64 * 16 + 128 + 2)
    net = AudioCRNN((128, 128), 4)
    assert parameters(net) == convolutions + recurrent + (128 + 1) * 4


@pytest.mark.parametrize(
    ("options", "strides"),
    [({}, (1, 1, 1)), ({"kernels": (3, 5, 7), "strides": (1, 2, 3)}, (1, 2, 3))],
)
def test_cnn_is_relu_and_max_pooling_then_two_layers(options, strides) -> None:
    torch.manual_seed(0)
    net, rows = AudioCNN((40, 44), 3, **options).eval(), torch.randn(2, 40, 44)
    maps = by_hand(net, rows.transpose(1, 2)[:, None], strides)
    assert torch.allclose(net(rows), net.head(net.hidden(maps.flatten(1)).relu()), atol=1e-6)


def test_training_drops_half_of_the_hidden_layer() -> None:
    torch.manual_seed(0)
    net, seen = AudioCNN((16, 16), 3, hidden=4000), []
    net.hidden.bias.data.fill_(10.0)
    net.head.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    net(torch.zeros(1, 16, 16))
    assert (seen[0] == 0).float().mean().item() == pytest.approx(0.5, abs=0.05)


def test_sizes_and_strides_may_increase() -> None:
    net = catalog.blank("cnn:kernels=3+5+7,strides=1+2+3", (128, 128), 4)
    convolutions = [layer for layer in net.stages if isinstance(layer, torch.nn.Conv2d)]
    assert [layer.kernel_size for layer in convolutions] == [(3, 3), (5, 5), (7, 7)]
    assert [layer.stride for layer in convolutions] == [(1, 1), (2, 2), (3, 3)]
    # 128 → 128 → 64 → 32 → 16 → 6 → 3
    assert net.hidden.in_features == 64 * 3 * 3


def test_one_size_makes_one_net_of_unlike_rows() -> None:
    nets = [catalog.blank("cnn:size=32", shape, 4) for shape in ((173, 1025), (431, 40))]
    assert [net.hidden.in_features for net in nets] == [64 * 4 * 4] * 2


def test_crnn_reads_the_last_column_of_the_maps() -> None:
    torch.manual_seed(0)
    net, rows = AudioCRNN((40, 24), 3).eval(), torch.randn(2, 40, 24)
    maps = by_hand(net, rows.transpose(1, 2)[:, None])
    steps = maps.flatten(1, 2).transpose(1, 2)
    assert steps.shape == (2, 5, 64 * 3)
    _, (last, _) = net.lstm(steps)
    assert torch.allclose(net(rows), net.head(last[-1]), atol=1e-6)


@pytest.mark.parametrize("net", [AudioCNN, AudioCRNN])
def test_images_that_vanish_are_refused(net: type[torch.nn.Module]) -> None:
    assert net((8, 8), 3).eval()(torch.zeros(1, 8, 8)).shape == (1, 3)
    with pytest.raises(ParameterError, match="40×7 vanish"):
        net((7, 40), 3)


@pytest.mark.parametrize("options", [{"kernels": (3, 5)}, {"strides": (0,)}, {"kernels": (4,)}])
def test_kernels_and_strides_that_do_not_fit_are_refused(options) -> None:
    with pytest.raises(ParameterError, match=next(iter(options))):
        AudioCNN((32, 32), 3, **options)
