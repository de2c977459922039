"""A filter bank's non-zero stretches: a weighted sum over them is the matrix product."""

import numpy as np

from featkit.dsp.bands import Bands


def test_stretches_are_the_matrix_padded_to_fours():
    matrix = np.zeros((3, 10), dtype=np.float32)
    matrix[0, 2:7] = [1, 2, 3, 4, 5]
    matrix[2, 9] = 6
    bands = Bands.of(matrix)
    assert bands.first.tolist() == [2, 0, 9]
    assert bands.last.tolist() == [10, 0, 13]
    assert bands.offset.tolist() == [0, 8, 8]
    assert bands.weights.tolist() == [1, 2, 3, 4, 5, 0, 0, 0, 6, 0, 0, 0]


def test_sums_over_stretches_are_the_product(rng):
    matrix = np.maximum(0, rng.standard_normal((5, 30)) - 1).astype(np.float32)
    bands, power = Bands.of(matrix), rng.random(33)
    sums = [
        bands.weights[offset : offset + last - first] @ power[first:last]
        for first, last, offset in zip(bands.first, bands.last, bands.offset, strict=True)
    ]
    np.testing.assert_allclose(sums, matrix @ power[:30], rtol=1e-6)
