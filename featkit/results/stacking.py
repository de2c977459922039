"""Weights of a stack: how much each system counts, learned from inner predictions only.

Every weight of the test fold k is a function of predictions for training clips by models that saw
neither the clip's inner fold nor fold k [Wolpert1992], [Breiman1996]: the stack is as nested as its
members. Nothing is fitted again. What is *not* done here is to learn from the test predictions of
the other folds: the models behind those saw the labels of fold k.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, minimize
from scipy.special import log_softmax, softmax

from featkit.errors import ParameterError
from featkit.results.scores import Inner, Score

Pool = Literal["stack", "stack_product"]
Weights = NDArray[np.float64]
# Probabilities are stored with six decimals.
_SMALLEST = 1e-6
_ROUNDS, _GAIN = 2000, 1e-9


def weights(members: Sequence[Score], pool: Pool) -> Weights:
    """Return the weight of each member's probabilities, ≥ 0, shape (n_members,).

    Parameters
    ----------
    members : sequence of Score
        Of one test fold, each with its inner predictions.
    pool : {"stack", "stack_product"}
        See `mixture` and `log_linear`.

    Raises
    ------
    ParameterError
        If a member has no inner predictions, they are of other clips than those of the first, or a
        clip is tested in the same fold; the message names the member.
    """
    first = _inner(members[0])
    if tested := set(first.ids) & set(members[0].ids):
        raise ParameterError(
            f"{_name(members[0])}: {min(tested)!r} is both an inner and a test clip"
        )
    columns = {label: at for at, label in enumerate(members[0].classes)}
    codes = np.array([columns[label] for label in first.y_true])
    stacked = np.stack([_aligned(member, first) for member in members])
    return mixture(stacked, codes) if pool == "stack" else log_linear(stacked, codes)


def mixture(probabilities: NDArray[np.float64], codes: NDArray[np.int64]) -> Weights:
    """Return the weights of the mean of probabilities with the lowest log loss; they add up to 1.

    The loss is convex in the weights; expectation maximisation, which never raises it, finds them.

    Parameters
    ----------
    probabilities : ndarray of shape (n_members, n, n_classes)
    codes : ndarray of int, shape (n,)
        Column of the true class.
    """
    true = np.maximum(probabilities[:, np.arange(len(codes)), codes], _SMALLEST)
    values = np.full(len(true), 1.0 / len(true))
    loss = np.inf
    for _ in range(_ROUNDS):
        each = values @ true
        if loss - (loss := float(-np.mean(np.log(each)))) < _GAIN:
            break
        values = values * (true / each).mean(axis=1)
    return np.asarray(values / values.sum())


def log_linear(probabilities: NDArray[np.float64], codes: NDArray[np.int64]) -> Weights:
    """Return the weights w ≥ 0 for which softmax(Σ w·ln p) has the lowest log loss.

    That is logistic regression with one weight for each member. The weights need not add up to 1:
    their sum is an inverse temperature, so the result is calibrated. The loss is convex. Parameters
    are as of `mixture`.
    """
    logs, known = _logs(probabilities)
    rows, codes = np.arange(len(codes)), np.searchsorted(known, codes)

    def loss(values: Weights) -> tuple[float, Weights]:
        scores = np.tensordot(values, logs, axes=1)
        excess = softmax(scores, axis=1)
        excess[rows, codes] -= 1.0
        gradient = np.einsum("mnk,nk->m", logs, excess) / len(codes)
        return float(-log_softmax(scores, axis=1)[rows, codes].mean()), gradient

    start = np.full(len(logs), 1.0 / len(logs))
    values = minimize(
        loss,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=Bounds(0.0, np.inf),
        options={"ftol": 1e-15, "gtol": 1e-10, "maxiter": _ROUNDS, "maxfun": 10 * _ROUNDS},
    ).x
    return np.asarray(values if values.any() else start)


def pooled(probabilities: NDArray[np.float64], values: Weights, pool: Pool) -> NDArray[np.float64]:
    """Return the stack's probabilities, shape (n, n_classes), from those of its members."""
    if pool == "stack":
        return np.asarray(np.tensordot(values, probabilities, axes=1))
    logs, known = _logs(probabilities)
    fused = np.zeros(probabilities.shape[1:])
    fused[:, known] = softmax(np.tensordot(values, logs, axes=1), axis=1)
    return fused


def _logs(probabilities: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return ln p of the classes that a member knows, and those classes' columns."""
    known = np.flatnonzero(probabilities.any(axis=(0, 1)))
    return np.log(np.maximum(probabilities[:, :, known], _SMALLEST)), known


def _inner(score: Score) -> Inner:
    if score.inner is None:
        raise ParameterError(
            f"{_name(score)}, fold {score.fold}: no inner predictions are stored: its classifier "
            "makes none, or it was evaluated before they were kept (evaluate into a new file)"
        )
    return score.inner


def _aligned(score: Score, first: Inner) -> NDArray[np.float64]:
    """Return a member's inner probabilities, the clips in the order of the first member's."""
    inner = _inner(score)
    place = {name: at for at, name in enumerate(inner.ids)}
    if set(place) != set(first.ids):
        raise ParameterError(
            f"{_name(score)}, fold {score.fold}: its inner predictions are of other clips than "
            "those of the other systems"
        )
    return inner.probabilities[[place[name] for name in first.ids]]


def _name(score: Score) -> str:
    return f"{score.feature} + {score.classifier}"
