"""Metrics of one test fold, as scikit-learn defines them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

# What a probability of 0 for the true class adds to the log loss, in nats.
LARGEST_LOSS = -float(np.log(np.finfo(np.float64).eps))


def fold_metrics(
    y_true: NDArray[np.str_],
    y_pred: NDArray[np.str_],
    probabilities: NDArray[np.float64] | None,
    classes: Sequence[str],
) -> dict[str, Any]:
    """Return ``accuracy``, ``macro_accuracy``, ``macro_f1`` and ``log_loss`` of a fold.

    The first three are fractions in 0–1; log loss is in nats, None without probabilities.

    ``macro_accuracy`` is the mean recall over the classes that occur in the fold (unweighted
    average recall); ``macro_f1`` the mean over classes that occur or are predicted.

    Parameters
    ----------
    y_true, y_pred : ndarray of str, shape (n,)
    probabilities : ndarray of shape (n, n_classes), or None
        Columns as ``classes``.
    classes : sequence of str
        Sorted labels.
    """
    labels, codes = np.unique(np.concatenate([y_true, y_pred]), return_inverse=True)
    pairs = codes[: len(y_true)] * len(labels) + codes[len(y_true) :]
    confusion = np.bincount(pairs, minlength=len(labels) ** 2).reshape(len(labels), -1)
    hits, true, predicted = confusion.diagonal(), confusion.sum(axis=1), confusion.sum(axis=0)
    present = true > 0
    return {
        "accuracy": float(np.mean(y_true == y_pred)),
        "macro_accuracy": float(np.mean(hits[present] / true[present])),
        "macro_f1": float(np.mean(2 * hits / (true + predicted))),
        "log_loss": None if probabilities is None else log_loss(y_true, probabilities, classes),
    }


def log_loss(
    y_true: NDArray[Any], probabilities: NDArray[np.float64], classes: Sequence[Any]
) -> float:
    """Return the mean of −ln p of the true class, in nats.

    p is kept above the rounding step of double precision (2.2e-16).
    """
    column = {label: index for index, label in enumerate(classes)}
    truth = np.array([column[label] for label in y_true])
    return float(
        np.mean(
            -np.log(
                np.maximum(probabilities[np.arange(len(truth)), truth], np.finfo(np.float64).eps)
            )
        )
    )


def mebibytes(weights: int) -> float:
    """Return the size of float32 values in MiB, to one decimal.

    Given the number of weights of convolutions and linear layers, without biases and batch norm,
    these are the "MB" of [Wang2020]: all eight sizes of its table of task 1A come out.
    """
    return round(4 * weights / 2**20, 1)


def aligned(
    probabilities: NDArray[np.float64], trained: Sequence[Any], classes: Sequence[Any]
) -> NDArray[np.float64]:
    """Return probabilities with one column for each of ``classes``.

    Parameters
    ----------
    probabilities : ndarray of shape (n, n_trained)
    trained : sequence
        The class of each column.
    classes : sequence
        All classes; one that was never trained on gets probability 0.
    """
    column = {label: index for index, label in enumerate(classes)}
    full = np.zeros((len(probabilities), len(classes)))
    full[:, [column[label] for label in trained]] = probabilities
    return full
