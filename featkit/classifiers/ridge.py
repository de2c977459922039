"""Ridge regression on ±1 targets, its penalty chosen by exact leave-one-out."""

from collections.abc import Iterator
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, validate_data

from featkit.classifiers._search import selection
from featkit.classifiers._search.calibration import inverse_temperature, probabilities
from featkit.classifiers._search.engine import Rows
from featkit.classifiers._search.ridge_engine import RidgeEngine, blocks_of
from featkit.classifiers._search.search import CandidateSearch, held_out
from featkit.classifiers.base import registry
from featkit.errors import ParameterError

Matrix = NDArray[np.float64]
ALPHAS = tuple(float(alpha) for alpha in np.logspace(0, 6, 13))


class Ridge(CandidateSearch):
    """Linear classifier by ridge regression on ±1 targets, one against the rest.

    The penalty with the lowest mean squared leave-one-out error on the training rows is chosen, as
    by scikit-learn's ``RidgeClassifierCV``; there are no inner folds. Rows that are near copies of
    each other, such as segments of one recording, make it choose too small a penalty. Where ``fit``
    is told of copies, a clip is left out with all of its copies, and the errors are those of clips.

    Parameters
    ----------
    alphas : tuple of float
        Penalties to try.
    scale : bool
        Standardise the features by mean and deviation of the training rows.
    probability : bool
        Offer ``predict_proba``, calibrated on the leave-one-out scores.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    best_params_ : dict
        ``{"alpha": penalty}``; ties go to the first.
    left_out_errors_ : ndarray of shape (n_alphas,)
        Mean squared leave-one-out error of every penalty.
    held_out_ : ndarray of shape (n, n_classes)
        Only with ``hold``: the probabilities of every row by the chosen penalty, fitted without the
        row's inner fold, or without its clip if there are none; scaled by all training rows.
    scaler_, coef_, intercept_, beta_
        The model: a ``StandardScaler``, weights (d, n_classes), offsets (n_classes,), and the
        factor of `calibration`.
    """

    def __init__(
        self, alphas: tuple[float, ...] = ALPHAS, scale: bool = True, probability: bool = True
    ) -> None:
        self.alphas = alphas
        self.scale = scale
        self.probability = probability

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        groups: ArrayLike | None = None,
        clips: ArrayLike | None = None,
        hold: bool = False,
    ) -> Self:
        """Return self, fitted on all rows.

        Parameters
        ----------
        X : array-like of shape (n, d)
        y : array-like of shape (n,)
        groups : array-like of shape (n,), optional
            Inner fold of every row: for ``held_out_`` only, since the penalty is chosen by leaving
            out single clips.
        clips : array-like of shape (n,), optional
            A label for each row. The first row of a label is a clip, the others are copies of it.
        hold : bool
            Keep the held-out probabilities as ``held_out_``.

        Raises
        ------
        ParameterError
            For a bad parameter or a single class.
        """
        data, codes = self._validated(X, y)
        first = None if clips is None else selection.originals(clips, len(codes))
        engine = self._engine(data, codes, False)
        self._keep(engine, np.arange(len(codes)), first, _inner(groups, len(codes)), hold)
        return self

    def nested_fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        folds: ArrayLike,
        clips: ArrayLike | None = None,
        hold: bool = False,
    ) -> Iterator[tuple[Any, Self]]:
        """Yield each fold's label and an estimator fitted, and its penalty chosen, without it.

        Each equals ``fit(X[folds != k], y[folds != k], groups=folds[folds != k], …)``; all share
        what `RidgeEngine` can share.
        """
        work = clone(self)
        data, codes = work._validated(X, y)
        labels, position = selection.fold_codes(folds, len(codes))
        first = None if clips is None else selection.originals(clips, len(codes))
        engine = work._engine(data, codes, False)
        engine.begin()
        for k, label in enumerate(labels):
            rows = np.flatnonzero(position != k)
            model = clone(self)
            model._validated(data[rows], work.classes_[codes[rows]])
            own = None if first is None else selection.originals(first[rows], len(rows))
            model._keep(engine, rows, own, _inner(position[rows], len(rows)), hold)
            yield label, model

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the label with the highest score for every row."""
        best = self._scores(X).argmax(axis=1)
        labels: NDArray[Any] = self.classes_[best]
        return labels

    def decision_function(self, X: ArrayLike) -> Matrix:
        """Return the score of every class, shape (n, n_classes).

        For two classes it is the score of the second, shape (n,).
        """
        scores = self._scores(X)
        return scores if len(self.classes_) > 2 else scores[:, 1]

    @available_if(lambda self: self.probability)  # type: ignore[untyped-decorator]
    def predict_proba(self, X: ArrayLike) -> Matrix:
        """Return the calibrated softmax of the scores, (n, n_classes), columns as ``classes_``."""
        return probabilities(self._scores(X), self.beta_)

    def _scores(self, X: ArrayLike) -> Matrix:
        check_is_fitted(self)
        rows: Matrix = validate_data(self, X, dtype=np.float64, reset=False)
        return np.asarray(self.scaler_.transform(rows) @ self.coef_ + self.intercept_)

    def _engine(self, X: Matrix, codes: Rows, scored: bool) -> RidgeEngine:
        alphas = np.asarray(self.alphas)
        if alphas.ndim != 1 or alphas.size == 0 or not np.all((alphas > 0) & np.isfinite(alphas)):
            raise ParameterError(f"alphas={self.alphas!r} must be a tuple of finite values above 0")
        return RidgeEngine(X, codes, scored, alphas.tolist(), self.scale)

    def _keep(
        self, engine: RidgeEngine, rows: Rows, first: Rows | None, folds: Rows | None, hold: bool
    ) -> None:
        """Take the best model of ``rows``, whose classes are ``classes_``.

        ``first`` is the first of ``rows`` of each row's clip, None without copies.
        """
        present = np.unique(engine.codes[rows])
        codes = np.searchsorted(present, engine.codes[rows])
        scaler, factors = engine.factorise(rows)
        own = slice(None) if first is None else np.unique(first)
        blocks = None if first is None else blocks_of(first)
        targets = factors.targets[own][:, present]
        scores = [factors.left_out(p["alpha"], blocks)[:, present] for p in engine.candidates]
        self.left_out_errors_ = np.array([np.mean((targets - s[own]) ** 2) for s in scores])
        index = int(np.argmin(self.left_out_errors_))
        self.best_params_ = dict(engine.candidates[index])
        alpha = self.best_params_["alpha"]
        self.beta_ = 1.0
        if self.probability:
            self.beta_ = inverse_temperature(scores[index][own], codes[own])
        if self.probability and hold:
            without = scores[index]
            if folds is not None:
                without = factors.left_out(alpha, blocks_of(folds))[:, present]
            best, all_rows = without.argmax(axis=1), np.zeros(len(rows), dtype=np.intp)
            self.held_out_ = held_out(without, best, self.beta_, all_rows)
        self.scaler_ = scaler
        self.coef_ = factors.basis @ factors.solution(alpha)[:, present]
        self.intercept_ = factors.intercept[present]


def _inner(groups: ArrayLike | None, n: int) -> Rows | None:
    """Return the inner fold of every row, None where there are fewer than two."""
    if groups is None or len(np.unique(np.asarray(groups))) < 2:
        return None
    return selection.fold_codes(groups, n)[1]


@registry.register
def make(
    *,
    alphas: tuple[float, ...] = ALPHAS,
    scale: bool = True,
    probability: bool = True,
    seed: int = 0,
) -> Ridge:
    """Ridge regression on ±1 targets, its penalty by leave-one-out (``seed`` has no effect)."""
    del seed
    return Ridge(alphas=alphas, scale=scale, probability=probability)
