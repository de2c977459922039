"""Inner folds, and the choice among candidates by mean accuracy over them.

Every estimator that selects hyper-parameters follows the same rules, so that two of them differ
only in what they fit.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.model_selection import StratifiedKFold

from featkit.errors import ParameterError

ALWAYS_TRAINING = -1
_SAME = 1e-12  # mean accuracies closer than this are a tie: they differ by rounding only


def fold_codes(folds: ArrayLike, n: int, least: int = 2) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """Return the sorted fold labels and the position of every row's label among them, shape (n,).

    Raises
    ------
    ParameterError
        If there is not one label for each row, or fewer than ``least`` folds.
    """
    given = np.asarray(folds)
    if given.shape != (n,):
        raise ParameterError(f"folds of shape {given.shape} do not match {n} rows")
    labels, codes = np.unique(given, return_inverse=True)
    if len(labels) < least:
        raise ParameterError(f"{len(labels)} fold(s) among {n} rows; at least {least} are needed")
    return labels, codes


def inner_folds(y: NDArray[Any], groups: ArrayLike | None, n_folds: int = 5) -> NDArray[np.intp]:
    """Return the inner fold of every row, 0 … K−1, or −1 for a row that stays in every training
    part.

    With ``groups`` their values are the folds. Without, the rows are split into stratified folds in
    their given order: ``n_folds`` of them, or as many as the smallest class has members where that
    is less. A class with a single member cannot be both learned and scored: its row stays in
    training and is not counted.

    Raises
    ------
    ParameterError
        If the rows cannot be divided into at least two folds.
    """
    if groups is not None:
        return fold_codes(groups, len(y))[1]
    if n_folds < 2:
        raise ParameterError(f"n_folds={n_folds} must be at least 2")
    _, codes, counts = np.unique(y, return_inverse=True, return_counts=True)
    rows = np.flatnonzero(counts[codes] > 1)
    if len(rows) == 0:
        raise ParameterError(
            f"every class has a single row among {len(y)}: nothing can be held out to choose or calibrate with"
        )
    folds = np.full(len(y), ALWAYS_TRAINING, dtype=np.intp)
    splitter = StratifiedKFold(min(n_folds, int(counts[counts > 1].min())))
    for fold, (_, held_out) in enumerate(splitter.split(rows, codes[rows])):
        folds[rows[held_out]] = fold
    return folds


def splits(folds: NDArray[np.intp]) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Yield the rows to train on and the rows held out, for folds 0 … K−1 in turn."""
    for fold in range(folds.max() + 1):
        yield np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)


def accuracies(
    predicted: NDArray[Any], y: NDArray[Any], folds: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Return the share of right predictions of each candidate on each fold, shape (n_candidates,
    K).
    """
    right = predicted == y
    return np.stack([right[:, held_out].mean(axis=1) for _, held_out in splits(folds)], axis=1)


def best(scores: NDArray[np.float64]) -> int:
    """Return the candidate with the highest mean over folds, each fold counting the same; of equals
    the first.
    """
    means = scores.mean(axis=1)
    return int(np.argmax(means >= means.max() - _SAME))


def results(params: Sequence[Mapping[str, Any]], scores: NDArray[np.float64]) -> dict[str, Any]:
    """Return a table with the keys of scikit-learn's ``cv_results_``; scores are accuracies, shape
    (n_candidates, K).
    """
    means = scores.mean(axis=1)
    ranks = [1 + int(np.sum(means > mean + _SAME)) for mean in means]
    table = {f"split{fold}_test_score": scores[:, fold] for fold in range(scores.shape[1])}
    spread = scores.std(axis=1)
    return {
        "params": list(params),
        **table,
        "mean_test_score": means,
        "std_test_score": spread,
        "rank_test_score": np.array(ranks),
    }
