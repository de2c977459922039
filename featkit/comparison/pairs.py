"""Two systems on the same folds and clips: the difference of their accuracies, and how surely it is
one.
"""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from featkit.comparison.statistics.adjust import holm
from featkit.comparison.statistics.outcome import Outcome
from featkit.comparison.statistics.paired import corrected_t, mcnemar, permutation
from featkit.comparison.statistics.runs import one_sample, welch
from featkit.comparison.systems import System

_KINDS = {
    "corrected resampled t-test": "folds",
    "Welch's t-test": "seeds",
    "one-sample t-test": "seeds",
}


@dataclass(frozen=True, eq=False)
class Shared:
    """What two systems have in common, fold by fold, clips in the same order.

    Attributes
    ----------
    folds : tuple of str
    a, b : list of ndarray of shape (n_clips,)
        Share of runs in which each clip was predicted right, one array for each fold.
    groups : list of ndarray of str
    unshared : int
        Clips that only one of the two predicted.
    """

    folds: tuple[str, ...]
    a: list[NDArray[np.float64]]
    b: list[NDArray[np.float64]]
    groups: list[NDArray[np.str_]]
    unshared: int


def shared(a: System, b: System) -> Shared:
    """Return the clips that both systems predicted, of the folds that both have with per-clip
    predictions.
    """
    folds = tuple(fold for fold in a.folds if fold in a.right and fold in b.right)
    one, two, groups, unshared = [], [], [], 0
    for fold in folds:
        left, right = a.right[fold], b.right[fold]
        _, in_left, in_right = np.intersect1d(
            left.ids, right.ids, assume_unique=True, return_indices=True
        )
        unshared += len(left.ids) + len(right.ids) - 2 * len(in_left)
        one.append(left.share[in_left])
        two.append(right.share[in_right])
        groups.append(left.groups[in_left])
    return Shared(folds, one, two, groups, unshared)


def contrast(a: System, b: System) -> list[dict[str, Any]]:
    """Return the tests of two systems of one league, each as a dict; none where they share no fold.

    Over folds, the corrected resampled t-test. Over clips, McNemar's exact test where both have one
    run and every clip is a group of its own, else a paired permutation by groups of the mean over
    folds and runs. Over seeds, Welch's t-test of the runs' means, or a one-sample test where one
    system has a single run (S2-22); none where no run varies.
    """
    common = shared(a, b)
    outcomes: list[Outcome] = []
    differences = _fold_differences(a, b, common)
    if len(differences) > 1:
        outcomes.append(corrected_t(differences, _test_share(a)))
    if common.folds:
        outcomes.append(_over_clips(a, b, common))
    outcomes += _over_seeds(a, b)
    names = {
        "dataset": a.dataset,
        "protocol": a.protocol,
        "scheme": a.scheme,
        "a": a.label,
        "b": b.label,
    }
    mean = float(np.mean(differences)) if len(differences) else None
    note = (
        f"{common.unshared} clips were predicted by one of the two only and are left out"
        if common.unshared
        else ""
    )
    return [
        names
        | {
            "test": found.test,
            "difference": mean,
            "statistic": found.statistic,
            "p": found.p,
            "n": found.n,
        }
        | {"note": "; ".join(filter(None, (found.note, note)))}
        for found in outcomes
    ]


def adjusted(tests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the tests with ``p_adjusted``: Holm's, over the tests of one kind within one league."""
    families: dict[tuple[str, ...], list[int]] = {}
    for position, test in enumerate(tests):
        kind = _KINDS.get(test["test"], "clips")
        families.setdefault((test["dataset"], test["protocol"], test["scheme"], kind), []).append(
            position
        )
    found = [dict(test) for test in tests]
    for positions in families.values():
        for position, p in zip(
            positions, holm([tests[position]["p"] for position in positions]), strict=True
        ):
            found[position]["p_adjusted"] = float(p)
    return found


def _fold_differences(a: System, b: System, common: Shared) -> NDArray[np.float64]:
    """Return accuracy of ``a`` minus ``b`` on each shared fold, on shared clips where predictions
    are there.
    """
    if common.folds:
        pairs = zip(common.a, common.b, strict=True)
        return np.array([float(one.mean() - two.mean()) for one, two in pairs if len(one)])
    return np.array(
        [a.fold_means[fold] - b.fold_means[fold] for fold in a.fold_means if fold in b.fold_means]
    )


def _over_clips(a: System, b: System, common: Shared) -> Outcome:
    one, two, groups = (
        np.concatenate(common.a),
        np.concatenate(common.b),
        np.concatenate(common.groups),
    )
    if len(a.runs) == len(b.runs) == 1 and len(np.unique(groups)) == len(groups):
        return mcnemar(int(np.sum(one > two)), int(np.sum(two > one)))
    weights = np.concatenate([np.full(len(part), 1 / max(1, len(part))) for part in common.a])
    return permutation((one - two) * weights, groups)


def _over_seeds(a: System, b: System) -> list[Outcome]:
    """Return the test of repeated runs, with its warning of low power; none for two single runs or
    runs that do not vary.
    """
    one, two = a.run_means, b.run_means
    if min(len(one), len(two)) > 1:
        found = welch(one, two)
    elif max(len(one), len(two)) > 1:
        found = one_sample(one, two[0]) if len(one) > 1 else one_sample(two, one[0])
        found = (
            found if len(one) > 1 else replace(found, statistic=-found.statistic)
        )  # The sign is that of a − b.
    else:
        return []
    return [] if math.isnan(found.p) else [found]


def _test_share(system: System) -> float:
    """Return the mean number of test clips for each training clip."""
    return float(np.mean([score.n_test / max(1, score.n_train) for score in system.scores]))
