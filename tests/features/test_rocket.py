"""Dilated kernels on the bands of a clip: length, gain, seeds; the kernels have a test of their
own.
"""

import numpy as np
import pytest

from featkit.audio import Signal
from featkit.errors import ParameterError
from featkit.features import get_feature
from featkit.features._fullband import SR, reference


@pytest.fixture(scope="module")
def noise():
    return reference(7)[0]


@pytest.mark.parametrize("name", ["rocket:copies=1", "hydra:groups=4"])
def test_vectors_have_one_length_whatever_the_clips_and_do_not_hear_gain(name, noise):
    feature = get_feature(name)
    for length in (SR // 100, SR):
        row = feature(Signal(noise.samples[:length], SR))
        assert row.shape == feature.shape and row.dtype == np.float32
    quieter = feature(Signal(0.03 * noise.samples[:SR], SR))
    # A fraction may move by a few frames of 100.
    assert np.mean(np.abs(quieter - row) < 0.02) > 0.999


def test_shapes():
    assert get_feature("rocket").shape == (4 * 2 * 84 * 6 * 4,)
    assert get_feature("rocket:preset=mini").shape == (84 * 6 * 20,)
    assert get_feature("hydra").shape == (64 * 8 * 6 * 2,)


@pytest.mark.parametrize("name", ["rocket:copies=1,pool=max", "hydra:groups=4"])
def test_seeds_differ_and_the_same_seed_repeats(name, noise):
    sign = "," if ":" in name else ":"
    rows = [get_feature(f"{name}{sign}seed={seed}")(noise) for seed in (0, 1, 0)]
    assert np.array_equal(rows[0], rows[2])
    assert not np.allclose(rows[0], rows[1], atol=1e-2)


def test_time_reversed_is_another_clip_and_a_later_start_is_late(noise):
    feature = get_feature("rocket:copies=1,pool=mipv")
    silent = np.zeros(SR, dtype=np.float32)
    click = silent.copy()
    click[SR // 4 : SR // 4 + 200] = noise.samples[:200]
    early, late = feature(Signal(click, SR)), feature(Signal(click[::-1].copy(), SR))
    heard = (early >= 0) & (late >= 0)
    assert heard.sum() > 100
    assert early[heard].mean() < 0.45 < 0.55 < late[heard].mean()


@pytest.mark.parametrize(
    "text", ["rocket:copies=0", "rocket:seed=-1", "rocket:pool=", "hydra:groups=3", "hydra:seed=-1"]
)
def test_what_is_impossible_is_refused(text):
    with pytest.raises(ParameterError):
        get_feature(text)
