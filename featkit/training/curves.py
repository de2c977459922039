"""What a run reports: the numbers that different ways of choosing the epoch give, and the confusion
matrix (S4-8, T9).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def numbers(curves: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the test accuracy by each way of choosing the epoch, side by side (S0-14; pitfalls 2,
    3).

    ``last`` is the last epoch, ``best_on_valid`` the one of lowest loss on the inner validation
    part, and ``best_on_test`` the one of highest test accuracy. The last has seen the test rows and
    is optimistic: it is the paper's number, not an estimate. Entries are missing where their part
    was.

    Returns
    -------
    dict of dict
        ``{"epoch", "test_accuracy" (None without a test part), "valid_accuracy" (likewise),
        "optimistic": bool}``.
    """
    if not curves:
        return {}
    found = {"last": _entry(curves[-1], False)}
    if "valid_loss" in curves[0]:
        found["best_on_valid"] = _entry(min(curves, key=lambda row: row["valid_loss"]), False)
    if "test_accuracy" in curves[0]:
        found["best_on_test"] = _entry(max(curves, key=lambda row: row["test_accuracy"]), True)
    return found


def _entry(row: dict[str, Any], optimistic: bool) -> dict[str, Any]:
    accuracies = {key: row.get(key) for key in ("valid_accuracy", "test_accuracy")}
    return {"epoch": row["epoch"], **accuracies, "optimistic": optimistic}


def confusion(y_true: ArrayLike, y_pred: ArrayLike, classes: ArrayLike) -> NDArray[np.int64]:
    """Return how many rows of each true class (rows) were given each class (columns); a row sums to
    its class's count.
    """
    from sklearn.metrics import confusion_matrix

    counts: NDArray[np.int64] = confusion_matrix(y_true, y_pred, labels=classes)
    return counts
