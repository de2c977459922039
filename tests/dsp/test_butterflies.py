"""Each radix, and their chain, against the sums that define them."""

import numpy as np
import pytest

from featkit.dsp.butterflies import PLANE, fft, pass2, pass3, pass4, pass5, pass7
from featkit.dsp.lanes import factors, plan

PASSES = {2: pass2, 3: pass3, 4: pass4, 5: pass5, 7: pass7}


@pytest.mark.parametrize("r", sorted(PASSES))
@pytest.mark.parametrize(("m", "s"), [(1, 16), (1, 48), (5, 16), (3, 80)])
def test_a_pass_is_its_sum(rng, r, m, s):
    plane, n = int(PLANE), r * m * s
    x = rng.standard_normal(2 * plane).astype(np.float32)
    y = np.full(2 * plane, np.nan, dtype=np.float32)
    angle = -2 * np.pi * np.outer(np.arange(m), np.arange(1, r)) / (r * m)
    turn = 2 * np.pi * np.arange(r) / r
    w, turns = (np.stack([np.cos(a), np.sin(a)], axis=-1).astype(np.float32) for a in (angle, turn))
    PASSES[r](x, y, w, np.uint64(m), np.uint64(s), *([turns] if r % 2 else []))
    inputs = (x[:n] + 1j * x[plane : plane + n]).reshape(m, r, s)
    inputs[:, 1:] *= np.exp(1j * angle)[:, :, None]
    expected = np.einsum("kj,pji->kpi", np.exp(-1j * np.outer(turn, np.arange(r))), inputs)
    np.testing.assert_allclose(
        (y[:n] + 1j * y[plane : plane + n]).reshape(r, m, s), expected, atol=5e-6
    )
    assert np.isnan(y[n:plane]).all() and np.isnan(y[plane + n :]).all()


def test_a_chain_of_passes_is_the_fourier_transform(rng):
    plane, n = int(PLANE), 2 * 3 * 4 * 5 * 7
    x, y = (rng.standard_normal(2 * plane).astype(np.float32) for _ in range(2))
    signals = (x[: n * 16] + 1j * x[plane : plane + n * 16]).reshape(n, 16)
    radices, twiddles, turns, _ = plan(2 * n)
    assert sorted(radices) == [2, 3, 4, 5, 7] == sorted(factors(n))
    result = fft(x, y, n, radices, twiddles, turns)
    transforms = (result[: n * 16] + 1j * result[plane : plane + n * 16]).reshape(n, 16)
    expected = np.fft.fft(signals, axis=0)
    np.testing.assert_allclose(
        transforms / np.abs(expected).max(), expected / np.abs(expected).max(), atol=5e-7
    )
