"""Metrics of one test fold, as scikit-learn defines them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, f1_score, recall_score


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
    present = np.unique(y_true)
    return {
        "accuracy": float(accuracy_score(y_true, y_pred)),
        "macro_accuracy": float(
            recall_score(y_true, y_pred, labels=present, average="macro", zero_division=0)
        ),
        "macro_f1": float(f1_score(y_true, y_pred, average="macro", zero_division=0)),
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
