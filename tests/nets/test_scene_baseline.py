"""The challenge's net for three scenes."""

import pytest
import torch
from torch.nn import functional

from featkit.errors import ParameterError
from featkit.nets import adapters, catalog


def test_it_has_the_published_size() -> None:
    net = catalog.blank("scene_baseline", (500, 40), 3)
    norms = sum(
        adapters.parameters(layer)
        for layer in net.modules()
        if isinstance(layer, torch.nn.BatchNorm2d)
    )
    values = adapters.parameters(net) - norms
    assert (values, round(4 * values / 1024, 1)) == (115_219, 450.1)
    assert norms == 2 * (32 + 64)


def test_maps_shrink_as_published() -> None:
    maps, sizes = torch.empty(1, 1, 40, 500, device="meta"), []
    for layer in catalog.blank("scene_baseline", (500, 40), 3).layers:
        maps = layer(maps)
        sizes += [tuple(maps.shape[1:])] if isinstance(layer, torch.nn.MaxPool2d) else []
    assert sizes == [(32, 8, 100), (64, 2, 1)]


def test_outputs_are_those_of_its_layers_one_by_one() -> None:
    torch.manual_seed(0)
    net = catalog.build("scene_baseline", (25, 20), 4).eval()
    rows = torch.randn(2, 25, 20)
    maps = rows.transpose(1, 2).unsqueeze(1)
    for place, pool in ((0, (5, 5)), (5, (4, 5))):
        layer = net.layers[place]
        assert layer.bias is not None and layer.kernel_size == (7, 7)
        maps = functional.conv2d(maps, layer.weight, layer.bias, padding=3) / (1 + 1e-5) ** 0.5
        maps = functional.max_pool2d(maps.clamp(min=0), pool)
    hidden = net.layers[11](maps.flatten(1)).clamp(min=0)
    assert torch.allclose(net(rows), net.head(hidden), atol=1e-6)


def test_training_drops_three_tenths_three_times() -> None:
    net = catalog.blank("scene_baseline", (500, 40), 3)
    drops = [layer.p for layer in net.modules() if isinstance(layer, torch.nn.Dropout)]
    assert drops == [0.3] * 3


@pytest.mark.parametrize("shape", [(500, 19), (4, 40)])
def test_rows_it_cannot_read_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ParameterError, match="20 × 5"):
        catalog.build("scene_baseline", shape, 2)
