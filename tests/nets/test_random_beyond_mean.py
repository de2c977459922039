"""Random nets pooled beyond the mean."""

import numpy as np
import pytest
import torch

from featkit.nets.random.beyond_mean import BeyondMean
from featkit.nets.random.zoo import build


@pytest.mark.parametrize("arch", ["vgg", "timbral_temporal"])
def test_blocks_are_the_poolings_of_the_nets_own_maps(arch, rng):
    net = build(arch, 4, 0)
    x, noise = (
        torch.from_numpy(rng.normal(-40, 20, (2, 1376, 96)).astype(np.float32)) for _ in range(2)
    )
    with torch.inference_mode():
        row = BeyondMean(net, ("mean", "std", "max"), 0, noise)(x).numpy().reshape(2, 3, -1)
        maps = [each.numpy() for each in net.maps(net.entry(x))]
        plain = net(x).numpy()
    np.testing.assert_allclose(row[:, 0], plain, rtol=1e-5)
    deviations = np.concatenate([each.std((1, 2)) for each in maps], 1)
    np.testing.assert_allclose(row[:, 1], deviations, rtol=1e-4, atol=1e-4)
    largest = np.concatenate([each.max((1, 2)) for each in maps], 1)
    np.testing.assert_array_equal(row[:, 2], largest)


def test_biases_are_exceeded_by_2_to_40_percent_of_the_reference(rng):
    noise = torch.from_numpy(rng.normal(-40, 20, (2, 1376, 96)).astype(np.float32))
    with torch.inference_mode():
        net = BeyondMean(build("timbral", 8, 0), ("ppv",), 0, noise)
        above = net(noise).mean(0).numpy()
    # A filter that seldom fires has a bias of 0, and less than the least of all is above that.
    fires = np.concatenate([bias.numpy() for bias in net.buffers()]) > 0
    assert fires.mean() > 0.3
    assert ((above[fires] > 0.015) & (above[fires] < 0.405)).all()
    assert np.ptp(above[fires]) > 0.1
