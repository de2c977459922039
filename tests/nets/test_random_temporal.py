"""R5, R7: lengths, the envelope, "same" padding."""

import numpy as np
import pytest
import torch

from featkit.errors import ParameterError
from featkit.nets.random.temporal import temporal


def clip() -> torch.Tensor:
    return torch.randn(1, 1376, 96, generator=torch.Generator().manual_seed(0)) * 10 - 30


@pytest.mark.parametrize("kind", ["temporal", "time"])
@pytest.mark.parametrize(
    ("filters", "split"), [(8, [6, 14, 30, 62]), (4, [3, 7, 15, 31]), (256, [192, 448, 960, 1984])]
)
def test_filter_split(kind, filters, split):
    assert [len(layer.weight) for layer in temporal(kind, filters, 0).layers] == split
    assert sum(split) == 14 * filters


@pytest.mark.parametrize("kind", ["temporal", "time"])
def test_equals_numpy_on_the_envelope(kind):
    net, x = temporal(kind, 4, 0), clip()
    envelope = x[0].double().mean(1).numpy()
    actual = list(net.maps(x[..., None]))
    for layer, item in zip(net.layers, actual, strict=True):
        length = layer.kernel[0]
        padded = np.pad(envelope, ((length - 1) // 2, length // 2))
        for number, kernel in enumerate(layer.weight[:, :, 0, 0].double().numpy()):
            expected = np.maximum(np.correlate(padded, kernel, "valid"), 0)
            assert len(expected) == 1376
            assert np.abs(item[0, :, 0, number].numpy() - expected).max() <= 1e-5 * max(
                expected.max(), 1
            )


def test_order_of_mels_does_not_matter():
    net, x = temporal("temporal", 8, 0), clip()
    shuffled = x[:, :, torch.randperm(96, generator=torch.Generator().manual_seed(1))]
    assert (net(shuffled) - net(x)).abs().max().item() <= 1e-5 * net(x).abs().max().item()
    rising = x.sort(1).values
    assert (net(rising) - net(x)).abs().max().item() > 0.01 * net(x).abs().max().item()


def test_filters_come_in_fours():
    with pytest.raises(ParameterError, match="filters=6 is not a multiple of 4"):
        temporal("time", 6, 0)
