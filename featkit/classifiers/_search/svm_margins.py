"""Margins from the dual coefficients of a fitted ``SVC``."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.svm import SVC

from featkit.classifiers._search.interior_svc import InteriorSVC
from featkit.classifiers._search.kernels import Matrix


def interior(model: SVC) -> bool:
    """Return whether no coefficient has reached its bound C.

    The model then solves the problem of every larger C as well: the optimality conditions mention C
    only for coefficients that have reached it.
    """
    limit = model.C * model.class_weight_.min()
    return not model.fit_status_ and bool(np.abs(model.dual_coef_).max(initial=0.0) < limit)


def margin_weights(model: SVC) -> tuple[Matrix, Matrix]:
    """Return weights (n_support, n_classes) and offsets (n_classes,) that give mean margins.

    If f_ab is the decision value for class a against b, the mean margin of a is Σ_b f_ab /
    (n_classes − 1). For a support vector of class a, ``dual_coef_`` holds its coefficient in f_ab
    (b > a) or f_ba (b < a) for each other class b in turn.
    """
    k = len(model.classes_)
    flip = -1.0 if k == 2 else 1.0  # scikit-learn flips the sign of both for two classes
    dual, offset = flip * model.dual_coef_, flip * model.intercept_
    weights, offsets = np.zeros((dual.shape[1], k)), np.zeros(k)
    first, second = np.triu_indices(k, 1)
    np.add.at(offsets, first, offset)
    np.subtract.at(offsets, second, offset)
    ends = np.cumsum(model.n_support_)
    for a, (start, end) in enumerate(zip(ends - model.n_support_, ends, strict=True)):
        others = np.delete(np.arange(k), a)
        signed = np.where(others > a, 1.0, -1.0)[:, None] * dual[:, start:end]
        weights[start:end, a] = signed.sum(axis=0)
        weights[start:end, others] = -signed.T
    return weights / (k - 1), offsets / (k - 1)


def mean_margins(model: SVC | InteriorSVC, kernel: Matrix) -> Matrix:
    """Return the mean margin of every class, (m, n_classes), from kernel values (m, t).

    Kernel values are with all training rows; an `InteriorSVC` takes features instead.
    """
    if isinstance(model, InteriorSVC):
        return model.mean_margins(kernel)
    weights, offsets = margin_weights(model)
    whole = np.zeros((kernel.shape[1], len(offsets)))
    whole[model.support_] = weights
    margins: Matrix = kernel @ whole + offsets
    return margins


def lift(values: Matrix, voted: NDArray[Any]) -> None:
    """Make column ``voted`` the largest of every row, in place, by exchanging two values."""
    rows, largest = np.arange(len(values)), values.argmax(axis=1)
    values[rows, voted], values[rows, largest] = values[rows, largest], values[rows, voted]
