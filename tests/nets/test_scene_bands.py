"""Nets on bands."""

import pytest
import torch

from featkit.errors import ParameterError
from featkit.nets import adapters, base, catalog
from featkit.nets.scene_bands import bands


@pytest.mark.parametrize(
    ("height", "bins", "hop", "count", "starts"),
    [
        (40, 16, 8, 0, [0, 8, 16, 24]),
        (64, 16, 8, 0, [0, 8, 16, 24, 32, 40, 48]),
        (44, 16, 8, 0, [0, 8, 16, 24, 28]),
        (40, 16, 8, 5, [0, 6, 12, 18, 24]),
        (64, 16, 8, 5, [0, 12, 24, 36, 48]),
        (16, 16, 8, 0, [0]),
        (16, 16, 8, 1, [0]),
    ],
)
def test_bands_reach_the_highest_bin(height, bins, hop, count, starts) -> None:
    cut = bands(height, bins, hop, count)
    assert cut == tuple((start, start + bins) for start in starts)
    assert cut[-1][1] == height


@pytest.mark.parametrize(
    ("height", "bins", "hop", "count"),
    [(40, 41, 8, 0), (40, 0, 8, 0), (40, 16, 0, 0), (40, 8, 9, 0), (64, 16, 8, 3), (40, 16, 8, 1)],
)
def test_bands_that_leave_bins_out_are_refused(height, bins, hop, count) -> None:
    with pytest.raises(ParameterError):
        bands(height, bins, hop, count)


@pytest.mark.parametrize(
    ("options", "shape", "count"),
    [
        ("", (862, 40), 4),
        ("", (862, 64), 7),
        (":count=5", (862, 40), 5),
        (":count=5", (862, 64), 5),
    ],
)
def test_each_band_has_a_complete_net(options, shape, count) -> None:
    net = catalog.blank(f"scene_bands{options}", shape, 10)
    assert adapters.parameters(net) == count * 4_953_930
    assert net(torch.empty(2, *shape, device="meta")).shape == (2, count, 10)


def test_a_band_is_heard_by_its_own_net_only() -> None:
    net = catalog.build("scene_bands:width=0.1", (40, 40), 3).eval()
    rows = torch.randn(2, 40, 40)
    before = net(rows)
    rows[:, :, 7] += 10  # below the second band's first bin, 8
    moved = (net(rows) != before).any(dim=2).any(dim=0)
    assert moved.tolist() == [True, False, False, False]


def test_what_the_heads_read_is_the_embedding_and_all_heads_are_drawn_anew() -> None:
    net = catalog.build("scene_bands:width=0.1", (40, 40), 3).eval()
    deep = adapters.embed(net, torch.randn(2, 40, 40))
    assert deep.shape == (2, 4 * 51)
    before = [layer.weight.clone() for layer in net.head.layers]
    base.reset_head(net)
    assert not any(
        torch.equal(layer.weight, old) for layer, old in zip(net.head.layers, before, strict=True)
    )
