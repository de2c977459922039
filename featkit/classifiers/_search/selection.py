"""Inner folds, and the choice among candidates by mean accuracy over them.

Every estimator that selects hyper-parameters follows these rules, so two of them differ only in
what they fit.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.model_selection import StratifiedKFold

from featkit.errors import ParameterError

ALWAYS_TRAINING = -1
_SAME = 1e-12  # mean accuracies closer than this differ by rounding only: a tie


def fold_codes(folds: ArrayLike, n: int, least: int = 2) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """Return the sorted fold labels and the position of every row's label among them, shape (n,).

    Raises
    ------
    ParameterError
        If there is not one label per row, or there are fewer than ``least`` folds.
    """
    values = np.asarray(folds)
    if values.shape != (n,):
        raise ParameterError(f"folds of shape {values.shape} do not match {n} rows")
    labels, codes = np.unique(values, return_inverse=True)
    if len(labels) < least:
        raise ParameterError(f"{len(labels)} fold(s) among {n} rows; at least {least} are needed")
    return labels, codes


def originals(clips: ArrayLike | None, n: int) -> NDArray[np.intp]:
    """Return, for each row, the first row of its clip: itself unless it is a copy.

    Parameters
    ----------
    clips : array-like of shape (n,), or None
        A label for each row, equal for the copies of a clip; None where there are no copies.

    Raises
    ------
    ParameterError
        If there is not one label per row.
    """
    if clips is None:
        return np.arange(n)
    values = np.asarray(clips)
    if values.shape != (n,):
        raise ParameterError(f"clips of shape {values.shape} do not match {n} rows")
    _, first, codes = np.unique(values, return_index=True, return_inverse=True)
    return np.asarray(first[codes])


def inner_folds(
    y: NDArray[Any],
    groups: ArrayLike | None,
    n_folds: int = 5,
    clips: ArrayLike | None = None,
) -> NDArray[np.intp]:
    """Return the inner fold of every row, 0 … K−1, or −1 for a row that stays in every training
    part. Copies are in the fold of their clip.

    If ``groups`` is given, its values are the folds. Otherwise the rows are split in their order
    into ``n_folds`` stratified folds, or fewer if the smallest class has fewer members. A class
    with a single member cannot be both learned and scored: its row is always trained on and not
    counted.

    Raises
    ------
    ParameterError
        If the rows cannot be divided into at least two folds.
    """
    if groups is not None:
        return fold_codes(groups, len(y))[1]
    if n_folds < 2:
        raise ParameterError(f"n_folds={n_folds} must be at least 2")
    if clips is not None:
        first = originals(clips, len(y))
        own, place = np.unique(first, return_inverse=True)
        return inner_folds(y[own], None, n_folds)[place]
    _, codes, counts = np.unique(y, return_inverse=True, return_counts=True)
    rows = np.flatnonzero(counts[codes] > 1)
    if len(rows) == 0:
        raise ParameterError(
            f"every class has a single row among {len(y)}: "
            "none can be held out for selection or calibration"
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
    """Return the accuracy of each candidate on each fold, shape (n_candidates, K)."""
    correct = predicted == y
    return np.stack([correct[:, held_out].mean(axis=1) for _, held_out in splits(folds)], axis=1)


def best(scores: NDArray[np.float64]) -> int:
    """Return the candidate with the highest unweighted mean over folds; ties go to the first."""
    means = scores.mean(axis=1)
    return int(np.argmax(means >= means.max() - _SAME))


def results(params: Sequence[Mapping[str, Any]], scores: NDArray[np.float64]) -> dict[str, Any]:
    """Return accuracies, (n_candidates, K), as a table with the keys of ``cv_results_``."""
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
