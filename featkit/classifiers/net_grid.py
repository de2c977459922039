"""Learning rate and weight decay chosen on an inner split, never on test rows [Palanisamy2020]."""

import itertools
import warnings
from collections.abc import Iterator
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from featkit.classifiers._wrapping import NetWrapper, fitted, innermost, set_innermost, wrapped
from featkit.classifiers.base import registry
from featkit.errors import DivergenceError, ParameterError
from featkit.training.rows import Index, fold_split, inner_split, pick


class NetGrid(NetWrapper):
    """Train a net with each learning rate and weight decay on one part of the rows, and the best
    once more on all of them.

    Parameters
    ----------
    net : estimator
        Unfitted, with a parameter ``overrides``, a dict of changes to its recipe; or a wrapper
        around such a net, ``net``.
    lr, weight_decay : tuple of float
        Values to try, all combinations.
    fraction : float
        Of each class, what is held out to choose on, if ``fit`` is given no inner folds.
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

    def __init__(
        self,
        net: Any,
        lr: tuple[float, ...],
        weight_decay: tuple[float, ...],
        fraction: float = 0.2,
        random_state: int = 0,
    ) -> None:
        self.net = net
        self.lr = lr
        self.weight_decay = weight_decay
        self.fraction = fraction
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
            inner = None if groups is None else np.asarray(groups)[train]
            part = pick(X, train), labels[train], inner
            for candidate in candidates:
                predicted = self._predicted(candidate, part, pick(X, held))
                accuracy = -1.0
                if predicted is not None:
                    accuracy = float((predicted == labels[held]).mean())
                self.scores_.append({**candidate, "accuracy": accuracy})
            best = int(np.argmax([score["accuracy"] for score in self.scores_]))
            candidates = [candidates[best]]
        self.best_params_ = candidates[0]
        self.net_ = fitted(self._with(candidates[0]), X, labels, groups, eval_set)
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
            part, other = (pick(X, train), labels[train], None), labels[labels != labels[0]][0]
            for row, candidate in zip(predicted, candidates, strict=True):
                answer = self._predicted(candidate, part, pick(X, held))
                if answer is None:
                    # A wrong label, so that a combination that diverges is never the best.
                    answer = np.where(labels[held] == labels[0], other, labels[0])
                row[held] = answer
        return candidates, predicted

    def __setstate__(self, state: dict[str, Any]) -> None:
        # Bundles of earlier versions call the fraction ``share``.
        new = {"fraction" if key == "share" else key: value for key, value in state.items()}
        super().__setstate__(new)

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

    def _candidates(self) -> Iterator[dict[str, Any]]:
        if not self.lr or not self.weight_decay:
            raise ParameterError(
                f"lr={self.lr} and weight_decay={self.weight_decay} "
                "must each name at least one value"
            )
        for lr, decay in itertools.product(self.lr, self.weight_decay):
            yield {"lr": lr, "weight_decay": decay}

    def _predicted(
        self, candidate: dict[str, Any], part: tuple[Any, Any, Any], X: Any
    ) -> NDArray[Any] | None:
        """Return what a combination that is trained on a part (rows, labels, inner folds) predicts
        for the rows ``X``; None, and a warning, if its training diverges.
        """
        try:
            net = fitted(self._with(candidate), *part)
        except DivergenceError as error:
            warnings.warn(
                f"lr={candidate['lr']:g}, weight_decay={candidate['weight_decay']:g} "
                f"is not chosen: {error}",
                stacklevel=3,
            )
            return None
        labels: NDArray[Any] = net.predict(X)
        return labels

    def _with(self, candidate: dict[str, Any]) -> Any:
        """Return an unfitted net with a combination among its overrides."""
        changes = {**(innermost(self.net).overrides or {}), **candidate}
        return set_innermost(clone(self.net), overrides=changes)

    def _split(self, labels: NDArray[Any], groups: ArrayLike | None) -> tuple[Index, Index]:
        if groups is None:
            return inner_split(labels, self.fraction, self.random_state)
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
