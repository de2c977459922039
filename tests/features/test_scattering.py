"""Scattering of clips: shapes, gain, and seeds; the wavelets have a test of their own."""

import numpy as np
import pytest

from featkit.audio import Signal
from featkit.errors import ParameterError
from featkit.features import get_feature
from featkit.features._fullband import SR, reference


@pytest.fixture(scope="module")
def noise():
    return reference(7)[0]


@pytest.mark.parametrize("on", ["log", "magnitude"])
def test_vectors_have_one_length_whatever_the_clips_and_do_not_hear_gain(on, noise):
    feature = get_feature(f"scattering:on={on}")
    assert feature.shape == (128 + 8 * (5 + 7 * 11),)
    rows = [feature(Signal(noise.samples[:length], SR)) for length in (SR // 100, SR)]
    assert [row.shape for row in rows] == [feature.shape] * 2
    quieter = feature(Signal(0.03 * noise.samples[:SR], SR))
    np.testing.assert_allclose(quieter, rows[1], atol=2e-3)


def test_a_clip_backwards_has_its_directions_exchanged(noise):
    feature = get_feature("scattering:scales=2,rates=3,regions=2")
    row, back = (
        feature(Signal(samples[:SR], SR))[128:]
        for samples in (noise.samples, noise.samples[:SR][::-1].copy())
    )
    # 2 maps of scales, then for each rate one of it alone and 2 with scales, of 2 regions each.
    for first in range(2 * 2 + 2, len(row), 2 + 2 * 4):
        for start in (first, first + 4):
            # Channels within parts: up, down, up, down.
            pairs = row[start : start + 4].reshape(2, 2), back[start : start + 4].reshape(2, 2)
            np.testing.assert_allclose(pairs[0], pairs[1][:, ::-1], atol=0.1)


def test_a_seed_moves_biases_only(noise):
    one, other = (
        get_feature(f"scattering:scales=2,rates=3,pool=mean+ppv,seed={seed}")(noise)
        for seed in (0, 1)
    )
    start = 128
    for channels in (1, 1, *(1, 2, 2) * 3):
        size = 8 * channels
        assert np.array_equal(one[start : start + size], other[start : start + size])
        fractions = slice(start + size, start + 2 * size)
        assert not np.array_equal(one[fractions], other[fractions])
        start += 2 * size
    assert start == len(one)


@pytest.mark.parametrize(
    "text", ["rates=8", "scales=0", "scales=7", "regions=17", "regions=0", "seed=-1", "pool=median"]
)
def test_what_is_impossible_is_refused(text):
    with pytest.raises(ParameterError):
        get_feature(f"scattering:{text}")
