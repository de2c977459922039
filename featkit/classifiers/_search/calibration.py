"""Probabilities from scores: a softmax whose single parameter, an inverse temperature, is fitted on
held-out scores [Guo2017].

One parameter hardly overfits, whatever the number of classes and clips. Every step preserves the
order within a row, so the most probable class is the one with the highest score.

Scores are in units of the targets that a model was trained on, ±1. Scores far beyond are
extrapolation, and a single odd recording could dominate the fit and the log loss; each row is
therefore first divided by √(1 + max|score|²).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

Matrix = NDArray[np.float64]
_LOG_RANGE = (-12.0, 12.0)


def bounded(scores: NDArray[Any]) -> Matrix:
    """Return scores (n, n_classes), each row divided by √(1 + max|score|²), hence within (−1, 1).

    −inf stays: the model of that row did not know the class.
    """
    scores = np.asarray(scores, dtype=np.float64)
    largest = np.abs(np.where(np.isfinite(scores), scores, 0.0)).max(axis=1, keepdims=True)
    return np.asarray(scores / np.hypot(1.0, largest))


def inverse_temperature(scores: NDArray[Any], codes: NDArray[np.intp]) -> float:
    """Return the β > 0 for which softmax(β·bounded(scores)) fits the true classes best.

    Parameters
    ----------
    scores : ndarray of shape (n, n_classes)
        Held-out scores.
    codes : ndarray of int, shape (n,)
        Column of the true class.

    Notes
    -----
    Minimises the mean of −log p_true. An additional clip of unknown class (every class has weight
    1/n_classes), in the spirit of [Platt1999], keeps β finite on separable scores. Rows whose true
    class the model did not know are left out; if none remains, β is 1.
    """
    usable = np.isfinite(scores[np.arange(len(codes)), codes])
    if not usable.any():
        return 1.0
    logits, true = bounded(scores[usable]), codes[usable]
    finite = np.isfinite(logits)
    unknown = 1.0 / (len(logits) + 1.0)

    def loss(log_beta: float) -> float:
        logs = log_softmax(np.exp(log_beta) * logits, axis=1)
        even = np.where(finite, logs, 0.0).sum(axis=1) / finite.sum(axis=1)
        return float(-np.mean((1.0 - unknown) * logs[np.arange(len(true)), true] + unknown * even))

    return float(
        np.exp(
            minimize_scalar(loss, bounds=_LOG_RANGE, method="bounded", options={"xatol": 1e-6}).x
        )
    )


def probabilities(scores: NDArray[Any], beta: float) -> Matrix:
    """Return softmax(β·bounded(scores)) of every row; each sums to 1."""
    result: Matrix = softmax(beta * bounded(scores), axis=1)
    return result
