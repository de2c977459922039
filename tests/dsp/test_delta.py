"""The three definitions of deltas."""

import librosa
import numpy as np
import pytest

from featkit.dsp import delta
from featkit.errors import ParameterError


def test_plain_difference(rng):
    x = rng.standard_normal((7, 3))
    np.testing.assert_array_equal(delta.plain(x), x[1:] - x[:-1])


@pytest.mark.parametrize("width", [3, 9, 11])
def test_regression_is_librosas(rng, width):
    x = rng.standard_normal((30, 4))
    np.testing.assert_allclose(
        delta.regression(x, width), librosa.feature.delta(x, width=width, axis=0), atol=1e-12
    )
    np.testing.assert_allclose(delta.regression(np.arange(20.0)[:, None], width), 1.0, atol=1e-12)


def test_old_librosa_gives_60_on_a_unit_ramp_and_lags_by_4():
    ramp = np.arange(40.0)[:, None] * [1.0, -0.5]
    result = delta.librosa031(ramp)
    assert result.shape == ramp.shape
    np.testing.assert_allclose(result[8:], [[60.0, -30.0]] * 32, atol=1e-9)
    impulse = np.zeros((30, 1))
    impulse[10] = 1.0
    np.testing.assert_allclose(
        delta.librosa031(impulse)[10:19, 0], [4, 3, 2, 1, 0, -1, -2, -3, -4], atol=1e-12
    )


def test_old_librosa_starts_from_zeros_five_frames_before_the_first():
    result = delta.librosa031(np.full((6, 1), 3.0, dtype=np.float32))
    np.testing.assert_allclose(result[:, 0], [27.0, 21.0, 12.0, 0.0, 0.0, 0.0], atol=1e-5)
    assert result.dtype == np.float32


def test_bad_widths_and_short_clips_are_refused():
    for width in (1, 4):
        with pytest.raises(ParameterError, match="odd"):
            delta.regression(np.zeros((20, 1)), width)
        with pytest.raises(ParameterError, match="odd"):
            delta.librosa031(np.zeros((20, 1)), width)
    with pytest.raises(ParameterError, match="the clip has 8"):
        delta.regression(np.zeros((8, 1)))
