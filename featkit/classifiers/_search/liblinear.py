"""``LinearSVC`` with its penalty chosen on inner folds."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, validate_data

from featkit.classifiers._search.calibration import probabilities
from featkit.classifiers._search.engine import Engine, Outcome, Rows
from featkit.classifiers._search.search import FoldSearch
from featkit.errors import ParameterError

Matrix = NDArray[np.float64]


class LinearSVCGrid(FoldSearch):
    """scikit-learn's ``LinearSVC``: squared hinge loss, one class against the rest.

    Parameters
    ----------
    C : tuple of float
        Penalties to try.
    scale : bool
        Standardise the features by mean and deviation of the training rows.
    class_weight, max_iter
        As in ``LinearSVC``.
    n_folds : int
        Number of inner folds if ``fit`` is given none.
    probability : bool
        Offer ``predict_proba``, calibrated on the held-out margins of the inner folds.
    random_state : int
        Seed of the order in which liblinear visits the rows.

    Attributes
    ----------
    classes_, best_params_, cv_results_
        As in `FoldSearch`; candidates are ``{"C": penalty}``.
    scaler_, svc_, beta_
        The model: a ``StandardScaler`` or None, a ``LinearSVC``, and the factor of `calibration`.
    """

    def __init__(
        self,
        C: tuple[float, ...] = (0.1, 1.0, 2.0),
        scale: bool = True,
        class_weight: Any = None,
        max_iter: int = 1000,
        n_folds: int = 5,
        probability: bool = True,
        random_state: int = 0,
    ) -> None:
        self.C = C
        self.scale = scale
        self.class_weight = class_weight
        self.max_iter = max_iter
        self.n_folds = n_folds
        self.probability = probability
        self.random_state = random_state

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the label with the largest margin for every row."""
        best = self._margins(X).argmax(axis=1)
        labels: NDArray[Any] = self.classes_[best]
        return labels

    def decision_function(self, X: ArrayLike) -> Matrix:
        """Return the margin of every class, shape (n, n_classes).

        For two classes it is the margin of the second, shape (n,).
        """
        margins = self._margins(X)
        return margins if len(self.classes_) > 2 else margins[:, 1]

    @available_if(lambda self: self.probability)  # type: ignore[untyped-decorator]
    def predict_proba(self, X: ArrayLike) -> Matrix:
        """Return the calibrated softmax of the margins, (n, n_classes), columns as ``classes_``."""
        return probabilities(self._margins(X), self.beta_)

    def _margins(self, X: ArrayLike) -> Matrix:
        check_is_fitted(self)
        rows: Matrix = validate_data(self, X, dtype=np.float64, reset=False)
        return _margins(self.svc_, rows if self.scaler_ is None else self.scaler_.transform(rows))

    def _engine(self, X: Matrix, codes: Rows, scored: bool) -> "LinearSVCEngine":
        if not len(self.C) or not all(0 < value < np.inf for value in self.C):
            raise ParameterError(f"C={self.C!r} must be a tuple of finite values above 0")
        weight = self.class_weight
        if isinstance(weight, dict):
            weight = {
                code: weight[label] for code, label in enumerate(self.classes_) if label in weight
            }
        options = {"class_weight": weight, "max_iter": self.max_iter}
        options["random_state"] = self.random_state
        return LinearSVCEngine(X, codes, scored, self.C, self.scale, options)

    def _learn(self, engine: Any, X: Matrix, index: int) -> None:
        rows = np.arange(len(X))
        self.scaler_ = engine.scaler(rows)
        self.svc_ = engine.fit(rows, self.scaler_, index)
        self.n_iter_ = int(self.svc_.n_iter_)


class LinearSVCEngine(Engine):
    """Candidates that differ in ``C``; scores are margins."""

    def __init__(
        self,
        X: Matrix,
        codes: Rows,
        scored: bool,
        penalties: Sequence[float],
        scale: bool,
        options: dict[str, Any],
    ) -> None:
        super().__init__(codes, [{"C": float(value)} for value in penalties], scored)
        self.X = X
        self.scale = scale
        self.options = options
        self.stopped: set[int] = set()

    def complaints(self) -> list[str]:
        """Return which candidates stopped at ``max_iter``."""
        named = "; ".join(str(self.candidates[index]) for index in sorted(self.stopped))
        limit = self.options["max_iter"]
        return [f"not converged within max_iter={limit}: {named}"] if named else []

    def scaler(self, rows: Rows) -> StandardScaler | None:
        """Return a scaler fitted on ``rows``, or None."""
        return StandardScaler().fit(self.X[rows]) if self.scale else None

    def fit(self, rows: Rows, scaler: StandardScaler | None, index: int) -> LinearSVC:
        """Return candidate ``index``, fitted on ``rows``."""
        data = self.X[rows] if scaler is None else scaler.transform(self.X[rows])
        model = LinearSVC(C=self.candidates[index]["C"], dual=True, **self.options)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(data, self.codes[rows])
        if model.n_iter_ >= self.options["max_iter"]:
            self.stopped.add(index)
        return model

    def ask(self, train: Rows, held_out: Sequence[Rows], outcomes: Sequence[Outcome]) -> None:
        """Fit all candidates on ``train`` and write their answers for each set of held-out rows."""
        scaler = self.scaler(train)
        for index in range(len(self.candidates)):
            model = self.fit(train, scaler, index)
            for rows, outcome in zip(held_out, outcomes, strict=True):
                data = self.X[rows] if scaler is None else scaler.transform(self.X[rows])
                margins = _margins(model, data)
                outcome.codes[index] = model.classes_[margins.argmax(axis=1)]
                if self.scored:
                    outcome.scores[index][:, model.classes_] = margins


def _margins(model: LinearSVC, rows: Matrix) -> Matrix:
    """Return the margin of every class that the model knows, shape (m, n_classes)."""
    values = model.decision_function(rows)
    return np.stack([-values, values], axis=1) if values.ndim == 1 else np.asarray(values)
