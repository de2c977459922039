"""One-vs-one linear SVMs of many rows, each pair of classes solved by `hinge`."""

import itertools
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.class_weight import compute_class_weight

from featkit.classifiers._search import hinge
from featkit.classifiers._search.kernels import Matrix

ROWS = 1000
ROWS_PER_COLUMN = 5


def pays(rows: int, n_classes: int, n_features: int) -> bool:
    """Return whether `InteriorSVC` is used instead of libsvm.

    It is where a pair of classes has on average at least `ROWS` rows, and at least
    `ROWS_PER_COLUMN` of them per column. Its time, some 20·n·d² operations a pair, is then known
    beforehand; libsvm's grows with C and with the overlap of the classes. By measurement
    (benchmarks/RESULTS.md) libsvm takes up to 400 times as long there, and is faster only on
    separable classes, by a fraction of a second.
    """
    pair = 2 * rows / n_classes
    return pair >= max(ROWS, ROWS_PER_COLUMN * n_features)


class InteriorSVC(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """What ``SVC(kernel="linear")`` learns, to a relative duality gap of `hinge.GAP`.

    Parameters
    ----------
    C : float
    class_weight : dict, "balanced" or None
        As in scikit-learn's ``SVC``.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    coef_ : ndarray of shape (n_pairs, d)
    intercept_ : ndarray of shape (n_pairs,)
        The decision value of the first class of a pair against the second, in the order (0, 1), (0,
        2), …; for two classes too, unlike in ``SVC``.
    gap_ : float
        The largest relative duality gap of a pair.
    n_iter_ : ndarray of int, shape (n_pairs,)
        Newton steps.
    """

    def __init__(self, C: float = 1.0, class_weight: Any = None) -> None:
        self.C = C
        self.class_weight = class_weight

    @property
    def converged_(self) -> bool:
        """Whether the gap of every pair closed."""
        return bool(self.gap_ <= hinge.GAP)

    def fit(self, X: Matrix, y: ArrayLike) -> Self:
        """Return self, fitted on rows (n, d) and their classes (n,)."""
        self.classes_, codes = np.unique(y, return_inverse=True)
        penalties = self.C * self._class_weights(codes)
        members = [np.flatnonzero(codes == code) for code in range(len(self.classes_))]
        planes = []
        for first, second in itertools.combinations(range(len(members)), 2):
            rows = np.concatenate([members[first], members[second]])
            of_first = codes[rows] == first
            signs = np.where(of_first, 1.0, -1.0)
            costs = np.where(of_first, penalties[first], penalties[second])
            planes.append(hinge.solve(X[rows], signs, costs))
        self.coef_ = np.stack([plane.w for plane in planes])
        self.intercept_ = np.array([plane.b for plane in planes])
        self.gap_ = max(plane.gap for plane in planes)
        self.n_iter_ = np.array([plane.steps for plane in planes])
        return self

    def pairwise(self, X: Matrix) -> Matrix:
        """Return the decision value of every pair of classes, shape (n, n_pairs)."""
        return np.asarray(X @ self.coef_.T + self.intercept_)

    def predict(self, X: Matrix) -> NDArray[Any]:
        """Return the class with the most votes of pairs; ties go to the first, as in libsvm."""
        return np.asarray(self.classes_[self._votes(self.pairwise(X)).argmax(axis=1)])

    def decision_function(self, X: Matrix) -> Matrix:
        """Return what ``SVC`` returns: votes, plus a term within ±1/3 that grows with the margin.

        For two classes it is the margin of the second, shape (n,).
        """
        pairs = self.pairwise(X)
        if len(self.classes_) == 2:
            return -pairs[:, 0]
        sums = self._summed(pairs)
        return np.asarray(self._votes(pairs) + sums / (3.0 * (np.abs(sums) + 1.0)))

    def mean_margins(self, X: Matrix) -> Matrix:
        """Return each class's mean decision value against the others, shape (n, n_classes)."""
        return np.asarray(self._summed(self.pairwise(X)) / (len(self.classes_) - 1))

    def _votes(self, pairs: Matrix) -> Matrix:
        first, second = np.triu_indices(len(self.classes_), 1)
        votes = np.zeros((len(pairs), len(self.classes_)))
        for pair, (a, b) in enumerate(zip(first, second, strict=True)):
            votes[:, a] += pairs[:, pair] > 0
            votes[:, b] += pairs[:, pair] <= 0
        return votes

    def _summed(self, pairs: Matrix) -> Matrix:
        first, second = np.triu_indices(len(self.classes_), 1)
        signs = np.zeros((len(first), len(self.classes_)))
        signs[np.arange(len(first)), first] = 1.0
        signs[np.arange(len(first)), second] = -1.0
        return np.asarray(pairs @ signs)

    def _class_weights(self, codes: NDArray[np.intp]) -> Matrix:
        labels = np.arange(len(self.classes_))
        if isinstance(self.class_weight, Mapping):
            return np.array([self.class_weight.get(label, 1.0) for label in self.classes_])
        return np.asarray(compute_class_weight(self.class_weight, classes=labels, y=codes))
