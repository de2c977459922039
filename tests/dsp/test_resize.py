"""Resizing against Pillow's on float images."""

import numpy as np
import pytest
from PIL import Image

from featkit.dsp.resize import matrix, resize
from featkit.errors import ParameterError


@pytest.mark.parametrize(
    "source", [(128, 501), (128, 201), (128, 101), (128, 41), (64, 3007), (33, 1), (128, 250)]
)
@pytest.mark.parametrize("target", [(128, 250), (40, 1500)])
def test_equals_pillow(rng, source, target):
    image = (rng.standard_normal(source) * 5 - 7).astype(np.float32)
    theirs = np.asarray(Image.fromarray(image).resize(target[::-1], Image.Resampling.BILINEAR))
    ours = resize(image, target)
    assert ours.dtype == np.float32 and ours.flags.c_contiguous
    np.testing.assert_allclose(ours, theirs, atol=2e-5)


def test_rows_sum_to_one_so_constants_stay():
    for n_in, n_out in ((501, 250), (3, 250), (1, 7), (1000, 3)):
        np.testing.assert_allclose(matrix(n_in, n_out).sum(axis=1), 1.0, atol=1e-6)


def test_halving_averages_four_samples_by_the_triangle():
    np.testing.assert_allclose(
        matrix(8, 4).toarray()[1], np.array([0, 1, 3, 3, 1, 0, 0, 0]) / 8, atol=1e-7
    )


def test_a_ramp_stays_a_ramp():
    ramp = resize(np.arange(100, dtype=np.float32)[None], (1, 25))[0]
    np.testing.assert_allclose(ramp[2:-2], np.arange(25)[2:-2] * 4 + 1.5, rtol=1e-6)


def test_empty_sizes_are_refused():
    with pytest.raises(ParameterError, match="at least 1"):
        matrix(0, 5)
