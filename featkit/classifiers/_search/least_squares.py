"""Least squares with the first h columns of one matrix, for several h at once.

With G = HᵀH + λI = LLᵀ, the leading h × h block of L is the factor of the leading block of G, and
the first h entries of L⁻¹HᵀT are those of the smaller problem. All sizes share one factorisation
and one forward substitution; each adds a triangular solve. If there are more columns than rows, the
same solution is Hᵀ(HHᵀ + λI)⁻¹T, and each size adds a block to HHᵀ.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_solve, cholesky, lstsq, solve_triangular
from scipy.linalg.blas import dsyrk

from featkit.errors import ParameterError

Matrix = NDArray[np.float64]


class NormalEquations:
    """HᵀH (lower triangle) and HᵀT of all rows; those of fewer rows follow by subtraction.

    Parameters
    ----------
    hidden : ndarray of shape (n, m), C order
        H.
    targets : ndarray of shape (n, k)
        T.
    """

    def __init__(self, hidden: Matrix, targets: Matrix) -> None:
        self.hidden, self.targets = hidden, targets
        self.gram, self.right = equations([(hidden, targets)])

    def without(self, rows: NDArray[np.intp]) -> tuple[Matrix, Matrix]:
        """Return HᵀH (lower triangle) and HᵀT of all rows except ``rows``, in new arrays."""
        left_out = self.hidden[rows]
        product = left_out.T @ left_out
        gram = np.subtract(self.gram, product.T, out=product.T)
        return gram, self.right - left_out.T @ self.targets[rows]


def equations(
    blocks: Iterable[tuple[NDArray[np.floating[Any]], Matrix]],
) -> tuple[Matrix, Matrix]:
    """Return HᵀH (lower triangle) and HᵀT from consecutive rows of H (C order) and of T.

    Products of single-precision rows are computed in it, and added up in double precision. NumPy
    multiplies without the interpreter's lock, so threads do it side by side; ``scipy.linalg.blas``
    holds the lock.
    """
    gram: Matrix | None = None
    right = np.zeros((1, 1))
    for hidden, targets in blocks:
        if hidden.dtype == np.float32:
            product = (hidden.T @ hidden).T  # column by column, for LAPACK
            gram = product.astype(np.float64) if gram is None else np.add(gram, product, out=gram)
        elif gram is None:
            gram = dsyrk(1.0, hidden.T, lower=1)
        else:
            gram = dsyrk(1.0, hidden.T, beta=1.0, c=gram, overwrite_c=1, lower=1)
        product = hidden.T @ targets.astype(hidden.dtype, copy=False)
        right = right + product.astype(np.float64, copy=False)
    return np.asarray(gram), right


def primal(gram: Matrix, right: Matrix, penalty: float, sizes: Sequence[int]) -> list[Matrix]:
    """Return (G_h + λI)⁻¹·right_h, shape (h, k), for each size h.

    Parameters
    ----------
    gram : ndarray of shape (m, m)
        Lower triangle of HᵀH for the largest size m; overwritten.
    right : ndarray of shape (m, k)
        HᵀT.
    penalty : float
        λ.
    """
    factor = _factor(gram, penalty)
    forward = solve_triangular(factor, right, lower=True, check_finite=False)
    solve = (
        solve_triangular(factor[:h, :h], forward[:h], lower=True, trans="T", check_finite=False)
        for h in sizes
    )
    return [np.asarray(solution) for solution in solve]


def dual(hidden: Matrix, targets: Matrix, penalty: float, sizes: Sequence[int]) -> list[Matrix]:
    """Return H_hᵀ(H_hH_hᵀ + λI)⁻¹T, shape (h, k), for each size h, ascending; H_h is (t, h)."""
    solutions = []
    kernel, done = np.zeros((len(hidden), len(hidden))), 0
    for h in sizes:
        block = np.ascontiguousarray(hidden[:, done:h])
        kernel += block @ block.T
        done = h
        weights = cho_solve((_factor(kernel.copy(), penalty), True), targets, check_finite=False)
        solutions.append(np.asarray(hidden[:, :h].T @ weights))
    return solutions


def pseudo_inverse(hidden: Matrix, targets: Matrix, sizes: Sequence[int]) -> list[Matrix]:
    """Return pinv(H_h)·T, shape (h, k), for each size h.

    Singular values below max(t, h)·ε times the largest count as 0.
    """
    epsilon = np.finfo(np.float64).eps
    solve = (
        lstsq(hidden[:, :h], targets, cond=max(len(hidden), h) * epsilon, lapack_driver="gelsd")[0]
        for h in sizes
    )
    return [np.asarray(solution) for solution in solve]


def _factor(gram: Matrix, penalty: float) -> Matrix:
    """Return the lower Cholesky factor of G + λI; G is overwritten."""
    if not np.isfinite(gram.trace()):
        raise ParameterError(
            "hidden activations overflow; "
            "scale the features (scale=True) or divide them by a constant"
        )
    gram[np.diag_indices_from(gram)] += penalty
    try:
        return np.asarray(cholesky(gram, lower=True, overwrite_a=True, check_finite=False))
    except LinAlgError as error:
        raise ParameterError(
            "the ridge is too small for these features: raise ridge_alpha, or set it to none"
        ) from error
