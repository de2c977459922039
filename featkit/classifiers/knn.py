"""Nearest neighbours, their number chosen on inner folds; one search serves all numbers."""

import warnings
from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, validate_data

from featkit.classifiers._search.calibration import probabilities
from featkit.classifiers._search.engine import Engine, Outcome, Rows
from featkit.classifiers._search.search import FoldSearch
from featkit.classifiers.base import Conduct, registry
from featkit.errors import ParameterError

Matrix = NDArray[np.float64]
PAPER_NEIGHBORS = (1, 3, 5, 10, 20, 30, 50, 100)
PRESETS = {
    "elmarc": {"n_neighbors": PAPER_NEIGHBORS, "scale": False},
    "elmarc_split": {"n_neighbors": (30,), "scale": False},
}


class KNN(FoldSearch):
    """Majority vote of the nearest neighbours by Euclidean distance.

    [elmarc] tries these numbers of neighbours.

    Parameters
    ----------
    n_neighbors : tuple of int
        Numbers to try; a number above the count of training rows means all of them.
    scale : bool
        Standardise the features by mean and deviation of the training rows.
    n_folds : int
        Number of inner folds if ``fit`` is given none.
    probability : bool
        Offer ``predict_proba``, calibrated on the held-out votes of the inner folds.
    n_jobs : int or None
        Threads for the neighbour search.

    Attributes
    ----------
    classes_, best_params_, cv_results_
        As in `FoldSearch`; candidates are ``{"n_neighbors": k}``.
    scaler_, index_, codes_, beta_
        The model: a ``StandardScaler`` or None, a ``NearestNeighbors`` of the training rows, their
        classes as positions in ``classes_``, and the factor of `calibration`.
    """

    def __init__(
        self,
        n_neighbors: tuple[int, ...] = PAPER_NEIGHBORS,
        scale: bool = True,
        n_folds: int = 5,
        probability: bool = True,
        n_jobs: int | None = None,
    ) -> None:
        self.n_neighbors = n_neighbors
        self.scale = scale
        self.n_folds = n_folds
        self.probability = probability
        self.n_jobs = n_jobs

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the label of most neighbours for every row; ties go to the first label."""
        check_is_fitted(self)
        labels: NDArray[Any] = self.classes_[self._fractions(X).argmax(axis=1)]
        return labels

    @available_if(lambda self: self.probability)  # type: ignore[untyped-decorator]
    def predict_proba(self, X: ArrayLike) -> Matrix:
        """Return the calibrated softmax of the vote fractions, shape (n, n_classes)."""
        return probabilities(self._fractions(X), self.beta_)

    def _fractions(self, X: ArrayLike) -> Matrix:
        check_is_fitted(self)
        rows: Matrix = validate_data(self, X, dtype=np.float64, reset=False)
        rows = rows if self.scaler_ is None else self.scaler_.transform(rows)
        nearest = self.index_.kneighbors(rows, return_distance=False)
        return votes(self.codes_[nearest], len(self.classes_))

    def _engine(self, X: Matrix, codes: Rows, scored: bool) -> "KNNEngine":
        numbers = np.asarray(self.n_neighbors)
        if (
            numbers.ndim != 1
            or numbers.size == 0
            or not np.issubdtype(numbers.dtype, np.integer)
            or numbers.min() < 1
        ):
            raise ParameterError(
                f"n_neighbors={self.n_neighbors!r} must be a tuple of whole numbers above 0"
            )
        return KNNEngine(X, codes, scored, numbers.tolist(), self.scale, self.n_jobs)

    def _learn(self, engine: Any, X: Matrix, index: int) -> None:
        number = engine.candidates[index]["n_neighbors"]
        if number > len(X):
            warnings.warn(
                f"n_neighbors={number} exceeds the {len(X)} training rows: all of them vote",
                stacklevel=2,
            )
        self.scaler_, self.index_ = engine.neighbors(np.arange(len(X)), number)
        self.codes_ = engine.codes


class KNNEngine(Engine):
    """Candidates that differ in ``n_neighbors``; scores are vote fractions."""

    def __init__(
        self,
        X: Matrix,
        codes: Rows,
        scored: bool,
        numbers: Sequence[int],
        scale: bool,
        n_jobs: int | None,
    ) -> None:
        super().__init__(codes, [{"n_neighbors": number} for number in numbers], scored)
        self.X = X
        self.scale = scale
        self.n_jobs = n_jobs

    def neighbors(self, train: Rows, number: int) -> tuple[StandardScaler | None, NearestNeighbors]:
        """Return a scaler and an index of the training rows."""
        scaler = StandardScaler().fit(self.X[train]) if self.scale else None
        rows = self.X[train] if scaler is None else scaler.transform(self.X[train])
        return scaler, NearestNeighbors(
            n_neighbors=min(number, len(train)), algorithm="brute", n_jobs=self.n_jobs
        ).fit(rows)

    def ask(self, train: Rows, held_out: Sequence[Rows], outcomes: Sequence[Outcome]) -> None:
        """Fit all candidates on ``train`` and write their answers for each set of held-out rows."""
        present = np.unique(self.codes[train])
        scaler, index = self.neighbors(
            train, max(params["n_neighbors"] for params in self.candidates)
        )
        for rows, outcome in zip(held_out, outcomes, strict=True):
            points = self.X[rows] if scaler is None else scaler.transform(self.X[rows])
            labels = self.codes[train][index.kneighbors(points, return_distance=False)]
            for candidate, params in enumerate(self.candidates):
                fractions = votes(labels[:, : params["n_neighbors"]], self.n_classes)
                outcome.codes[candidate] = fractions.argmax(axis=1)
                if self.scored:
                    outcome.scores[candidate][:, present] = fractions[:, present]


def votes(codes: Rows, n_classes: int) -> Matrix:
    """Return the fraction of every class in each row of ``codes`` (n, k), shape (n, n_classes)."""
    counts = np.zeros((len(codes), n_classes))
    np.add.at(counts, (np.arange(len(codes))[:, None], codes), 1.0)
    return np.asarray(counts / codes.shape[1])


@registry.register
def make(
    *,
    n_neighbors: tuple[int, ...] = PAPER_NEIGHBORS,
    scale: bool = True,
    n_folds: int = 5,
    probability: bool = True,
    n_jobs: Annotated[int | None, Conduct] = None,
    seed: int = 0,
) -> KNN:
    """Nearest neighbours, their number chosen on inner folds (``seed`` has no effect).

    Presets follow [elmarc], which does not scale: ``elmarc`` chooses among eight numbers, and
    ``elmarc_split`` takes 30, as it does on data that come split.
    """
    del seed
    return KNN(
        n_neighbors=n_neighbors,
        scale=scale,
        n_folds=n_folds,
        probability=probability,
        n_jobs=n_jobs,
    )
