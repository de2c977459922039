"""Every penalty of a ridge regression from one factorisation, with exact leave-one-out errors.

Let Z be the centred training rows, ZZᵀ = UΛUᵀ with Λ > 0, and T the centred targets. With L = U√Λ
and the orthonormal V = ZᵀU/√Λ, so that Z = LVᵀ, the weights of penalty α are V(Λ + α)⁻¹LᵀT and the
fitted values HT with the hat matrix H = L(Λ + α)⁻¹Lᵀ + 11ᵀ/t. Leaving row i out changes its
residual from e_i to e_i / (1 − H_ii) [Golub1979]: no second fit. Leaving the rows of a block G out,
such as the copies of a clip, changes theirs to (I − H_GG)⁻¹e_G. Λ and V come from ZᵀZ if there are
fewer columns than rows, and from the kernel ZZᵀ otherwise.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from sklearn.preprocessing import StandardScaler

from featkit.classifiers._search.engine import Engine, Outcome, Rows
from featkit.classifiers._search.least_squares import NormalEquations
from featkit.errors import ParameterError

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Factors:
    """The factorisation of one set of training rows.

    Attributes
    ----------
    basis : ndarray of shape (d, r)
        V.
    values : ndarray of shape (r,)
        Λ.
    coordinates : ndarray of shape (t, r)
        L, the training rows in terms of V.
    targets : ndarray of shape (t, k)
        ±1, not centred.
    """

    basis: Matrix
    values: Matrix
    coordinates: Matrix
    targets: Matrix

    @property
    def intercept(self) -> Matrix:
        """Mean target of every class, shape (k,)."""
        return np.asarray(self.targets.mean(axis=0))

    def solution(self, alpha: float) -> Matrix:
        """Return the weights of V for penalty ``alpha``, shape (r, k)."""
        products = self.coordinates.T @ (self.targets - self.intercept)
        return np.asarray(products / (self.values + alpha)[:, None])

    def left_out(self, alpha: float, blocks: Sequence[Rows] | None = None) -> Matrix:
        """Return the score of every training row by a model fitted without its block, (t, k).

        Parameters
        ----------
        alpha : float
        blocks : sequence of ndarray of int, optional
            Disjoint sets of rows, all of them; by default each row is a block.
        """
        fitted = self.coordinates @ self.solution(alpha) + self.intercept
        residuals, mean = self.targets - fitted, 1.0 / len(self.targets)
        if blocks is None:
            leverage = np.square(self.coordinates) @ (1.0 / (self.values + alpha))
            return np.asarray(self.targets - residuals / (1.0 - mean - leverage)[:, None])
        shrunk = self.coordinates / (self.values + alpha)
        for rows in blocks:
            hat = shrunk[rows] @ self.coordinates[rows].T + mean
            residuals[rows] = np.linalg.solve(np.eye(len(rows)) - hat, residuals[rows])
        return np.asarray(self.targets - residuals)


def blocks_of(labels: Rows) -> list[Rows]:
    """Return the rows of each label."""
    order = np.argsort(labels, kind="stable")
    _, starts = np.unique(labels[order], return_index=True)
    return list(np.split(order, starts[1:]))


class RidgeEngine(Engine):
    """Candidates that differ in the penalty ``alpha`` of a ridge regression on ±1 targets.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    codes, scored
        As in `Engine`.
    alphas : sequence of float
    scale : bool
        Standardise by the training rows; otherwise their mean is subtracted.

    Notes
    -----
    If columns are fewer than rows, the products XᵀX of all rows are computed once, and those of a
    set of training rows follow by subtracting the others' (`NormalEquations`); standardisation then
    rescales them. Kernels of standardised rows have nothing in common that could be shared.
    """

    def __init__(
        self, X: Matrix, codes: Rows, scored: bool, alphas: Sequence[float], scale: bool
    ) -> None:
        super().__init__(codes, [{"alpha": float(alpha)} for alpha in alphas], scored)
        self.X = X
        self.scale = scale
        self.targets = np.where(codes[:, None] == np.arange(self.n_classes), 1.0, -1.0)
        self._centre = X.mean(axis=0)
        self._equations: NormalEquations | None = None

    def begin(self) -> None:
        """Compute the products of all rows if sets of training rows can share them."""
        if self._equations is None and self.X.shape[1] < len(self.X):
            self._equations = NormalEquations(self.X - self._centre, self.targets)

    def ask(self, train: Rows, held_out: Sequence[Rows], outcomes: Sequence[Outcome]) -> None:
        """Fit all candidates on ``train`` and write their answers for each set of held-out rows."""
        present = np.unique(self.codes[train])
        scaler, factors = self.factorise(train)
        solutions = [factors.solution(params["alpha"]) for params in self.candidates]
        for rows, outcome in zip(held_out, outcomes, strict=True):
            coordinates = scaler.transform(self.X[rows]) @ factors.basis
            for index, solution in enumerate(solutions):
                scores = (coordinates @ solution + factors.intercept)[:, present]
                outcome.codes[index] = present[scores.argmax(axis=1)]
                if self.scored:
                    outcome.scores[index][:, present] = scores

    def factorise(self, train: Rows) -> tuple[StandardScaler, Factors]:
        """Return the scaler of the training rows and their factorisation."""
        scaler = StandardScaler(with_std=self.scale).fit(self.X[train])
        rows, targets = scaler.transform(self.X[train]), self.targets[train]
        if rows.shape[1] >= len(rows):
            values, vectors = _spectrum(rows @ rows.T)
            coordinates = vectors * np.sqrt(values)
            basis = rows.T @ (vectors / np.sqrt(values))
            return scaler, Factors(basis, values, coordinates, targets)
        values, basis = _spectrum(self._products(train, scaler, rows))
        return scaler, Factors(basis, values, rows @ basis, targets)

    def _products(self, train: Rows, scaler: StandardScaler, rows: Matrix) -> Matrix:
        """Return the lower triangle of ZᵀZ, from all rows' products if fewer are left out."""
        left_out = np.setdiff1d(np.arange(len(self.X)), train)
        if self._equations is None or len(left_out) >= len(train):
            return np.asarray(rows.T @ rows)
        gram, _ = self._equations.without(left_out)
        shift = scaler.mean_ - self._centre
        gram -= len(train) * np.outer(shift, shift)
        if self.scale:
            # The scaler leaves columns that are constant in the training rows as they are. Their
            # products are 0, but the subtraction leaves rounding of values that may be large.
            varies = scaler.scale_ == np.sqrt(scaler.var_)
            gram *= np.outer(varies / scaler.scale_, varies / scaler.scale_)
        return gram


def _spectrum(gram: Matrix) -> tuple[Matrix, Matrix]:
    """Return the eigenvalues above rounding error, and their vectors, of a lower triangle."""
    if not np.isfinite(gram.trace()):
        raise ParameterError(
            "products of the features overflow; "
            "scale the features (scale=True) or divide them by a constant"
        )
    values, vectors = eigh(gram, check_finite=False)
    real = values > len(gram) * np.finfo(np.float64).eps * max(values[-1], 0.0)
    return values[real], vectors[:, real]
