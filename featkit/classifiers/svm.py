"""Support vector machine that chooses kernel, γ and C on inner folds, as a grid search does."""

import math
from collections.abc import Callable
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, validate_data

from featkit.classifiers._search.calibration import probabilities
from featkit.classifiers._search.engine import Rows
from featkit.classifiers._search.interior_svc import InteriorSVC
from featkit.classifiers._search.kernels import (
    Matrix,
    ProductSource,
    by_block,
    columns,
    linear_scales,
    summed,
)
from featkit.classifiers._search.search import FoldSearch
from featkit.classifiers._search.svm_engine import SVMEngine
from featkit.classifiers._search.svm_grid import PAPER_C, PAPER_GAMMA, candidates, simplex
from featkit.classifiers._search.svm_margins import lift, mean_margins
from featkit.classifiers.base import Conduct, registry
from featkit.errors import ParameterError

DEFAULT_BUDGET = 3.5 * 2**30  # with interpreter and libraries, a process of 4 GB
PRESETS = {"elmarc": {"scale": False}}
_CHUNK_BYTES = 1 << 26


class SVMGrid(FoldSearch):
    """Support vector classifier with its hyper-parameters chosen on inner folds.

    The 32 default candidates are those of [Pons2019].

    Parameters
    ----------
    kernel : tuple of {"rbf", "linear"}, or ("precomputed",)
        Kernels to try. With ``precomputed``, X holds kernel values: (n, n) to fit, (m, n) to
        predict.
    C : tuple of float
        Penalties to try.
    gamma : tuple of float or "auto"
        Widths of the RBF kernel to try; ``auto`` is 1/n_features.
    blocks : tuple of int
        Numbers of columns of the features that stand side by side in X: the kernel is then a
        weighted sum of one kernel per feature (`kernels`). ``"features"`` means those of a table of
        joined features, which `evaluate` and `train` fill in; otherwise there is one block.
    weight_steps : int
        Weights to try are the multiples of 1/weight_steps that add up to 1.
    scale : bool
        Standardise the features by mean and deviation of the training rows. The paper does not.
    class_weight : dict, "balanced" or None
        As in scikit-learn's ``SVC``; so are ``tol`` and ``max_iter`` (−1: no limit).
    n_folds : int
        Number of inner folds if ``fit`` is given none.
    probability : bool
        Offer ``predict_proba``, calibrated on the held-out margins of the inner folds.
    n_jobs : int or None
        Threads; the result does not depend on it.
    memory_budget : float
        Upper bound in bytes for the matrices. Beyond it, inner products are computed again for each
        kernel instead of being kept: up to t training rows with 8·t² bytes plus a tenth or so.

    Attributes
    ----------
    best_params_ : dict
        The candidate with the highest mean accuracy over the inner folds. Ties go to the first, in
        this order: for each C each γ of the RBF kernel, then the linear kernel with each C (and for
        each of these all weights).
    cv_results_ : dict
        ``params``, ``split0_test_score`` … ``mean_test_score``, ``rank_test_score``; only if inner
        folds were used.
    classes_, n_features_in_, n_iter_, scaler_, svc_, support_, support_vectors_, beta_
        The model: a ``StandardScaler`` or None, an ``SVC`` on kernel values, the row numbers and
        (scaled) features of its support vectors, and the factor of `calibration`. A linear winner
        on many rows (`interior_svc.pays`) is an `InteriorSVC` on features without support vectors.

    Notes
    -----
    ``predict`` counts the votes of pairs of classes as libsvm does; ties go to the first class.
    ``predict_proba`` is a softmax of mean margins. If the class with the largest margin is not the
    predicted one, the two exchange their values, so that the largest probability always belongs to
    the predicted class.
    """

    def __init__(
        self,
        kernel: tuple[str, ...] = ("rbf", "linear"),
        C: tuple[float, ...] = PAPER_C,
        gamma: tuple[float | Literal["auto"], ...] = PAPER_GAMMA,
        blocks: tuple[int, ...] | Literal["features"] = (),
        weight_steps: int = 4,
        scale: bool = True,
        class_weight: Any = None,
        tol: float = 1e-3,
        max_iter: int = -1,
        n_folds: int = 5,
        probability: bool = True,
        n_jobs: int | None = None,
        memory_budget: float = DEFAULT_BUDGET,
    ) -> None:
        self.kernel = kernel
        self.C = C
        self.gamma = gamma
        self.blocks = blocks
        self.weight_steps = weight_steps
        self.scale = scale
        self.class_weight = class_weight
        self.tol = tol
        self.max_iter = max_iter
        self.n_folds = n_folds
        self.probability = probability
        self.n_jobs = n_jobs
        self.memory_budget = memory_budget

    def __sklearn_tags__(self) -> Any:
        """Return scikit-learn's description of the estimator."""
        tags = super().__sklearn_tags__()
        tags.input_tags.pairwise = tuple(self.kernel) == ("precomputed",)
        return tags

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the label of every row."""
        codes = self._over_rows(X, lambda values: self.svc_.predict(values))
        return np.asarray(self.classes_[codes])

    def decision_function(self, X: ArrayLike) -> Matrix:
        """Return the votes for each class plus a term below 1/2 for the margin, (n, n_classes).

        For two classes it is the margin, shape (n,).
        """
        values: Matrix = self._over_rows(X, self._votes)
        return values

    @available_if(lambda self: self.probability)  # type: ignore[untyped-decorator]
    def predict_proba(self, X: ArrayLike) -> Matrix:
        """Return calibrated probabilities, shape (n, n_classes), columns as ``classes_``."""
        values: Matrix = self._over_rows(X, self._probabilities)
        return values

    def _votes(self, kernel: Matrix) -> Matrix:
        values: Matrix = self.svc_.decision_function(kernel)
        if values.ndim == 2:
            lift(values, self.svc_.predict(kernel))
        return values

    def _probabilities(self, kernel: Matrix) -> Matrix:
        margins = mean_margins(self.svc_, kernel)
        lift(margins, self.svc_.predict(kernel))
        return probabilities(margins, self.beta_)

    def _over_rows(self, X: ArrayLike, compute: Callable[[Matrix], NDArray[Any]]) -> NDArray[Any]:
        """Return ``compute`` of the kernel values with all training rows, chunk by chunk.

        Kernel values with rows that are not support vectors are 0: nothing reads them.
        """
        check_is_fitted(self)
        data: Matrix = validate_data(self, X, dtype=np.float64, reset=False)
        if isinstance(self.svc_, InteriorSVC):
            blocks = columns(self.blocks, self.n_features_in_)
            return compute(self._scaled(data) * linear_scales(blocks, self.best_params_))
        t = self.svc_.shape_fit_[1]
        step = max(1, _CHUNK_BYTES // (8 * t))
        results = []
        for start in range(0, len(data), step):
            kernel = np.zeros((len(data[start : start + step]), t))
            kernel[:, self.svc_.support_] = self._kernel(data[start : start + step])
            results.append(compute(kernel))
        return np.concatenate(results)

    def _kernel(self, rows: Matrix) -> Matrix:
        if self._pairwise:
            return rows[:, self.support_]
        blocks = columns(self.blocks, self.n_features_in_)
        products = by_block(self._scaled(rows), self.support_vectors_, blocks)
        return summed(products, self.best_params_)

    def _scaled(self, rows: Matrix) -> Matrix:
        return rows if self.scaler_ is None else self.scaler_.transform(rows, copy=True)

    def _engine(self, X: Matrix, codes: Rows, scored: bool) -> SVMEngine:
        weight = self.class_weight
        if isinstance(weight, dict):
            if not all(0 < value < math.inf for value in weight.values()):
                raise ParameterError(f"class_weight={weight} must hold finite values above 0")
            weight = {
                code: weight[label] for code, label in enumerate(self.classes_) if label in weight
            }
        options = {"tol": self.tol, "max_iter": self.max_iter, "class_weight": weight}
        if self._pairwise and self.blocks:
            raise ParameterError("blocks count columns of features; a precomputed kernel has none")
        source = ProductSource(X, self.scale, self._pairwise, self.blocks)
        weights = simplex(len(source.blocks), self.weight_steps)
        grid = candidates(self.kernel, self.C, self.gamma, X.shape[1], weights)
        return SVMEngine(source, codes, grid, scored, options, self.n_jobs, self.memory_budget)

    def _learn(self, engine: Any, X: Matrix, index: int) -> None:
        self.svc_, order = engine.fit_final(index)
        self.n_iter_ = int(self.svc_.n_iter_.max())
        self.scaler_ = engine.source.scaler(order) if engine.source.scale else None
        if isinstance(self.svc_, InteriorSVC):
            self.support_, self.support_vectors_ = order[:0], X[:0]
            return
        self.support_ = order[self.svc_.support_]
        if not self._pairwise:
            self.support_vectors_ = self._scaled(X[self.support_])


@registry.register
def make(
    *,
    kernel: tuple[Literal["rbf", "linear"], ...] = ("rbf", "linear"),
    C: tuple[float, ...] = PAPER_C,
    gamma: tuple[float | Literal["auto"], ...] = PAPER_GAMMA,
    blocks: tuple[int, ...] | Literal["features"] = (),
    weight_steps: int = 4,
    scale: bool = True,
    class_weight: Literal["balanced"] | None = None,
    max_iter: int = -1,
    n_folds: int = 5,
    probability: bool = True,
    n_jobs: Annotated[int | None, Conduct] = None,
    memory_budget: Annotated[float, Conduct] = DEFAULT_BUDGET,
    seed: int = 0,
) -> SVMGrid:
    """Support vector machine; kernel, γ and C chosen on inner folds (``seed`` has no effect).

    Preset ``elmarc``: the same 32 candidates on unscaled features, as in [elmarc].
    """
    del seed
    candidates(kernel, C, gamma, 1)  # Raises for values that are not allowed.
    return SVMGrid(
        kernel=kernel,
        C=C,
        gamma=gamma,
        blocks=blocks,
        weight_steps=weight_steps,
        scale=scale,
        class_weight=class_weight,
        max_iter=max_iter,
        n_folds=n_folds,
        probability=probability,
        n_jobs=n_jobs,
        memory_budget=memory_budget,
    )
