"""R1 against a plain torch net; batch statistics."""

import pytest
import torch
from torch import nn

from featkit.nets.random.vgg import EPSILON, POOLS, RandomVGG


def clips(n: int) -> torch.Tensor:
    return torch.randn(n, 1376, 96, generator=torch.Generator().manual_seed(0)) * 12 - 40


def reference(net: RandomVGG, *, batch_norm: bool) -> nn.ModuleList:
    """The same net from torch's parts, in the order convolution, normalisation, ELU, pooling."""
    layers = []
    for layer, pool in zip(net.layers, POOLS, strict=True):
        outputs, *_, inputs = layer.weight.shape
        plain = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        plain.weight.data = layer.weight.data.permute(0, 3, 1, 2).contiguous()
        norm = nn.BatchNorm2d(outputs, eps=EPSILON) if batch_norm else nn.Identity()
        layers.append(nn.Sequential(plain, norm, nn.ELU(), nn.MaxPool2d(pool)))
    return nn.ModuleList(layers)


def run(layers: nn.ModuleList, x: torch.Tensor) -> torch.Tensor:
    x, means = x[:, None], []
    for layer in layers:
        x = layer(x)
        means.append(x.mean((2, 3)))
    return torch.cat(means, 1)


def difference(actual: torch.Tensor, expected: torch.Tensor) -> float:
    return ((actual - expected).abs().max() / expected.abs().max()).item()


@torch.inference_mode()
def test_sizes_of_the_maps():
    net = RandomVGG(4, 0)
    actual = [tuple(item.shape[1:]) for item in net.maps(clips(1)[..., None])]
    assert actual == [(344, 48, 4), (86, 16, 4), (17, 8, 4), (4, 4, 4), (1, 1, 4)]


@pytest.mark.parametrize("batch_norm", [False, True])
@torch.inference_mode()
def test_equals_plain_torch(batch_norm):
    net = RandomVGG(8, 3, batch_norm=batch_norm)
    x = clips(3)
    assert (
        difference(net(x), run(reference(net, batch_norm=batch_norm).double(), x.double())) <= 1e-5
    )


@torch.inference_mode()
def test_batches_do_not_matter_without_batch_norm():
    net, x = RandomVGG(32, 0), clips(5)
    alone = torch.cat([net(x[i : i + 1]) for i in range(5)])
    for order in ([0, 1, 2, 3, 4], [4, 2, 0], [1, 3]):
        assert difference(net(x[order]), alone[order]) <= 1e-5


@torch.inference_mode()
def test_batches_matter_with_batch_norm():
    net, x = RandomVGG(8, 0, batch_norm=True), clips(3)
    x[1] *= 2
    assert difference(net(x)[:1], net(x[:1])) > 0.05
    assert difference(net(x)[:1], net(x[[0, 2]])[:1]) > 0.05


@torch.inference_mode()
def test_a_batch_of_one_forgets_the_gain():
    # Biases are 0, so each layer's map is proportional to the gain, which its normalisation takes
    # away.
    net, x = RandomVGG(8, 0, batch_norm=True), clips(1)
    assert difference(net(3 * x), net(x)) <= 1e-3
    assert difference(RandomVGG(8, 0)(3 * x), RandomVGG(8, 0)(x)) > 0.3


@torch.inference_mode()
def test_first_layer_has_the_statistics_of_the_batch():
    # Without pooling and ELU the means of the normalised first map over the batch are 0.
    net, x = RandomVGG(6, 0, batch_norm=True), clips(4)
    net.layers[0].pool, net.layers[0].activation = (1, 1), lambda values: values
    first = next(net.maps(x[..., None]))
    assert first.mean((0, 1, 2)).abs().max().item() < 1e-5
    assert (first.var((0, 1, 2)) - 1).abs().max().item() < 1e-3
