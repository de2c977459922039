"""Poolings of maps: by hand, by loops, and whatever the pieces they are computed in."""

import numpy as np
import pytest
import torch

from featkit.errors import ParameterError
from featkit.nets.random import pooling
from featkit.nets.random.pooling import pooled, quantiles, side_by_side
from featkit.nets.random.pools import BIASED, POOLS, check


def plainly(pool, values, bias):
    """What a pooling makes of ``values`` (frequencies, frames), in loops."""
    above = [
        (time / max(values.shape[1] - 1, 1), value - bias)
        for row in values
        for time, value in enumerate(row)
        if value > bias
    ]
    runs = []
    for row in values:
        longest = run = 0
        for value in row:
            run = run + 1 if value > bias else 0
            longest = max(longest, run)
        runs.append(longest / len(row))
    return {
        "mean": values.mean(),
        "relu": values[values > 0].sum() / values.size,
        "std": values.std(),
        "max": values.max(),
        "ppv": len(above) / values.size,
        "mpv": np.mean([excess for _, excess in above]) if above else 0.0,
        "mipv": np.mean([time for time, _ in above]) if above else -1.0,
        "lspv": np.mean(runs),
    }[pool]


@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (5, 13)])
def test_poolings_are_those_of_the_loops(pool, shape, rng):
    maps = rng.normal(size=(2, 3, *shape)).astype(np.float32)
    bias = np.array([-0.5, 0.4, 9.0], dtype=np.float32)
    (values,) = pooled(torch.from_numpy(maps), torch.from_numpy(bias), [pool])
    expected = [[plainly(pool, maps[n, c], bias[c]) for c in range(3)] for n in range(2)]
    np.testing.assert_allclose(values.numpy(), expected, atol=1e-6)


def test_a_ramp_by_hand():
    ramp = torch.arange(5.0)[None, None, None]  # 0 1 2 3 4, above 1.5 from frame 2 on
    values = dict(zip(POOLS, pooled(ramp, torch.tensor([1.5]), POOLS).flatten(), strict=True))
    assert values == pytest.approx(
        {
            "mean": 2.0,
            "relu": 2.0,
            "std": 2**0.5,
            "max": 4.0,
            "ppv": 0.6,
            "mpv": 1.5,
            "mipv": 0.75,
            "lspv": 0.6,
        }
    )


def test_parts_and_pieces_change_nothing_but_the_order(rng, monkeypatch):
    maps = torch.from_numpy(rng.normal(size=(2, 5, 8, 6)).astype(np.float32))
    bias = torch.linspace(-1, 1, 5)
    whole = pooled(maps, bias, POOLS, parts=4)
    assert whole.shape == (len(POOLS), 2, 20)
    monkeypatch.setattr(pooling, "CHUNK", 1)
    torch.testing.assert_close(pooled(maps, bias, POOLS, parts=4), whole)
    for part in range(4):
        alone = pooled(maps[:, :, 2 * part : 2 * part + 2], bias, POOLS)
        torch.testing.assert_close(whole[:, :, 5 * part : 5 * part + 5], alone)


def test_without_a_bias_it_has_no_effect(rng):
    maps = torch.from_numpy(rng.normal(size=(1, 2, 3, 4)).astype(np.float32))
    for pool in POOLS:
        one, other = (pooled(maps, torch.full((2,), level), [pool]) for level in (-9.0, 9.0))
        assert torch.equal(one, other) == (pool not in BIASED)


def test_a_quantile_is_exceeded_by_the_rest(rng):
    maps = torch.from_numpy(rng.normal(size=(4, 2, 10, 50)).astype(np.float32))
    bias = quantiles(maps, np.array([0.6, 0.98]))
    above = pooled(maps, bias, ["ppv"])[0].mean(0)
    assert above.tolist() == pytest.approx([0.4, 0.02], abs=1e-6)


def test_side_by_side_is_pooling_by_pooling():
    first, second = torch.arange(4.0).view(2, 1, 2), torch.arange(10.0, 12.0).view(2, 1, 1)
    assert side_by_side([first, second]).tolist() == [[0, 1, 10, 2, 3, 11]]


@pytest.mark.parametrize("pools", [(), ("mean", "mean"), ("median",)])
def test_what_is_no_pooling_is_refused(pools):
    with pytest.raises(ParameterError):
        check(pools, "feature")
