"""Piczak's net: sizes, deltas, dropout and first weights."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from featkit.dsp import delta
from featkit.errors import ParameterError
from featkit.nets import catalog
from featkit.nets.adapters import parameters
from featkit.nets.base import reset_head
from featkit.nets.piczak_cnn import PiczakCNN, old_deltas

SMALL = {"filters": 3, "hidden": 5}


@pytest.mark.parametrize(
    ("arch", "shape", "classes", "expected"),
    [
        ("piczak_cnn", (101, 60), 10, 29_106_730),
        ("piczak_cnn", (101, 60), 50, 29_306_770),
        ("piczak_cnn:deltas=true", (101, 60), 50, 29_334_130),
        ("piczak_cnn", (2, 60, 101), 50, 29_334_130),
        # 41 frames leave 80 · 3 values for the first hidden layer, 101 leave 80 · 10.
        ("piczak_cnn", (41, 60), 10, 29_106_730 - 80 * 7 * 5000),
    ],
)
def test_parameters_follow_from_its_sizes(arch, shape, classes, expected):
    assert parameters(catalog.blank(arch, shape, classes)) == expected


def test_outputs_are_those_of_its_layers_one_by_one():
    torch.manual_seed(0)
    net = PiczakCNN((101, 60), 4, **SMALL).eval()
    rows = torch.randn(2, 101, 60)
    maps = functional.conv2d(rows.transpose(1, 2)[:, None], net.conv1.weight, net.conv1.bias)
    assert maps.shape == (2, 3, 4, 96)
    maps = functional.max_pool2d(functional.relu(maps), (4, 3), (1, 3))
    assert maps.shape == (2, 3, 1, 32)
    maps = functional.conv2d(maps, net.conv2.weight, net.conv2.bias)
    assert maps.shape == (2, 3, 1, 30)
    maps = functional.max_pool2d(functional.relu(maps), (1, 3))
    assert maps.shape == (2, 3, 1, 10)
    hidden = functional.relu(net.fc2(functional.relu(net.fc1(maps.flatten(1)))))
    assert torch.allclose(net(rows), net.head(hidden), atol=1e-6)


def test_deltas_are_the_old_librosas_of_each_band():
    values = np.random.default_rng(0).normal(size=(2, 30, 6)).astype(np.float32)
    actual = old_deltas(torch.from_numpy(values).transpose(1, 2)[:, None])
    for row, image in zip(values, actual, strict=True):
        np.testing.assert_allclose(image[0].numpy().T, delta.librosa031(row), atol=1e-5)


def test_deltas_of_a_ramp_are_60_after_eight_frames():
    ramp = torch.arange(40.0)[None, None, None].expand(1, 1, 60, 40)
    assert torch.allclose(old_deltas(ramp)[..., 8:], torch.tensor(60.0))


def test_a_net_with_deltas_is_one_of_two_channels():
    torch.manual_seed(0)
    net, both = (PiczakCNN(shape, 4, **kind, **SMALL).eval()
                 for shape, kind in (((30, 60), {"deltas": True}), ((2, 60, 30), {})))  # fmt: skip
    both.load_state_dict(net.state_dict())
    rows = torch.randn(2, 30, 60)
    image = rows.transpose(1, 2)[:, None]
    assert torch.equal(net(rows), both(torch.cat([image, old_deltas(image)], dim=1)))


@pytest.mark.parametrize(
    ("place", "shapes"),
    [
        ("conv", [(2, 3, 4, 96), (2, 5), (2, 5)]),
        ("pool", [(2, 3, 1, 32), (2, 5), (2, 5)]),
    ],
)
def test_half_of_three_layers_is_dropped_in_training(place, shapes, monkeypatch):
    dropped = []

    def dropout(values, fraction, training):
        dropped.append((tuple(values.shape), fraction, training))
        return values

    monkeypatch.setattr(functional, "dropout", dropout)
    net = PiczakCNN((101, 60), 4, dropout_at=place, **SMALL)
    net(torch.randn(2, 101, 60))
    assert dropped == [(shape, 0.5, True) for shape in shapes]
    net.eval()(torch.randn(2, 101, 60))
    assert {training for *_, training in dropped[3:]} == {False}


def test_xavier_weights_fill_their_range_and_biases_are_zero():
    torch.manual_seed(0)
    net = PiczakCNN((101, 60), 4, filters=8, hidden=40)
    for layer in (net.conv1, net.conv2, net.fc1, net.fc2, net.head):
        area = layer.weight[0, 0].numel() if layer.weight.ndim == 4 else 1
        fans = area * (layer.weight.shape[0] + layer.weight.shape[1])
        limit = (6 / fans) ** 0.5
        assert 0.9 * limit < layer.weight.abs().max() <= limit
        assert not layer.bias.any()


def test_piczaks_own_weights():
    torch.manual_seed(0)
    net = PiczakCNN((101, 60), 4, filters=8, hidden=200, init="uniform")
    assert net.conv1.weight.min() < -0.00099 and net.conv2.weight.min() < -0.09
    assert 0.00099 < net.conv1.weight.abs().max() <= 0.001 and (net.conv1.bias == 0.1).all()
    assert 0.09 < net.conv2.weight.abs().max() <= 0.1 and not net.conv2.bias.any()
    for layer in (net.fc1, net.fc2, net.head):
        assert layer.weight.std().item() == pytest.approx(0.01, rel=0.1)
    before = net.head.weight.clone()
    reset_head(net)
    assert not torch.equal(before, net.head.weight)
    assert net.head.weight.std().item() == pytest.approx(0.01, rel=0.1)


@pytest.mark.parametrize("shape", [(101, 59), (21, 60), (60,)])
def test_rows_that_are_too_small_are_refused(shape):
    with pytest.raises(ParameterError, match=r"needs at least 60 bands|are not images"):
        PiczakCNN(shape, 4, **SMALL)


def test_the_smallest_rows_are_read():
    assert PiczakCNN((22, 60), 4, **SMALL).eval()(torch.randn(1, 22, 60)).shape == (1, 4)
