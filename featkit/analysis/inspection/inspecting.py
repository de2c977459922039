"""Inspection of a store: reads its rows and predictions, and collects what looks wrong."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from featkit.analysis.inspection.artefacts import Artefact, artefacts
from featkit.analysis.inspection.copies import Copy, copies
from featkit.analysis.inspection.labels import label_errors
from featkit.analysis.inspection.outliers import outlier_scores
from featkit.analysis.inspection.predictions import Predictions, measured, stored
from featkit.errors import ParameterError
from featkit.extraction import extract
from featkit.features.levels import NAMES
from featkit.store import Store
from featkit.store.changes import set_duplicates
from featkit.store.clips import dataset_of
from featkit.store.table import Table

# What an inspection needs besides the feature that it is asked about.
NEEDED = ("levels", "fingerprint")
# Robust standard deviations from which a clip is listed.
FAR = 3.0


@dataclass(frozen=True)
class Inspection:
    """What looks wrong in a dataset, each list sorted by suspicion.

    Attributes
    ----------
    dataset, feature : str
    systems : tuple of str
        Whose mean predictions doubt the labels.
    accuracy : float
        Of those means.
    clips : tuple of dict
        ``id, label, fold, group`` and the levels of each clip.
    label_errors : tuple of dict
        ``id, label, suggested, score, confident``.
    duplicates : tuple of dict
        ``a, b, similarity, shift, seconds, labels, folds``.
    outliers : tuple of dict
        ``id, label, score``.
    classes : tuple of dict
        ``label, clips, groups`` and the median of each level.
    artefacts : tuple of Artefact
        How well each level tells each class.
    """

    dataset: str
    feature: str
    systems: tuple[str, ...]
    accuracy: float
    clips: tuple[dict[str, Any], ...]
    label_errors: tuple[dict[str, Any], ...]
    duplicates: tuple[dict[str, Any], ...]
    outliers: tuple[dict[str, Any], ...]
    classes: tuple[dict[str, Any], ...]
    artefacts: tuple[Artefact, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON has it; of the artefacts those that tell a class."""
        telling = [vars(row) for row in self.artefacts if row.telling]
        return {**vars(self), "artefacts": telling}


def inspect(
    store: Store | str | os.PathLike[str],
    feature: str,
    *,
    results: str | os.PathLike[str] | None = None,
    jobs: int = 1,
    progress: Callable[..., Any] | None = None,
) -> Inspection:
    """Return what looks wrong in the dataset of a store.

    The features ``levels`` and ``fingerprint`` are extracted into the store first where it lacks
    them. The store keeps which clips are copies of each other, and evaluations of it then take them
    for one recording.

    Parameters
    ----------
    store : Store or path
    feature : str
        What outliers are looked for in.
    results : path, optional
        Stored predictions: the mean of all honest systems on this dataset doubts the labels.
        Without them an `svm` on ``feature`` is evaluated; on 4,000 clips or more an `elm`.
    jobs : int
        Workers for extraction.
    progress : callable, optional
        As `featkit.extract` takes it.

    Raises
    ------
    ParameterError
        If the store lacks ``feature``, or the results hold no predictions of its clips.
    StoreError
        If rows cannot be read.
    """
    store = store if isinstance(store, Store) else Store(store)
    table = store.table(feature)
    predictions = stored(results, table) if results is not None else measured(table)
    store = _complete(store, jobs, progress)
    levels, prints = store.table("levels"), store.table("fingerprint")
    # Windows of one clip overlap.
    pairs = [
        pair
        for pair in copies(prints.X)
        if prints.windows is None or prints.clips[pair.a] != prints.clips[pair.b]
    ]
    set_duplicates(store, [(prints.contents[pair.a], prints.contents[pair.b]) for pair in pairs])
    return Inspection(
        dataset=store.dataset,
        feature=table.feature,
        systems=predictions.systems,
        accuracy=predictions.accuracy,
        clips=tuple(_clips(levels)),
        label_errors=tuple(_label_errors(predictions)),
        duplicates=tuple(_duplicates(prints, pairs)),
        outliers=tuple(_outliers(table)),
        classes=tuple(_classes(levels)),
        artefacts=tuple(artefacts(levels.X, NAMES, levels.y)),
    )


def _complete(store: Store, jobs: int, progress: Callable[..., Any] | None) -> Store:
    """Return the store with the needed features in it."""
    missing = [name for name in NEEDED if not _has(store, name)]
    if not missing:
        return store
    extract(dataset_of(store), missing, store.path, jobs=jobs, progress=progress)
    return Store(store.path)


def _has(store: Store, feature: str) -> bool:
    try:
        return bool(len(store[feature].valid()))
    except ParameterError:
        return False


def _clips(levels: Table) -> list[dict[str, Any]]:
    return [
        {
            "id": str(levels.ids[row]),
            "label": str(levels.y[row]),
            "fold": int(levels.folds[row]),
            "group": str(levels.groups[row]),
            **_named(levels.X[row]),
        }
        for row in range(len(levels))
    ]


def _label_errors(predictions: Predictions) -> list[dict[str, Any]]:
    return [
        {
            "id": predictions.ids[doubt.row],
            "label": predictions.classes[predictions.labels[doubt.row]],
            "suggested": predictions.classes[doubt.suggested],
            "score": doubt.score,
            "confident": doubt.confident,
        }
        for doubt in label_errors(predictions.probabilities, predictions.labels)
    ]


def _duplicates(prints: Table, pairs: Sequence[Copy]) -> list[dict[str, Any]]:
    return [
        {
            "a": str(prints.ids[copy.a]),
            "b": str(prints.ids[copy.b]),
            "similarity": copy.similarity,
            "shift": copy.shift,
            "seconds": copy.seconds,
            "labels": _two(prints.y, copy.a, copy.b),
            "folds": _two(prints.folds, copy.a, copy.b),
        }
        for copy in pairs
    ]


def _two(column: NDArray[Any], a: int, b: int) -> list[Any]:
    return [column[a].item(), column[b].item()]


def _outliers(table: Table) -> list[dict[str, Any]]:
    scores = outlier_scores(table.vectors(), np.unique(table.y, return_inverse=True)[1])
    return [
        {"id": str(table.ids[row]), "label": str(table.y[row]), "score": float(scores[row])}
        for row in np.argsort(-scores, kind="stable")
        if scores[row] >= FAR
    ]


def _classes(levels: Table) -> list[dict[str, Any]]:
    rows = []
    for label in levels.classes:
        own = levels.y == label
        medians = np.median(levels.X[own], axis=0)
        groups = len(np.unique(levels.groups[own]))
        rows.append(
            {"label": str(label), "clips": int(own.sum()), "groups": groups, **_named(medians)}
        )
    return rows


def _named(values: Sequence[float] | NDArray[Any]) -> dict[str, float]:
    return {name: float(value) for name, value in zip(NAMES, values, strict=True)}
