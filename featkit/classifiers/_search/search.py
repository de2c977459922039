"""Estimators that choose among candidates, whatever they fit."""

import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import validate_data

from featkit.classifiers._search import selection
from featkit.classifiers._search.calibration import inverse_temperature, probabilities
from featkit.classifiers._search.engine import Engine, Outcome, Rows
from featkit.classifiers._search.svm_margins import lift
from featkit.errors import ParameterError

Matrix = NDArray[np.float64]


class CandidateSearch(ClassifierMixin, BaseEstimator, ABC):  # type: ignore[misc]
    """Classifier with candidates, which a subclass provides by `_engine`.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    """

    @abstractmethod
    def _engine(self, X: Matrix, codes: Rows, scored: bool) -> Engine:
        """Return the candidates of a data set."""

    def candidate_predictions(
        self, X: ArrayLike, y: ArrayLike, folds: ArrayLike
    ) -> tuple[list[dict[str, Any]], NDArray[Any]]:
        """Return all candidates and their out-of-fold labels for every row, (n_candidates, n)."""
        work = clone(self)
        data, codes = work._validated(X, y)
        engine = work._engine(data, codes, False)
        outcome = engine.cross_predict(selection.fold_codes(folds, len(codes))[1])
        _warn(engine)
        return engine.candidates, work.classes_[outcome.codes]

    @property
    def _pairwise(self) -> bool:
        return bool(self.__sklearn_tags__().input_tags.pairwise)

    def _validated(self, X: ArrayLike, y: ArrayLike) -> tuple[Matrix, Rows]:
        data, labels = validate_data(self, X, y, dtype=np.float64, order="C")
        check_classification_targets(labels)
        if self._pairwise and data.shape[0] != data.shape[1]:
            raise ParameterError(
                f"a precomputed kernel must be a square matrix to fit on, not {data.shape}"
            )
        self.classes_, codes = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise ParameterError(
                "at least two classes are needed; "
                f"all {len(codes)} rows are of one class, {str(self.classes_[0])!r}"
            )
        return data, codes


class FoldSearch(CandidateSearch):
    """Classifier that fits the candidate with the highest mean accuracy over inner folds.

    A subclass has the parameter ``n_folds`` and says how candidates are tried (`_engine`) and how
    the chosen one is fitted (`_learn`). If it also has a parameter ``probability``, the held-out
    scores determine ``beta_``, the factor of `calibration`.

    Rows may be copies of others. They are fitted on like all rows; the choice and the calibration
    see the answers for the originals only.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    best_params_ : dict
        The chosen candidate; ties go to the first.
    cv_results_ : dict
        ``params``, ``split0_test_score`` … ``mean_test_score``, ``rank_test_score``; only if inner
        folds were used.
    held_out_ : ndarray of shape (n, n_classes)
        Only with ``hold``: the probabilities of every row by the chosen candidate, fitted without
        the row's inner fold; NaN for rows that are in none.
    """

    @abstractmethod
    def _learn(self, engine: Any, X: Matrix, index: int) -> None:
        """Fit candidate ``index`` on all rows and set the attributes of the model."""

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        groups: ArrayLike | None = None,
        clips: ArrayLike | None = None,
        hold: bool = False,
    ) -> Self:
        """Return self, fitted on all rows with the best candidate on the inner folds.

        Parameters
        ----------
        X : array-like of shape (n, d)
        y : array-like of shape (n,)
        groups : array-like of shape (n,), optional
            Inner fold of every row, each left out once; None: stratified folds, see
            `selection.inner_folds`.
        clips : array-like of shape (n,), optional
            A label for each row. The first row of a label is a clip, the others are copies of it.
        hold : bool
            Keep the held-out probabilities as ``held_out_``.

        Raises
        ------
        ParameterError
            For a bad parameter, a single class, impossible folds, or too little memory.
        """
        data, codes = self._validated(X, y)
        engine = self._engine(data, codes, self._calibrates)
        outcome, folds = None, None
        first = selection.originals(clips, len(codes))
        if len(engine.candidates) > 1 or self._calibrates:
            folds = selection.inner_folds(codes, groups, self.n_folds, clips)
            outcome = engine.cross_predict(folds)
        return self._finish(engine, data, outcome, folds, first, hold)

    def nested_fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        folds: ArrayLike,
        clips: ArrayLike | None = None,
        hold: bool = False,
    ) -> Iterator[tuple[Any, Self]]:
        """Yield each fold's label and an estimator fitted, and its candidate chosen, without it.

        Each equals ``fit(X[folds != k], y[folds != k], groups=folds[folds != k], …)``, but models
        fitted without the folds j and k serve both as outer fold: K·(K − 1)/2 sets of training
        rows instead of K·(K − 1). There must be at least three folds.
        """
        work = clone(self)
        data, codes = work._validated(X, y)
        labels, position = selection.fold_codes(folds, len(codes), least=3)
        first = selection.originals(clips, len(codes))
        engine = work._engine(data, codes, self._calibrates)
        without = engine.nested_predict(position)
        _warn(engine)
        del engine  # and the matrices that it may hold
        for k, label in enumerate(labels):
            rows = np.flatnonzero(position != k)
            model = clone(self)
            part, local = model._validated(
                data[np.ix_(rows, rows)] if self._pairwise else data[rows],
                work.classes_[codes[rows]],
            )
            outcome = without[k].take(rows, np.unique(codes[rows]))
            inner = selection.fold_codes(position[rows], len(rows))[1]
            fitted = model._engine(part, local, self._calibrates)
            own = selection.originals(first[rows], len(rows))
            yield label, model._finish(fitted, part, outcome, inner, own, hold)

    @property
    def _calibrates(self) -> bool:
        return bool(getattr(self, "probability", False))

    def _finish(
        self,
        engine: Engine,
        X: Matrix,
        outcome: Outcome | None,
        folds: Rows | None,
        first: Rows,
        hold: bool,
    ) -> Self:
        """Return self with the best candidate of ``outcome``, fitted.

        ``first`` is the first row of each row's clip; rows that are not their own are copies.
        """
        index, self.beta_ = 0, 1.0
        own = np.flatnonzero(first == np.arange(len(first)))
        if outcome is not None and folds is not None:
            codes = engine.codes[own]
            scores = selection.accuracies(outcome.codes[:, own], codes, folds[own])
            self.cv_results_ = selection.results(engine.candidates, scores)
            index = selection.best(scores)
            if self._calibrates:
                self.beta_ = inverse_temperature(outcome.scores[index][own], codes)
            if self._calibrates and hold:
                scores, told = outcome.scores[index], outcome.codes[index]
                self.held_out_ = held_out(scores, told, self.beta_, folds)
        self.best_params_ = dict(engine.candidates[index])
        self._learn(engine, X, index)
        _warn(engine)
        return self


def held_out(scores: NDArray[Any], codes: Rows, beta: float, folds: Rows) -> Matrix:
    """Return the probabilities of held-out rows, (n, n_classes); NaN for rows that are in no fold.

    As those of a fitted model, the largest of a row is that of the predicted class, in ``codes``.
    """
    rows = np.flatnonzero(folds >= 0)
    some = probabilities(scores[rows], beta)
    lift(some, codes[rows])
    values = np.full(scores.shape, np.nan)
    values[rows] = some
    return values


def _warn(engine: Engine) -> None:
    for complaint in engine.complaints():
        warnings.warn(complaint, ConvergenceWarning, stacklevel=3)
