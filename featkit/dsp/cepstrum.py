"""Cepstral coefficients: the orthonormal DCT-II of log-mel bands."""

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from featkit.errors import ParameterError

Floats = NDArray[np.float32]


def cepstrum(logmel: Floats, n_mfcc: int) -> Floats:
    """Return the first ``n_mfcc`` coefficients of the orthonormal DCT-II along the last axis, shape
    (frames, n_mfcc).
    """
    if not 1 <= n_mfcc <= logmel.shape[-1]:
        raise ParameterError(f"n_mfcc={n_mfcc} must lie between 1 and n_mels={logmel.shape[-1]}")
    return np.ascontiguousarray(fft.dct(logmel, type=2, norm="ortho", axis=-1)[..., :n_mfcc])


def dct_matrix(n_in: int, n_out: int) -> NDArray[np.float64]:
    """Return D, shape (n_out, n_in), with D @ x = the first ``n_out`` orthonormal DCT-II
    coefficients of x.

    D[k, n] = √(2 / N) · cos(π · k · (2n + 1) / 2N), and 1 / √N in row 0.
    """
    k, n = np.arange(n_out)[:, None], np.arange(n_in)
    rows: NDArray[np.float64] = np.sqrt(2.0 / n_in) * np.cos(np.pi * k * (2 * n + 1) / (2 * n_in))
    rows[0] = np.sqrt(1.0 / n_in)
    return rows
