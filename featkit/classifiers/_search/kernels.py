"""Kernel matrices from inner products that are computed once, and sums of kernels over blocks of
features.

Rows are clips, everything is float64. With g_ij = ⟨x_i, x_j⟩ the squared distance is g_ii + g_jj −
2·g_ij, so the linear kernel and the RBF kernels of every γ share one matrix product; each γ then
costs one exponential.

A block of d_b among d columns, such as one of several features, has a kernel of its own with
γ·d/d_b instead of γ (or, if linear, times d/d_b), as if it were repeated to fill all d columns:
γ = 1/d then means 1/d_b to each block. A single block is not rescaled.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.preprocessing import StandardScaler

from featkit.errors import ParameterError

Matrix = NDArray[np.float64]
Blocks = Sequence[int] | Literal["features"]
_BLOCK_BYTES = 1 << 20  # rows are processed in chunks that fit into cache


@dataclass(frozen=True)
class Products:
    """Inner products of some rows with the training rows, and squared norms, for one block.

    Attributes
    ----------
    inner : ndarray of shape (m, t)
    squares : ndarray of shape (m,)
    train_squares : ndarray of shape (t,)
    repeats : float
        d/d_b.
    """

    inner: Matrix
    squares: Matrix
    train_squares: Matrix
    repeats: float = 1.0

    @classmethod
    def of(cls, rows: Matrix, train: Matrix, repeats: float = 1.0) -> "Products":
        """Return the products of ``rows`` (m, d_b) with ``train`` (t, d_b)."""
        return cls(rows @ train.T, row_squares(rows), row_squares(train), repeats)

    def kernel(self, params: Mapping[str, Any]) -> Matrix:
        """Return the kernel matrix (m, t) of the candidate ``params``; do not write to it."""
        if params["kernel"] == "rbf":
            return rbf(self.inner, self.squares, self.train_squares, params["gamma"] * self.repeats)
        return self.inner if self.repeats == 1.0 else self.inner * self.repeats


def summed(blocks: Sequence[Products], params: Mapping[str, Any]) -> Matrix:
    """Return Σ_b w_b·K_b, shape (m, t), with the weights of ``params``; one block has none."""
    if len(blocks) == 1:
        return blocks[0].kernel(params)
    total = np.zeros_like(blocks[0].inner)
    for block, weight in zip(blocks, params["weights"], strict=True):
        if weight > 0.0:
            total += weight * block.kernel(params)
    return total


def by_block(rows: Matrix, train: Matrix, blocks: Sequence[tuple[slice, float]]) -> list[Products]:
    """Return the products of rows (m, d) with training rows (t, d), block by block."""
    return [Products.of(rows[:, part], train[:, part], repeats) for part, repeats in blocks]


def linear_scales(blocks: Sequence[tuple[slice, float]], params: Mapping[str, Any]) -> Matrix:
    """Return factors of the columns, (d,), whose inner products are the linear kernel `summed`."""
    weights = params.get("weights", (1.0,) * len(blocks))
    scales = np.empty(blocks[-1][0].stop)
    for (part, repeats), weight in zip(blocks, weights, strict=True):
        scales[part] = np.sqrt(weight * repeats)
    return scales


def columns(blocks: Blocks, d: int) -> list[tuple[slice, float]]:
    """Return the columns of each block and d/d_b; without blocks there is one of ``d`` columns.

    Raises
    ------
    ParameterError
        If the blocks do not add up to ``d`` columns.
    """
    widths = (d,) if blocks == "features" else tuple(map(int, blocks)) or (d,)
    if min(widths) < 1 or sum(widths) != d:
        raise ParameterError(
            f"blocks={tuple(blocks)} must be numbers of columns above 0 that add up to {d}"
        )
    ends = np.cumsum(widths)
    return [
        (slice(int(end) - width, int(end)), d / width)
        for width, end in zip(widths, ends, strict=True)
    ]


def rbf(inner: Matrix, squares: Matrix, train_squares: Matrix, gamma: float) -> Matrix:
    """Return exp(−γ·|x_i − x_j|²), in [0, 1], from inner products (m, t) and squared norms."""
    kernel = np.empty_like(inner)
    step = max(1, _BLOCK_BYTES // (8 * max(1, inner.shape[1])))
    for start in range(0, len(inner), step):
        part = kernel[start : start + step]
        np.multiply(inner[start : start + step], 2.0 * gamma, out=part)
        part -= gamma * squares[start : start + step, None]
        part -= gamma * train_squares
        np.minimum(part, 0.0, out=part)
        np.exp(part, out=part)
    return kernel


def row_squares(X: Matrix) -> Matrix:
    """Return the squared norm of every row."""
    return np.asarray(np.einsum("ij,ij->i", X, X))


def _check_finite(blocks: Sequence[Products]) -> None:
    if not all(np.isfinite(block.inner).all() for block in blocks):
        raise ParameterError(
            "inner products of the features overflow; "
            "scale the features (scale=True) or divide them by a constant"
        )


class ProductSource:
    """Inner products for any training rows and held-out rows of one data set.

    Parameters
    ----------
    X : ndarray of shape (n, d)
        Clips, or their n × n matrix of inner products if ``precomputed``.
    scale : bool
        Standardise by mean and deviation of the training rows, so every set of them needs products
        of its own. Otherwise one n × n matrix serves all sets.
    precomputed : bool
        ``X`` holds kernel values.
    blocks : sequence of int
        Columns of each block of features; empty for a single one.
    """

    def __init__(
        self, X: Matrix, scale: bool, precomputed: bool = False, blocks: Blocks = ()
    ) -> None:
        self.X = X
        self.precomputed = precomputed
        self.scale = scale and not precomputed
        self.blocks = columns(blocks, X.shape[1])
        self._whole = [X] if precomputed else []

    def __call__(
        self, train: NDArray[np.intp], held_out: Sequence[NDArray[np.intp]]
    ) -> list[list[Products]]:
        """Return the products of the training rows with themselves, then of each held-out set.

        Each entry is a list with one `Products` per block.
        """
        products = self._scaled(train, held_out) if self.scale else self._indexed(train, held_out)
        for rows in products:
            _check_finite(rows)
        return products

    def afresh(self, train: NDArray[np.intp]) -> Callable[[NDArray[np.intp], int], list[Products]]:
        """Return a function from any rows, and a number, to their products with the first so many
        training rows.

        No products are kept, so memory is that of the rows asked for at a time.
        """
        if self.precomputed:
            diagonal = self.X.diagonal()
            return lambda rows, n: [
                Products(self.X[np.ix_(rows, train[:n])], diagonal[rows], diagonal[train[:n]])
            ]
        self._whole = []
        select = self.features(train)
        left = select(train)

        def products(rows: NDArray[np.intp], n: int) -> list[Products]:
            blocks = by_block(select(rows), left[:n], self.blocks)
            _check_finite(blocks)
            return blocks

        return products

    def features(self, train: NDArray[np.intp]) -> Callable[[NDArray[np.intp]], Matrix]:
        """Return a function from any rows to their features, scaled by the training rows."""
        scaler = self.scaler(train) if self.scale else None

        def select(rows: NDArray[np.intp]) -> Matrix:
            return self.X[rows] if scaler is None else np.asarray(scaler.transform(self.X[rows]))

        return select

    def scaler(self, train: NDArray[np.intp]) -> StandardScaler:
        """Return a scaler fitted on the training rows; it transforms in place."""
        return StandardScaler(copy=False).fit(self.X[train])

    def _scaled(
        self, train: NDArray[np.intp], held_out: Sequence[NDArray[np.intp]]
    ) -> list[list[Products]]:
        scaler = self.scaler(train)
        left = scaler.transform(self.X[train])
        others = (scaler.transform(self.X[rows]) for rows in held_out)
        return [by_block(rows, left, self.blocks) for rows in itertools.chain([left], others)]

    def _indexed(
        self, train: NDArray[np.intp], held_out: Sequence[NDArray[np.intp]]
    ) -> list[list[Products]]:
        if not self._whole:
            self._whole = [self.X[:, part] @ self.X[:, part].T for part, _ in self.blocks]
        products = []
        for rows in (train, *held_out):
            grams = zip(
                self._whole, (gram.diagonal() for gram in self._whole), self.blocks, strict=True
            )
            products.append(
                [
                    Products(g[np.ix_(rows, train)], d[rows], d[train], repeats)
                    for g, d, (_, repeats) in grams
                ]
            )
        return products
