"""A filter bank as the non-zero stretches of its matrix: what the compiled spectra sum over."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Bands:
    """The non-zero stretch of each filter, as compiled code takes them.

    Filter m weighs bins first[m] to last[m] − 1 by weights[offset[m] …]. Stretches are padded with
    zero weights to a multiple of 4, so they may end up to 3 bins above the highest bin.
    """

    first: NDArray[np.int64]
    last: NDArray[np.int64]
    offset: NDArray[np.int64]
    weights: Floats

    @classmethod
    def of(cls, matrix: Floats) -> Self:
        """Return the stretches of ``matrix`` (filters, bins); a filter of zeros has none."""
        used = matrix > 0
        some = used.any(axis=1)
        first = np.where(some, used.argmax(axis=1), 0)
        stop = np.where(some, matrix.shape[1] - used[:, ::-1].argmax(axis=1), 0)
        last = first + -(-(stop - first) // 4) * 4
        wider = np.pad(matrix, ((0, 0), (0, 3)))
        weights = np.concatenate([row[a:b] for row, a, b in zip(wider, first, last, strict=True)])
        return cls(first, last, np.cumsum(last - first) - (last - first), weights)

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        """First, last, offset and weights."""
        return self.first, self.last, self.offset, self.weights
