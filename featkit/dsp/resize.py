"""Antialiased bilinear resizing of a float image, as Pillow does it (and so torchvision).

Along one axis, output i lies at c = (i + ½) · n_in / n_out and averages the inputs under a triangle
of half-width max(1, n_in / n_out) around c: an interpolation when enlarging, a weighted mean when
shrinking. Rows and columns are resized in turn, each by a banded matrix that is computed once.
"""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from featkit.errors import ParameterError

Floats = NDArray[np.float32]


@lru_cache(maxsize=256)
def matrix(n_in: int, n_out: int) -> Any:
    """Return the sparse float32 matrix, shape (n_out, n_in), that resizes ``n_in`` values.

    Its rows sum to 1.
    """
    if n_in < 1 or n_out < 1:
        raise ParameterError(f"cannot resize {n_in} to {n_out} values; both must be at least 1")
    scale = n_in / n_out
    reach = max(scale, 1.0)
    centres = (np.arange(n_out) + 0.5) * scale
    first = np.maximum(0, (centres - reach + 0.5).astype(int))
    last = np.minimum(n_in, (centres + reach + 0.5).astype(int))
    rows = np.repeat(np.arange(n_out), last - first)
    columns = np.concatenate([np.arange(a, b) for a, b in zip(first, last, strict=True)])
    weights = np.maximum(0.0, 1.0 - np.abs((columns + 0.5 - centres[rows]) / reach))
    weights /= np.bincount(rows, weights)[rows]
    return sparse.csr_array((weights.astype(np.float32), (rows, columns)), shape=(n_out, n_in))


def resize(image: Floats, shape: tuple[int, int]) -> Floats:
    """Return a float32 image (rows, columns) resized to ``shape``."""
    rows, columns = shape
    out = image if image.shape[1] == columns else (matrix(image.shape[1], columns) @ image.T).T
    return np.ascontiguousarray(out if out.shape[0] == rows else matrix(out.shape[0], rows) @ out)
