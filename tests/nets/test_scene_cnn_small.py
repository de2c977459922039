"""The net of task 1B."""

import pytest
import torch

from featkit.nets import adapters, catalog


@pytest.mark.parametrize(("shape", "values"), [((862, 64), 121_027), ((3, 64, 862), 124_163)])
@pytest.mark.parametrize("decision", ["clip", "time"])
def test_it_has_the_papers_parameters(shape, values, decision) -> None:
    net = catalog.blank(f"scene_cnn_small:decision={decision}", shape, 3)
    assert adapters.parameters(net) == values


def test_it_decides_at_26_positions_of_10_seconds() -> None:
    net = catalog.blank("scene_cnn_small:decision=time", (3, 64, 862), 3)
    assert net(torch.empty(2, 3, 64, 862, device="meta")).shape == (2, 26, 3)
