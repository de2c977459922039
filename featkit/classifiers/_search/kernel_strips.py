"""The kernel matrices of one set of training rows, from products in memory or computed anew.

Products in memory make each further γ cheap, but need as much memory as a kernel matrix. Beyond the
memory allowed, the products of a strip of rows are computed again for every kernel and turned into
kernel values at once, so only one kernel matrix of the training rows is in memory. Values agree but
for rounding.
"""

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from featkit.classifiers._search.kernels import Matrix, Products, ProductSource, summed

Rows = NDArray[np.intp]
STRIP_BYTES = 1 << 24  # small enough for memory to be reused instead of mapped anew


class Kernels(ABC):
    """Kernel values of ``t`` training rows, and of sets of held-out rows with them."""

    @abstractmethod
    def square(self, params: Mapping[str, Any]) -> Matrix:
        """Return the kernel matrix of the training rows, (t, t); do not write to it, nor keep it
        beyond the next call.
        """

    @abstractmethod
    def strips(self, number: int, params: Mapping[str, Any]) -> Iterator[tuple[slice, Matrix]]:
        """Yield consecutive rows of held-out set ``number`` and their kernel values (rows, t)."""


class SharedKernels(Kernels):
    """Kernels from products in memory: those of the training rows, then of each held-out set."""

    def __init__(self, products: Sequence[Sequence[Products]]) -> None:
        self.products = products

    def square(self, params: Mapping[str, Any]) -> Matrix:
        """Return the kernel matrix of the training rows, (t, t); do not write to it."""
        return summed(self.products[0], params)

    def strips(self, number: int, params: Mapping[str, Any]) -> Iterator[tuple[slice, Matrix]]:
        """Yield all rows of held-out set ``number`` and their kernel values (m, t)."""
        yield slice(None), summed(self.products[1 + number], params)


class FreshKernels(Kernels):
    """Kernels from products that are computed strip by strip, each time anew.

    Parameters
    ----------
    source : ProductSource
    train : ndarray of int, shape (t,)
    held_out : sequence of ndarray of int
    """

    def __init__(self, source: ProductSource, train: Rows, held_out: Sequence[Rows]) -> None:
        self.products = source.afresh(train)
        self.train = train
        self.held_out = held_out
        self._own = threading.local()

    def square(self, params: Mapping[str, Any]) -> Matrix:
        """Return the kernel matrix of the training rows, (t, t); half of it is mirrored.

        The next call of the same thread overwrites it: mapping that much memory takes longer than
        computing it.
        """
        if not hasattr(self._own, "square"):
            self._own.square = np.empty((len(self.train), len(self.train)))
        kernel: Matrix = self._own.square
        for start, end in self._spans(len(self.train)):
            values = summed(self.products(self.train[start:end], end), params)
            kernel[start:end, :end] = values
            kernel[:start, start:end] = values[:, :start].T
        return kernel

    def strips(self, number: int, params: Mapping[str, Any]) -> Iterator[tuple[slice, Matrix]]:
        """Yield consecutive rows of held-out set ``number`` and their kernel values (rows, t)."""
        return self._strips(self.held_out[number], params)

    def _strips(self, rows: Rows, params: Mapping[str, Any]) -> Iterator[tuple[slice, Matrix]]:
        for start, end in self._spans(len(rows)):
            part = slice(start, end)
            yield part, summed(self.products(rows[part], len(self.train)), params)

    def _spans(self, n: int) -> Iterator[tuple[int, int]]:
        step = max(1, STRIP_BYTES // (8 * len(self.train)))
        return ((start, min(start + step, n)) for start in range(0, n, step))
