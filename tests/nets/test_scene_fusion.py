"""Middle and late fusion."""

import pytest
import torch

from featkit.errors import ParameterError
from featkit.nets import adapters, catalog

SINGLE = 4_953_930
FIRST = 64 * 9 + 64 * 64 * 9 + 2 * 2 * 64  # convolutions and batch norms of the first block
BODY = SINGLE - (512 * 512 + 512) - (512 * 10 + 10)


@pytest.mark.parametrize(
    ("join", "values", "mib"),
    [
        ("middle", SINGLE + 3 * FIRST + 3 * 64 * 128 * 9, "20.173"),
        ("late", SINGLE + 3 * BODY, "72.526"),
    ],
)
def test_representations_have_layers_of_their_own(join: str, values: int, mib: str) -> None:
    net = catalog.blank(f"scene_fusion:join={join}", (4, 64, 862), 10)
    assert adapters.parameters(net) == values
    assert f"{4 * values / 2**20:.3f}" == mib


@pytest.mark.parametrize("join", ["middle", "late"])
def test_each_layer_reads_its_own_representation(join: str) -> None:
    net = catalog.build(f"scene_fusion:join={join},width=0.1", (3, 16, 64), 4).eval()
    rows = torch.randn(2, 3, 16, 64)
    maps = [net.apart[k](rows[:, k : k + 1]) for k in range(3)]
    if join == "middle":
        pooled = net.readout.pooled(net.joint(torch.cat(maps, dim=1)))
    else:
        pooled = net.readout.pooled(maps[0])
        pooled = pooled + net.readout.pooled(maps[1]) + net.readout.pooled(maps[2])
    assert torch.allclose(net(rows), net.readout(pooled), atol=1e-5)


@pytest.mark.parametrize("shape", [(862, 64), (1, 64, 862)])
def test_one_representation_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ParameterError, match="two or more"):
        catalog.build("scene_fusion", shape, 10)
