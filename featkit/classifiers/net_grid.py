"""Learning rate and weight decay chosen on an inner split, never on test rows [Palanisamy2020]."""

import itertools
import warnings
from collections.abc import Iterator
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from featkit.classifiers._wrapping import innermost, set_innermost, wrapped
from featkit.classifiers.base import registry
from featkit.errors import DivergenceError, ParameterError
from featkit.training.rows import Index, fold_split, inner_split, pick


class NetGrid(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Train a net with each learning rate and weight decay on one part of the rows, and the best
    once more on all of them.

    Parameters
    ----------
    net : estimator
        Unfitted, with a parameter ``overrides``, a dict of changes to its recipe; or a wrapper
        around such a net, ``net``.
    lr, weight_decay : tuple of float
        Values to try, all combinations.
    share : float
        Fraction of each class that is held out to choose on, if ``fit`` is given no inner folds.
    random_state : int
        Of that choice of rows.

    Attributes
    ----------
    best_params_ : dict
        The combination of highest accuracy on the held-out rows; ties go to the first.
    scores_ : list of dict
        Each combination with its ``accuracy``, −1 if its training diverged; empty with a single
        combination.
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
            Without them a fraction of each class.
        """
        labels = np.asarray(y)
        candidates = list(self._candidates())
        self.scores_: list[dict[str, Any]] = []
        if len(candidates) > 1:
            train, held = self._split(labels, groups)
            for candidate in candidates:
                guess = self._predicted(candidate, X, labels, groups, train, held)
                accuracy = -1.0 if guess is None else float((guess == labels[held]).mean())
                self.scores_.append({**candidate, "accuracy": accuracy})
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
        predicted = np.repeat(labels[None], len(candidates), axis=0)
        for fold in np.unique(numbers[numbers >= 0]):
            train, held = np.flatnonzero(numbers != fold), np.flatnonzero(numbers == fold)
            for row, candidate in zip(predicted, candidates, strict=True):
                guess = self._predicted(candidate, X, labels, None, train, held)
                # A wrong label, so that a combination that diverges is never the best.
                row[held] = (
                    np.where(labels[held] == labels[0], labels[labels != labels[0]][0], labels[0])
                    if guess is None
                    else guess
                )
        return candidates, predicted

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the most probable label of each row."""
        check_is_fitted(self)
        labels: NDArray[Any] = self.net_.predict(X)
        return labels

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return class probabilities, shape (n, classes)."""
        check_is_fitted(self)
        probabilities: NDArray[np.float64] = self.net_.predict_proba(X)
        return probabilities

    @available_if(lambda self: hasattr(self.net, "embed"))  # type: ignore[untyped-decorator]
    def embed(self, X: Any) -> NDArray[np.float64]:
        """Return what the head of the chosen net reads for each row, shape (n, d)."""
        check_is_fitted(self)
        deep: NDArray[np.float64] = self.net_.embed(X)
        return deep

    @property
    def model_bytes(self) -> int:
        """Bytes of the fitted net's parameters."""
        return int(self.net_.model_bytes)

    def size(self) -> dict[str, Any]:
        """Return ``parameters`` and ``model_bytes`` of the net, without training."""
        size: dict[str, Any] = self.net.size()
        return size

    def _candidates(self) -> Iterator[dict[str, Any]]:
        if not self.lr or not self.weight_decay:
            raise ParameterError(
                f"lr={self.lr} and weight_decay={self.weight_decay} "
                "must each name at least one value"
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
        """Return what a combination trained on some rows predicts for others, None (and a warning)
        if its training diverges.
        """
        try:
            model = self._trained(candidate, pick(X, train), labels[train], groups, train)
        except DivergenceError as error:
            warnings.warn(
                f"lr={candidate['lr']:g}, weight_decay={candidate['weight_decay']:g} "
                f"is not chosen: {error}",
                stacklevel=3,
            )
            return None
        labels_held: NDArray[Any] = model.predict(pick(X, held))
        return labels_held

    def _trained(
        self,
        candidate: dict[str, Any],
        X: Any,
        y: Any,
        groups: Any,
        rows: Index,
        eval_set: tuple[Any, ArrayLike] | None = None,
    ) -> Any:
        changes = {**(innermost(self.net).overrides or {}), **candidate}
        net = set_innermost(clone(self.net), overrides=changes)
        inner = None if groups is None else np.asarray(groups)[rows]
        watched = {} if eval_set is None else {"eval_set": eval_set}
        return net.fit(X, y, groups=inner, **watched)

    def _split(self, labels: NDArray[Any], groups: ArrayLike | None) -> tuple[Index, Index]:
        if groups is None:
            return inner_split(labels, self.share, self.random_state)
        return fold_split(np.asarray(groups))


@registry.register
def make(
    *,
    net: str = "net",
    lr: tuple[float, ...] = (),
    weight_decay: tuple[float, ...] = (),
    seed: int = 0,
) -> NetGrid:
    """Trained net whose learning rate and weight decay are chosen on an inner split.

    Parameters
    ----------
    net : str
        Classifier text of a ``net``, or of ``deep_svm`` or ``segments`` around one.
    lr, weight_decay : tuple of float
        Values to try, all combinations (``lr=1e-3+1e-4``); empty: the net's own.
    seed : int
        Of the net and of the rows held out where there are no inner folds.
    """
    model = wrapped(net, seed, "net_grid", ("net", "deep_svm", "segments"))
    recipe = innermost(model).settled()
    return NetGrid(
        model, lr or (recipe.lr,), weight_decay or (recipe.weight_decay,), random_state=seed
    )
