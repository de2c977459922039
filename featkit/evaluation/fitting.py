"""Fitting an estimator on one split: inner selection, the validation part, the final model."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.model_selection import PredefinedSplit

from featkit.classifiers._search.selection import originals
from featkit.classifiers.contract import (
    FixesCandidate,
    TriesCandidates,
    accepted,
    offers,
    watches,
)
from featkit.errors import ParameterError
from featkit.evaluation.splits import Rows, Split
from featkit.results.notes import Note


@dataclass(frozen=True, eq=False)
class Samples:
    """What estimators see of a table.

    Attributes
    ----------
    X : ndarray of shape (n, …), or sequence of n arrays
    y : ndarray of str, shape (n,)
    clips : ndarray of int, shape (n,), or None
        The clip of each row, where rows are copies of others: the first row of a clip is no copy.
    ids : ndarray of str, shape (n,), or None
        The clips' ids.
    """

    X: Any
    y: NDArray[np.str_]
    clips: NDArray[np.int64] | None = None
    ids: NDArray[np.str_] | None = None

    def at(self, rows: Rows) -> tuple[Any, NDArray[np.str_]]:
        """Return (X, y) of some rows, given as positions."""
        X = [self.X[row] for row in rows] if isinstance(self.X, list) else self.X[rows]
        return X, self.y[rows]

    def clips_of(self, rows: Rows) -> NDArray[np.int64] | None:
        """Return the clip of some rows; None where no row is a copy."""
        return None if self.clips is None else self.clips[rows]


def fit(
    estimator: Any, samples: Samples, split: Split, hold: bool = False
) -> tuple[Any, tuple[Note, ...]]:
    """Return a copy of ``estimator`` fitted on the training rows of a split, and notes on how.

    Hyper-parameters are chosen on ``split.select`` by ``split.inner``: through ``fit(X, y,
    groups=inner)`` where the estimator takes groups, through ``cv`` where it is one of
    scikit-learn's searches. With a validation part, the choice is made on that part and the chosen
    candidate is fitted on the training part only, as by [Pons2019]. An estimator that takes
    ``clips`` is told which rows are copies and selects on originals; with ``hold`` one that can
    keeps its held-out probabilities. A net with ``watch`` is also given the test rows as
    ``eval_set``, which it scores after every epoch and selects nothing on; [Palanisamy2020-code]
    selects the epoch on them.

    Raises
    ------
    ParameterError
        If the training rows are all of one class, with which some classifiers would fail and others
        guess.
    """
    X, y = samples.at(split.train)
    if len(np.unique(y)) < 2:
        raise ParameterError(
            f"the {len(split.train)} training clips are of one class, {str(y[0])!r}; "
            "nothing to tell apart"
        )
    model = clone(estimator)
    watched: dict[str, Any] = {"eval_set": samples.at(split.test)} if watches(model) else {}
    clips = samples.clips_of(split.train)
    notes: tuple[Note, ...] = ()
    told: dict[str, Any] = {"clips": clips, **watched}
    if len(split.select) > len(split.train):
        model, notes = _selected_on_valid(model, samples, split)
    elif split.inner is not None and _is_search(model):
        model.set_params(cv=_inner_splits(split.inner, clips))
    elif split.inner is not None:
        told |= {"groups": split.inner, "hold": hold or None}
    return model.fit(X, y, **accepted(model.fit, **told)), notes


def with_candidate(estimator: Any, params: Mapping[str, Any]) -> Any:
    """Return a copy of ``estimator`` that tries only the candidate ``params``.

    The estimator's own ``with_candidate`` does it where there is one; else each parameter of that
    name is set, as a tuple of one where it is a tuple of values to try.

    Raises
    ------
    ParameterError
        If a key of the candidate is not a parameter of the estimator.
    """
    if offers(estimator, FixesCandidate):
        return estimator.with_candidate(params)
    own = estimator.get_params(deep=True)
    unknown = sorted(set(params) - set(own))
    if unknown:
        raise ParameterError(
            f"{type(estimator).__name__} has no parameter {', '.join(unknown)} "
            "to fix its candidate with"
        )
    fixed = {
        key: (value,) if isinstance(own[key], (tuple, list)) else value
        for key, value in params.items()
    }
    return clone(estimator).set_params(**fixed)


def _selected_on_valid(model: Any, samples: Samples, split: Split) -> tuple[Any, tuple[Note, ...]]:
    """Return an unfitted estimator of the candidate that does best on the validation part."""
    X, y = samples.at(split.select)
    if _is_search(model):
        folds = _inner_splits(split.inner, samples.clips_of(split.select))
        model.set_params(cv=folds, refit=False).fit(X, y)
        return clone(model.estimator).set_params(**model.best_params_), ()
    if offers(model, TriesCandidates):
        candidates, predicted = model.candidate_predictions(X, y, split.inner)
        valid = split.inner == 0
        accuracies = (np.asarray(predicted)[:, valid] == y[valid]).mean(axis=1)
        return with_candidate(model, candidates[int(np.argmax(accuracies))]), ()
    unused = "the validation part is not used: this classifier selects nothing on it"
    return model, (Note("unselected", unused),)


def _inner_splits(inner: Rows | None, clips: Rows | None) -> Any:
    """Return the inner folds as scikit-learn takes them; what is held out are originals."""
    if clips is None:
        return PredefinedSplit(inner)
    original = originals(clips, len(clips)) == np.arange(len(clips))
    return [
        (train, held_out[original[held_out]]) for train, held_out in PredefinedSplit(inner).split()
    ]


def _is_search(model: Any) -> bool:
    """Return whether ``model`` is a search in scikit-learn's manner, such as ``GridSearchCV``."""
    return {"estimator", "cv", "refit"} <= set(model.get_params(deep=False))
