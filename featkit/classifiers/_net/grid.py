"""Learning rate and weight decay chosen on an inner split, never on test rows: P9 (S0-13)."""

import itertools
import warnings
from collections.abc import Iterator
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils.validation import check_is_fitted

from featkit.errors import DivergenceError, ParameterError
from featkit.training.inner import Index, fold_split, inner_split, pick


class NetGrid(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Train a net with each learning rate and weight decay on one part of the rows, and the best
    anew on all of them.

    Parameters
    ----------
    net : estimator
        Unfitted, with a parameter ``overrides``: a dict of changes to its recipe.
    lr, weight_decay : tuple of float
        Values to try, all combinations.
    share : float
        Part of each class that is held out to choose on, where ``fit`` is given no inner folds.
    random_state : int
        Of that part.

    Attributes
    ----------
    best_params_ : dict
        The combination of highest accuracy on the held-out rows, of equals the first; absent with a
        single combination.
    scores_ : list of dict
        Each combination with its ``accuracy``, −1 where its training diverged.
    net_ : estimator
        The net trained on all rows.
    classes_ : ndarray
        Sorted labels.
    """

    input_kind: ClassVar[str] = "array"

    def __init__(
        self,
        net: Any,
        lr: tuple[float, ...],
        weight_decay: tuple[float, ...],
        share: float = 0.2,
        random_state: int = 0,
    ) -> None:
        self.net = net
        self.lr = lr
        self.weight_decay = weight_decay
        self.share = share
        self.random_state = random_state

    def fit(
        self,
        X: Any,
        y: ArrayLike,
        groups: ArrayLike | None = None,
        eval_set: tuple[Any, ArrayLike] | None = None,
    ) -> Self:
        """Return the estimator trained with the best combination.

        Parameters
        ----------
        X, y, eval_set
            As the net's.
        groups : array-like of int, optional
            Inner fold of each row, −1 for rows that only train; the lowest fold is held out.
            Without them a share of each class.
        """
        labels = np.asarray(y)
        candidates = list(self._candidates())
        self.scores_: list[dict[str, Any]] = []
        if len(candidates) > 1:
            train, held = self._split(labels, groups)
            for candidate in candidates:
                found = self._predicted(candidate, X, labels, groups, train, held)
                right = -1.0 if found is None else float((found == labels[held]).mean())
                self.scores_.append({**candidate, "accuracy": right})
            best = int(np.argmax([score["accuracy"] for score in self.scores_]))
            candidates = [candidates[best]]
        self.best_params_ = candidates[0]
        self.net_ = self._trained(
            candidates[0], X, labels, groups, np.arange(len(labels)), eval_set
        )
        self.classes_ = self.net_.classes_
        return self

    def candidate_predictions(
        self, X: Any, y: ArrayLike, folds: ArrayLike
    ) -> tuple[list[dict[str, Any]], NDArray[Any]]:
        """Return the combinations, and for each the prediction of every row by a net that was
        trained without the row's fold.

        Rows of fold −1 only train; their own label stands in their place.
        """
        labels, numbers = np.asarray(y), np.asarray(folds)
        candidates = list(self._candidates())
        found = np.repeat(labels[None], len(candidates), axis=0)
        for fold in np.unique(numbers[numbers >= 0]):
            train, held = np.flatnonzero(numbers != fold), np.flatnonzero(numbers == fold)
            for row, candidate in zip(found, candidates, strict=True):
                guess = self._predicted(candidate, X, labels, None, train, held)
                # A wrong label, so that a combination that diverges is never the best.
                row[held] = (
                    np.where(labels[held] == labels[0], labels[labels != labels[0]][0], labels[0])
                    if guess is None
                    else guess
                )
        return candidates, found

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the most probable label of each row."""
        check_is_fitted(self)
        labels: NDArray[Any] = self.net_.predict(X)
        return labels

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return class probabilities, shape (n, classes)."""
        check_is_fitted(self)
        shares: NDArray[np.float64] = self.net_.predict_proba(X)
        return shares

    @property
    def model_bytes(self) -> int:
        """Bytes of the fitted net's parameters."""
        return int(self.net_.model_bytes)

    def size(self) -> dict[str, Any]:
        """Return ``parameters`` and ``model_bytes`` of the net, without training."""
        found: dict[str, Any] = self.net.size()
        return found

    def _candidates(self) -> Iterator[dict[str, Any]]:
        if not self.lr or not self.weight_decay:
            raise ParameterError(
                f"lr={self.lr} and weight_decay={self.weight_decay} must each name at least one value"
            )
        for lr, decay in itertools.product(self.lr, self.weight_decay):
            yield {"lr": lr, "weight_decay": decay}

    def _predicted(
        self,
        candidate: dict[str, Any],
        X: Any,
        labels: NDArray[Any],
        groups: ArrayLike | None,
        train: Index,
        held: Index,
    ) -> NDArray[Any] | None:
        """Return what a combination trained on some rows says of others, None (and a warning) where
        its training diverges.
        """
        try:
            model = self._trained(candidate, pick(X, train), labels[train], groups, train)
        except DivergenceError as error:
            warnings.warn(
                f"lr={candidate['lr']:g}, weight_decay={candidate['weight_decay']:g} is not chosen: {error}",
                stacklevel=3,
            )
            return None
        found: NDArray[Any] = model.predict(pick(X, held))
        return found

    def _trained(
        self,
        candidate: dict[str, Any],
        X: Any,
        y: Any,
        groups: Any,
        rows: Index,
        eval_set: tuple[Any, ArrayLike] | None = None,
    ) -> Any:
        net = clone(self.net)
        net.set_params(overrides={**net.overrides, **candidate})
        return net.fit(
            X, y, groups=None if groups is None else np.asarray(groups)[rows], eval_set=eval_set
        )

    def _split(self, labels: NDArray[Any], groups: ArrayLike | None) -> tuple[Index, Index]:
        if groups is None:
            return inner_split(labels, self.share, self.random_state)
        return fold_split(np.asarray(groups))
