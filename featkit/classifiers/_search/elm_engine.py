"""All hidden sizes of an extreme learning machine on one set of training rows, from one projection
and one factorisation.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_info

from featkit.classifiers._search import least_squares
from featkit.classifiers._search.engine import Engine, Outcome, Rows

Matrix = NDArray[np.float64]
TOGETHER_BYTES = 2**31
BLOCK_ROWS = 1024  # rows whose activations are in memory at a time: few enough to be reused
DOUBLE_ROWS = 4096  # up to so many training rows everything is computed in double precision
READOUT_ERROR = 1e-3  # of its norm, by single precision
_EMPTY: Matrix = np.empty((0, 0))


def random_units(n_features: int, n_hidden: int, seed: int) -> Matrix:
    """Return weights and, last, bias of each hidden unit, (n_hidden, n_features + 1), all N(0, 1).

    Units are drawn one after the other, so with the same seed a smaller layer consists of the first
    units of a larger one.
    """
    return np.random.default_rng(seed).normal(size=(n_hidden, n_features + 1))


def activations(Z: NDArray[Any], units: NDArray[Any]) -> NDArray[Any]:
    """Return ReLU(Z·Wᵀ + b), shape (n, n_hidden), in the precision of Z and W."""
    hidden = Z @ units[:, :-1].T
    hidden += units[:, -1]
    return np.asarray(np.maximum(hidden, 0.0, out=hidden))


def mean_energy(Z: Matrix) -> Matrix:
    """Return the expected squared activation of a unit on every row.

    E ReLU(wᵀz + b)² = (|z|² + 1)/2 for w, b ~ N(0, 1).
    """
    return 0.5 * (np.asarray(np.einsum("ij,ij->i", Z, Z)) + 1.0)


class ELMEngine(Engine):
    """Hidden sizes ``n_hidden`` with the output weights of a ridge regression on ±1 targets.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    codes, scored
        As in `Engine`.
    sizes : sequence of int
    ridge_alpha : float or None
        Ridge in units of the sum of `mean_energy` over the training rows; None: pseudo-inverse.
    scale : bool
        Standardise by the training rows.
    seed : int
    """

    def __init__(
        self,
        X: Matrix,
        codes: Rows,
        scored: bool,
        sizes: Sequence[int],
        ridge_alpha: float | None,
        scale: bool,
        seed: int,
    ) -> None:
        super().__init__(codes, [{"n_hidden": int(size)} for size in sizes], scored)
        self.X = X
        self.ridge_alpha = ridge_alpha
        self.scale = scale
        self.units = random_units(X.shape[1], max(sizes), seed)
        self.targets = np.where(codes[:, None] == np.arange(self.n_classes), 1.0, -1.0)
        self._whole = _EMPTY
        self._energy = np.empty(0)
        self._equations: least_squares.NormalEquations | None = None
        # A factorisation gains little from several threads: each set of training rows gets one, as
        # far as memory allows.
        threads = max(
            (pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"),
            default=1,
        )
        each = 8 * (len(X) * (X.shape[1] + max(sizes)) if scale else 2 * max(sizes) ** 2)
        self.at_once = max(1, min(threads, TOGETHER_BYTES // each))

    def begin(self) -> None:
        """Compute the activations of all rows and their products, shared if nothing is scaled."""
        if not self.scale and self._whole is _EMPTY:
            self._whole, self._energy = activations(self.X, self.units), mean_energy(self.X)
            if self.ridge_alpha is not None:
                self._equations = least_squares.NormalEquations(self._whole, self.targets)

    def ask(self, train: Rows, held_out: Sequence[Rows], outcomes: Sequence[Outcome]) -> None:
        """Fit all candidates on ``train`` and write their answers for each set of held-out rows."""
        present = np.unique(self.codes[train])
        sizes = [params["n_hidden"] for params in self.candidates]
        solutions, others = self._solve(train, held_out, sizes)
        for outcome, blocks in zip(outcomes, others, strict=True):
            for part, other in blocks:
                for index, size in enumerate(sizes):
                    readout = solutions[size][:, present].astype(other.dtype, copy=False)
                    scores = other[:, :size] @ readout
                    outcome.codes[index, part] = present[scores.argmax(axis=1)]
                    if self.scored:
                        outcome.scores[index, part][:, present] = scores

    def learn(self, index: int) -> tuple[StandardScaler | None, Matrix, Matrix]:
        """Return scaler, hidden units and readout of candidate ``index``, fitted on all rows."""
        size = self.candidates[index]["n_hidden"]
        self.units = self.units[:size].copy()
        self._whole, self._equations = _EMPTY, None
        solutions, _ = self._solve(np.arange(len(self.codes)), [], [size])
        return StandardScaler().fit(self.X) if self.scale else None, self.units, solutions[size]

    def _solve(
        self, train: Rows, held_out: Sequence[Rows], sizes: Sequence[int]
    ) -> tuple[dict[int, Matrix], Sequence[Iterable[tuple[slice, NDArray[Any]]]]]:
        """Return the readout of each size, (size, n_classes), and the activations of each set of
        held-out rows, block by block.
        """
        if self.scale:
            scaler = StandardScaler(copy=False).fit(self.X[train])
            left, targets = scaler.transform(self.X[train]), self.targets[train]
            energy = float(mean_energy(left).sum())
            precision = self._precision(len(train), max(sizes))
            blocks = [self._blocks(scaler.transform(self.X[rows]), precision) for rows in held_out]
            if self.ridge_alpha is None or max(sizes) > len(train):
                return self._readouts(activations(left, self.units), targets, energy, sizes), blocks
            parts = ((hidden, targets[part]) for part, hidden in self._blocks(left, precision))
            gram, right = least_squares.equations(parts)
            solutions = least_squares.primal(gram, right, self.ridge_alpha * energy, sizes)
            return dict(zip(sizes, solutions, strict=True)), blocks
        self.begin()
        energy = float(self._energy[train].sum())
        others = [[(slice(None), self._whole[rows])] for rows in held_out]
        left_out = np.setdiff1d(np.arange(len(self.codes)), train)
        if (
            self._equations is None
            or self.ridge_alpha is None
            or max(sizes) > len(train)
            or len(left_out) >= len(train)
        ):
            return self._readouts(self._whole[train], self.targets[train], energy, sizes), others
        penalty = self.ridge_alpha * energy
        solutions = least_squares.primal(*self._equations.without(left_out), penalty, sizes)
        return dict(zip(sizes, solutions, strict=True)), others

    def _precision(self, t: int, m: int) -> type[np.floating[Any]]:
        """Return the precision in which ``t`` training rows and ``m`` units are multiplied.

        HᵀH has a trace of about m times the energy, of which the ridge is the fraction
        ``ridge_alpha``; errors of 2⁻²⁴ of it change a readout by up to m·2⁻²⁴/ridge_alpha of its
        norm. Single precision takes half the time, and is used on many rows where that is below
        `READOUT_ERROR`.
        """
        exact = self.ridge_alpha is None or m * 2.0**-24 / self.ridge_alpha > READOUT_ERROR
        return np.float64 if exact or not m <= t > DOUBLE_ROWS else np.float32

    def _blocks(
        self, Z: Matrix, precision: type[np.floating[Any]]
    ) -> Iterator[tuple[slice, NDArray[Any]]]:
        """Yield consecutive rows and their activations."""
        units = self.units.astype(precision, copy=False)
        for start in range(0, len(Z), BLOCK_ROWS):
            part = slice(start, min(start + BLOCK_ROWS, len(Z)))
            yield part, activations(Z[part].astype(precision, copy=False), units)

    def _readouts(
        self, hidden: Matrix, targets: Matrix, energy: float, sizes: Sequence[int]
    ) -> dict[int, Matrix]:
        """Return each size's readout from the training rows' activations (t, m) and targets."""
        ordered = sorted(sizes)
        if self.ridge_alpha is None:
            solutions = least_squares.pseudo_inverse(hidden, targets, ordered)
            return dict(zip(ordered, solutions, strict=True))
        penalty = self.ridge_alpha * energy
        small, large = (
            [h for h in ordered if h <= len(hidden)],
            [h for h in ordered if h > len(hidden)],
        )
        solutions = least_squares.dual(hidden, targets, penalty, large)
        if small:
            leading = np.ascontiguousarray(hidden[:, : small[-1]])
            whole = least_squares.NormalEquations(leading, targets)
            solutions = least_squares.primal(whole.gram, whole.right, penalty, small) + solutions
        return dict(zip(ordered, solutions, strict=True))
