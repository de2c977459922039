"""The orthonormal DCT-II against scipy in double precision."""

import numpy as np
import pytest
from scipy import fft

from featkit.dsp.cepstrum import cepstrum, dct_matrix
from featkit.errors import ParameterError


def test_cepstrum_is_the_dct(rng):
    x = (rng.standard_normal((9, 128)) * 40 - 50).astype(np.float32)
    expected = fft.dct(x.astype(float), norm="ortho")[:, :20]
    np.testing.assert_allclose(cepstrum(x, 20), expected, atol=5e-4)
    np.testing.assert_allclose(x @ dct_matrix(128, 20).T, expected, atol=1e-10)


def test_the_matrix_is_orthonormal():
    square = dct_matrix(16, 16)
    np.testing.assert_allclose(square @ square.T, np.eye(16), atol=1e-12)


@pytest.mark.parametrize("n", [0, 13])
def test_too_many_or_no_coefficients_are_refused(n):
    with pytest.raises(ParameterError, match="n_mfcc"):
        cepstrum(np.zeros((2, 12), dtype=np.float32), n)
