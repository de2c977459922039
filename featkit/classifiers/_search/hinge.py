"""The soft-margin linear SVM of two classes, solved to a duality gap by an interior-point method.

Minimise P(w, b) = ½|w|² + Σ C_i·max(0, 1 − y_i(⟨w, x_i⟩ + b)), libsvm's problem with the linear
kernel. Its dual is to maximise D(a) = Σ a_i − ½|Σ a_i y_i x_i|² with 0 ≤ a_i ≤ C_i and Σ a_i y_i =
0. Coordinate methods such as libsvm's need ever more steps the larger C is and the more the classes
overlap; Mehrotra's predictor–corrector method [Mehrotra1992] takes 15 to 40 whatever C is. With far
more rows than columns a step is cheap: its Newton system has the low rank of the data [Ferris2002]
and reduces to d + 1 equations for w and b, so a step costs n·d² operations and memory n·d.

The multipliers start, and stay, feasible for the dual, so P − D bounds how far either is from the
optimum, and |w − w*| ≤ √(2·(P − D)) since P is strongly convex in w.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve
from scipy.linalg.blas import dsyrk

Matrix = NDArray[np.float64]
GAP = 1e-9  # relative to 1 + |D|
STEPS = 100
_BACK_OFF = 0.995  # of the way to the boundary, so that all stays strictly inside


@dataclass(frozen=True)
class Hyperplane:
    """A linear SVM of two classes.

    Attributes
    ----------
    w : ndarray of shape (d,)
    b : float
        The decision value of a row x is ⟨w, x⟩ + b. Where every b of an interval is optimal, it is
        the middle, as in libsvm.
    dual : ndarray of shape (n,)
        The multipliers a, strictly within (0, C_i).
    gap : float
        |P − D|/(1 + |D|).
    steps : int
        Newton steps taken.
    """

    w: Matrix
    b: float
    dual: Matrix
    gap: float
    steps: int

    @property
    def converged(self) -> bool:
        """Whether the gap is at most `GAP`."""
        return self.gap <= GAP


@np.errstate(all="ignore")  # What overflows leaves the gap open.
def solve(X: Matrix, signs: Matrix, penalties: Matrix) -> Hyperplane:
    """Return the optimal hyperplane, or the best one found where the gap did not close.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    signs : ndarray of shape (n,)
        y, −1 or 1, both present.
    penalties : ndarray of shape (n,)
        C of every row, above 0.
    """
    state = _State(X, signs, penalties)
    best = state.hyperplane(0)
    for step in range(1, STEPS + 1):
        last = best.converged  # A step more than the gap asks for is worth two digits of w.
        try:
            state.step()
            plane = state.hyperplane(step)
        except LinAlgError:  # Beyond what rounding allows; the gap says how far it came.
            break
        if plane.gap < best.gap:
            best = plane
        if last or not plane.gap < np.inf:
            break
    return best


class _State:
    """An iterate: w, b, multipliers a, slacks s = C − a, and the multipliers z of a, u of s."""

    def __init__(self, X: Matrix, signs: Matrix, penalties: Matrix) -> None:
        self.y, self.C = signs, penalties
        self.rows = np.column_stack([X, np.ones(len(X))])  # what w and b are multiplied by
        positive = signs > 0
        sums = np.where(positive, penalties[positive].sum(), penalties[~positive].sum())
        self.a = 0.5 * penalties * sums.min() / sums  # so that Σ a_i y_i = 0
        self.s = penalties - self.a
        self.wb = np.zeros(self.rows.shape[1])
        self.z, self.u = np.ones(len(X)), np.ones(len(X))

    def hyperplane(self, steps: int) -> Hyperplane:
        """Return the iterate with the best b for its w, and the duality gap.

        What rounding left of Σ a_i y_i is allowed for: D(a) − b·Σ a_i y_i bounds P(·, b) from
        below for any a within its bounds.
        """
        w, of_dual = self.wb[:-1], self.rows.T @ (self.a * self.y)
        f = self.rows[:, :-1] @ w
        b = best_offset(f, self.y, self.C)
        primal = 0.5 * w @ w + self.C @ np.maximum(0.0, 1.0 - self.y * (f + b))
        dual = self.a.sum() - 0.5 * of_dual[:-1] @ of_dual[:-1] - b * of_dual[-1]
        return Hyperplane(w, b, self.a, abs(float(primal - dual)) / (1.0 + abs(dual)), steps)

    def step(self) -> None:
        """Take one predictor–corrector step towards the optimum."""
        factor, residual = self._factor(), self._residual()
        a, s, z, u = self.a, self.s, self.z, self.u
        mean = (a @ z + s @ u) / (2 * len(a))
        da, _, dz, du = self._direction(factor, residual, -a * z, -s * u)
        primal, dual = min(_reach(a, da), _reach(s, -da)), min(_reach(z, dz), _reach(u, du))
        ahead = (a + primal * da) @ (z + dual * dz) + (s - primal * da) @ (u + dual * du)
        target = (ahead / (2 * len(a) * mean)) ** 3 * mean
        da, dwb, dz, du = self._direction(
            factor, residual, target - a * z - da * dz, target - s * u + da * du
        )
        primal = _BACK_OFF * min(_reach(a, da), _reach(s, -da))
        dual = _BACK_OFF * min(_reach(z, dz), _reach(u, du))
        length = min(primal, dual)
        self.a, self.s = a + length * da, s - length * da
        self.z, self.u = z + length * dz, u + length * du
        self.wb = self.wb + length * dwb

    def _residual(self) -> tuple[Matrix, Matrix]:
        """Return by how much stationarity is missed for a (n,), and for w and b (d + 1,)."""
        of_a = self.y * (self.rows @ self.wb) - 1.0 - self.z + self.u
        of_wb = -(self.rows.T @ (self.a * self.y))
        of_wb[:-1] += self.wb[:-1]
        return of_a, of_wb

    def _factor(self) -> tuple[tuple[Matrix, bool], Matrix]:
        """Return the factorised (d + 1)-system of w and b, and the inverse curvatures (n,)."""
        inverse = 1.0 / (self.z / self.a + self.u / self.s)
        system = dsyrk(1.0, (self.rows * np.sqrt(inverse)[:, None]).T, lower=1)
        system[np.diag_indices(len(system) - 1)] += 1.0
        if not np.isfinite(np.trace(system)):
            raise LinAlgError("overflow")
        return cho_factor(system, lower=True, overwrite_a=True, check_finite=False), inverse

    def _direction(
        self,
        factor: tuple[tuple[Matrix, bool], Matrix],
        residual: tuple[Matrix, Matrix],
        of_az: Matrix,
        of_su: Matrix,
    ) -> tuple[Matrix, Matrix, Matrix, Matrix]:
        """Return the Newton direction of (a, w and b, z, u).

        ``of_az`` and ``of_su`` are by how much the products a·z and s·u are to grow.
        """
        system, inverse = factor
        right = inverse * (of_az / self.a - of_su / self.s - residual[0])
        dwb = np.asarray(
            cho_solve(system, self.rows.T @ (self.y * right) - residual[1], check_finite=False)
        )
        da = right - inverse * self.y * (self.rows @ dwb)
        return da, dwb, (of_az - self.z * da) / self.a, (of_su + self.u * da) / self.s


def best_offset(f: Matrix, signs: Matrix, penalties: Matrix) -> float:
    """Return the b that minimises Σ C_i·max(0, 1 − y_i(f_i + b)); of an interval, the middle.

    The sum is convex and piecewise linear in b: its slope starts at minus the penalties of the
    positive rows and grows by C_i at y_i − f_i.
    """
    order = np.argsort(signs - f)
    bends = (signs - f)[order]
    positive = float(penalties[signs > 0].sum())
    slopes = np.cumsum(penalties[order]) - positive
    flat = 1e-9 * positive
    first = int(np.argmax(slopes >= -flat))
    last = int(np.argmax(slopes > flat))
    return 0.5 * float(bends[first] + bends[last])


def _reach(values: Matrix, change: Matrix) -> float:
    """Return the longest step, at most 1, along which ``values`` stay above 0."""
    shrinking = change < 0
    ratios = -values[shrinking] / change[shrinking]
    return min(1.0, float(ratios.min(initial=np.inf)))
