"""Extreme learning machine: a random hidden layer, its size chosen on inner folds, and a linear
readout in closed form.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, validate_data

from featkit.classifiers._search.calibration import probabilities
from featkit.classifiers._search.elm_engine import ELMEngine, activations
from featkit.classifiers._search.engine import Rows
from featkit.classifiers._search.search import FoldSearch
from featkit.classifiers.base import registry
from featkit.errors import ParameterError

Matrix = NDArray[np.float64]
PAPER_SIZES = (100, 250, 500, 1200, 1800, 2500)
PRESETS = {"elmarc": {"scale": False, "ridge_alpha": None}}
_CHUNK_ROWS = 1024


class ELM(FoldSearch):
    """ReLU(XW + b) with W, b ~ N(0, 1), then ridge regression on ±1 targets [Huang2006].

    The hidden sizes are those of [Pons2019].

    Parameters
    ----------
    n_hidden : tuple of int
        Hidden sizes to try. A smaller layer consists of the first units of a larger one, so all
        sizes share one projection.
    ridge_alpha : float or None
        Ridge λ in units of the expected energy of one hidden unit, Σ_i (|x_i|² + 1)/2 over the
        training rows. It then means the same for any number of rows and hidden units and, apart
        from the bias, for any unit of the features. None is the paper's pseudo-inverse: no
        regularisation, and an exact fit of the training targets if hidden units outnumber rows.
    scale : bool
        Standardise the features by mean and deviation of the training rows. The paper does not.
    n_folds : int
        Number of inner folds if ``fit`` is given none.
    probability : bool
        Offer ``predict_proba``, calibrated on the held-out scores of the inner folds.
    random_state : int
        Seed of the hidden layer. The final fit uses the units of the selection, whereas [elmarc]
        draws new ones.

    Attributes
    ----------
    classes_, best_params_, cv_results_
        As in `FoldSearch`; candidates are ``{"n_hidden": size}``.
    scaler_, units_, coef_, beta_
        The model: a ``StandardScaler`` or None, weights and bias of the hidden units, shape
        (n_hidden, d + 1), the readout, (n_hidden, n_classes), and the factor of `calibration`.
    """

    def __init__(
        self,
        n_hidden: tuple[int, ...] = PAPER_SIZES,
        ridge_alpha: float | None = 0.3,
        scale: bool = True,
        n_folds: int = 5,
        probability: bool = True,
        random_state: int = 0,
    ) -> None:
        self.n_hidden = n_hidden
        self.ridge_alpha = ridge_alpha
        self.scale = scale
        self.n_folds = n_folds
        self.probability = probability
        self.random_state = random_state

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the label with the highest score for every row."""
        check_is_fitted(self)
        labels: NDArray[Any] = self.classes_[self._scores(X).argmax(axis=1)]
        return labels

    def decision_function(self, X: ArrayLike) -> Matrix:
        """Return the score of every class, shape (n, n_classes).

        For two classes it is the difference of their scores, shape (n,).
        """
        scores = self._scores(X)
        return scores if len(self.classes_) > 2 else scores[:, 1] - scores[:, 0]

    @available_if(lambda self: self.probability)  # type: ignore[untyped-decorator]
    def predict_proba(self, X: ArrayLike) -> Matrix:
        """Return the calibrated softmax of the scores, (n, n_classes), columns as ``classes_``."""
        return probabilities(self._scores(X), self.beta_)

    def _scores(self, X: ArrayLike) -> Matrix:
        check_is_fitted(self)
        data: Matrix = validate_data(self, X, dtype=np.float64, reset=False)
        scores = np.empty((len(data), len(self.classes_)))
        for start in range(0, len(data), _CHUNK_ROWS):
            rows = data[start : start + _CHUNK_ROWS]
            rows = rows if self.scaler_ is None else self.scaler_.transform(rows)
            scores[start : start + _CHUNK_ROWS] = activations(rows, self.units_) @ self.coef_
        return scores

    def _engine(self, X: Matrix, codes: Rows, scored: bool) -> ELMEngine:
        sizes = np.asarray(self.n_hidden)
        whole = sizes.ndim == 1 and sizes.size > 0 and np.issubdtype(sizes.dtype, np.integer)
        if not whole or sizes.min() < 1 or len(np.unique(sizes)) < len(sizes):
            raise ParameterError(
                f"n_hidden={self.n_hidden!r} must be a tuple of different whole numbers above 0"
            )
        if self.ridge_alpha is not None and not 0.0 < self.ridge_alpha < np.inf:
            raise ParameterError(
                f"ridge_alpha={self.ridge_alpha!r} must be above 0, or None for the pseudo-inverse"
            )
        seed = int(self.random_state)
        return ELMEngine(X, codes, scored, sizes.tolist(), self.ridge_alpha, self.scale, seed)

    def _learn(self, engine: Any, X: Matrix, index: int) -> None:
        self.scaler_, self.units_, self.coef_ = engine.learn(index)


@registry.register
def make(
    *,
    n_hidden: tuple[int, ...] = PAPER_SIZES,
    ridge_alpha: float | None = 0.3,
    scale: bool = True,
    n_folds: int = 5,
    probability: bool = True,
    seed: int = 0,
) -> ELM:
    """Extreme learning machine, its hidden size chosen on inner folds among six.

    Preset ``elmarc``: pseudo-inverse and unscaled features, as in [elmarc].
    """
    return ELM(
        n_hidden=n_hidden,
        ridge_alpha=ridge_alpha,
        scale=scale,
        n_folds=n_folds,
        probability=probability,
        random_state=seed,
    )
