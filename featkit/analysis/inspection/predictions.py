"""Predictions for every clip by a classifier that did not learn from it."""

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from featkit import results
from featkit.errors import ParameterError, listed
from featkit.evaluation import Folding, evaluate
from featkit.results.scores import Score
from featkit.store.table import Table

CLASSIFIER, LARGE_CLASSIFIER = "svm", "elm"
# Clips from which on an SVM would take minutes.
LARGE = 4000


@dataclass(frozen=True, eq=False)
class Predictions:
    """Probabilities of the classes for some clips.

    Attributes
    ----------
    systems : tuple of str
        Feature and classifier of each system that is averaged.
    accuracy : float
        Fraction of clips whose most probable class is their label.
    ids, classes : tuple of str
    labels : ndarray of int, shape (n,)
        The clips' own classes, as positions in ``classes``.
    probabilities : ndarray of shape (n, n_classes)
        Means over the systems.
    """

    systems: tuple[str, ...]
    accuracy: float
    ids: tuple[str, ...]
    classes: tuple[str, ...]
    labels: NDArray[np.int64]
    probabilities: NDArray[np.float64]


def measured(table: Table) -> Predictions:
    """Return the predictions of an SVM on a table, or of an ELM on a large one, each fold by a
    machine that has not seen it.

    Copies of a clip, which an inspection is to find, may be among what it has seen.
    """
    classifier = CLASSIFIER if len(table) < LARGE else LARGE_CLASSIFIER
    scores = evaluate(table, classifier, folding=Folding(allow_leakage=True))
    failed = [score.error for score in scores if score.error]
    if failed:
        raise ParameterError(f"{table.feature} + {classifier}: {failed[0]}")
    return _averaged({f"{table.feature} + {classifier}": scores}, table)


def stored(path: str | os.PathLike[str], table: Table) -> Predictions:
    """Return the mean predictions of the systems in a results file that chose nothing by their test
    folds, whatever their feature.

    Leakage may have been allowed, as it must be where the copies of an earlier inspection lie in
    several folds.

    Raises
    ------
    ParameterError
        If the file has no probabilities for the clips of the table.
    """
    systems: dict[str, list[Score]] = defaultdict(list)
    for score in results.read(path):
        honest = not (score.error or score.optimistic or score.intervention)
        if honest and score.dataset == table.dataset and score.probabilities is not None:
            mark = " (leakage allowed)" if score.leaky else ""
            systems[f"{score.feature} + {score.classifier}{mark}"].append(score)
    if not systems:
        raise ParameterError(
            f"{os.fspath(path)} has no honest result with probabilities on {table.dataset}; run "
            "'featkit evaluate' with a classifier that gives them, such as svm"
        )
    return _averaged(systems, table)


def _averaged(systems: Mapping[str, Sequence[Score]], table: Table) -> Predictions:
    """Return the mean of systems that each predict the same clips, seeds of a system first."""
    label_of = dict(zip(table.ids.tolist(), table.y.tolist(), strict=True))
    classes = sorted({label for scores in systems.values() for label in scores[0].classes})
    parts = [_by_clip(scores, classes) for scores in systems.values()]
    common = set.intersection(*(set(part) for part in parts))
    ids = tuple(name for name in parts[0] if name in common and label_of.get(name) in classes)
    if not ids:
        raise ParameterError(
            f"{listed(systems)}: no clip of {table.dataset} in the store was predicted by all"
        )
    probabilities = np.mean([[part[name] for name in ids] for part in parts], axis=0)
    labels = np.array([classes.index(label_of[name]) for name in ids])
    return Predictions(
        systems=tuple(systems),
        accuracy=float(np.mean(probabilities.argmax(axis=1) == labels)),
        ids=ids,
        classes=tuple(classes),
        labels=labels,
        probabilities=probabilities,
    )


def _by_clip(scores: Sequence[Score], classes: Sequence[str]) -> dict[str, NDArray[np.float64]]:
    """Return the mean probabilities of each clip over the runs of a system."""
    rows: dict[str, list[NDArray[np.float64]]] = defaultdict(list)
    for score in scores:
        columns = [classes.index(label) for label in score.classes]
        for name, row in zip(score.ids, score.probabilities or (), strict=True):
            spread = np.zeros(len(classes))
            spread[columns] = row
            rows[name].append(spread)
    return {name: np.mean(runs, axis=0) for name, runs in rows.items()}
