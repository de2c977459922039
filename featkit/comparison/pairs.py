"""Two systems on the same folds and clips: the difference of their accuracies, and its tests."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from featkit.comparison.statistics.adjust import holm
from featkit.comparison.statistics.outcome import Outcome
from featkit.comparison.statistics.paired import corrected_t, mcnemar, permutation
from featkit.comparison.statistics.runs import one_sample, student, welch
from featkit.comparison.systems import System

# Tests that are adjusted together; those that are not listed are tests over clips.
_FAMILIES = {
    "corrected resampled t-test": "folds",
    "Welch's t-test": "seeds",
    "one-sample t-test": "seeds",
    "Student's t-test": "seeds, variances taken as equal",
    "one-way ANOVA": "seeds of all systems",
}


@dataclass(frozen=True, eq=False)
class Shared:
    """What two systems have in common, fold by fold, clips in the same order.

    Attributes
    ----------
    folds : tuple of str
    a, b : list of ndarray of shape (n_clips,)
        Fraction of runs that predicted each clip correctly, one array for each fold.
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
    """Return the clips that both systems predicted, in the folds of which both have predictions."""
    folds = tuple(fold for fold in a.folds if fold in a.hits and fold in b.hits)
    of_a, of_b, groups, unshared = [], [], [], 0
    for fold in folds:
        left, right = a.hits[fold], b.hits[fold]
        _, in_left, in_right = np.intersect1d(
            left.ids, right.ids, assume_unique=True, return_indices=True
        )
        unshared += len(left.ids) + len(right.ids) - 2 * len(in_left)
        of_a.append(left.fraction[in_left])
        of_b.append(right.fraction[in_right])
        groups.append(left.groups[in_left])
    return Shared(folds, of_a, of_b, groups, unshared)


def contrast(a: System, b: System) -> list[dict[str, Any]]:
    """Return the tests of two systems of one league, each as a dict; none if they share no fold.

    Over folds, the corrected resampled t-test. Over clips, McNemar's exact test where both have one
    run and every clip is a group of its own, else a paired permutation by groups of the mean over
    folds and runs. Over seeds, Welch's and Student's t-tests of the runs' means, or a one-sample
    test where one system has a single run; none where no run varies. [Pons2019] does not say which
    t-test it uses: Student's is the usual reading.
    """
    common = shared(a, b)
    differences = _fold_differences(a, b, common)
    outcomes: list[Outcome] = []
    if len(differences) > 1:
        outcomes.append(corrected_t(differences, _test_ratio(a)))
    if common.folds:
        outcomes.append(_over_clips(a, b, common))
    outcomes += _over_seeds(a, b)
    place = {name: getattr(a, name) for name in ("dataset", "protocol", "scheme")}
    mean = float(np.mean(differences)) if len(differences) else None
    left_out = (
        f"{common.unshared} clips were predicted by one of the two only and are left out"
        if common.unshared
        else ""
    )
    return [
        place
        | {"a": a.label, "b": b.label, "test": outcome.test, "difference": mean}
        | {"statistic": outcome.statistic, "p": outcome.p, "n": outcome.n}
        | {"ci95": list(outcome.interval) if outcome.interval else None}
        | {"note": "; ".join(filter(None, (outcome.note, left_out)))}
        for outcome in outcomes
    ]


def adjusted(tests: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the tests with ``p_adjusted``: Holm's, over the tests of a family within one league.

    The families are the tests over folds, those over clips, those over seeds that leave variances
    free, Student's over seeds, and analyses of variance.
    """
    families: dict[tuple[str, ...], list[int]] = {}
    for position, test in enumerate(tests):
        league = (test["dataset"], test["protocol"], test["scheme"])
        families.setdefault((*league, family(test["test"])), []).append(position)
    with_adjusted = [dict(test) for test in tests]
    for positions in families.values():
        values = holm([tests[position]["p"] for position in positions])
        for position, p in zip(positions, values, strict=True):
            with_adjusted[position]["p_adjusted"] = float(p)
    return with_adjusted


def family(test: str) -> str:
    """Return the name of the tests that the one called ``test`` is adjusted with."""
    return _FAMILIES.get(test, "clips")


def _fold_differences(a: System, b: System, common: Shared) -> NDArray[np.float64]:
    """Return the accuracy of ``a`` minus that of ``b`` on each shared fold.

    On shared clips where predictions are stored.
    """
    if common.folds:
        folds = zip(common.a, common.b, strict=True)
        return np.array([float(of_a.mean() - of_b.mean()) for of_a, of_b in folds if len(of_a)])
    return np.array(
        [a.fold_means[fold] - b.fold_means[fold] for fold in a.fold_means if fold in b.fold_means]
    )


def _over_clips(a: System, b: System, common: Shared) -> Outcome:
    of_a, of_b, groups = (
        np.concatenate(common.a),
        np.concatenate(common.b),
        np.concatenate(common.groups),
    )
    if len(a.runs) == len(b.runs) == 1 and len(np.unique(groups)) == len(groups):
        return mcnemar(int(np.sum(of_a > of_b)), int(np.sum(of_b > of_a)))
    weights = np.concatenate([np.full(len(fold), 1 / max(1, len(fold))) for fold in common.a])
    return permutation((of_a - of_b) * weights, groups)


def _over_seeds(a: System, b: System) -> list[Outcome]:
    """Return the tests of repeated runs; none for two single runs or runs that do not vary."""
    runs_a, runs_b = a.run_means, b.run_means
    if min(len(runs_a), len(runs_b)) > 1:
        outcomes = [welch(runs_a, runs_b), student(runs_a, runs_b)]
    elif len(runs_a) > 1:
        outcomes = [one_sample(runs_a, runs_b[0])]
    elif len(runs_b) > 1:
        reverse = one_sample(runs_b, runs_a[0])
        outcomes = [replace(reverse, statistic=-reverse.statistic)]  # The sign is that of a − b.
    else:
        return []
    return [outcome for outcome in outcomes if not math.isnan(outcome.p)]


def _test_ratio(system: System) -> float:
    """Return the mean number of test clips for each training clip."""
    return float(np.mean([score.n_test / max(1, score.n_train) for score in system.scores]))
