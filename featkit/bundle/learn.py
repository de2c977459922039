"""Training: a table and a classifier become a bundle, fitted on every row."""

import platform
from dataclasses import asdict, replace
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.calibration import CalibratedClassifierCV
from sklearn.model_selection import PredefinedSplit

from featkit import __version__
from featkit.bundle.frontend import check_alone
from featkit.bundle.model import Bundle
from featkit.classifiers.contract import (
    CalibratesScores,
    Estimator,
    GivesProbabilities,
    chosen,
    offers,
    takes_arrays,
)
from featkit.errors import FeatkitError, ParameterError
from featkit.evaluation import fitting
from featkit.evaluation.folding import PRESCRIBED, Folding
from featkit.evaluation.inside import model_bytes
from featkit.evaluation.preparing import Run, prepare
from featkit.evaluation.splits import Plan, Split
from featkit.features import Feature, get_feature, lineage
from featkit.naming.plugins import FAULTS, one_process, reason
from featkit.results.jsonlines import plain
from featkit.results.notes import Note
from featkit.store.table import Table

LIBRARIES = ("numpy", "scipy", "scikit-learn", "skops", "soundfile", "soxr", "torch")
OWN = "the classifier's own, not calibrated on held-out clips"
SEARCHED = (
    "softmax of the classifier's scores, "
    "its temperature fitted on held-out clips of the inner folds"
)
WRAPPED = "sigmoid on held-out scores (CalibratedClassifierCV, ensemble=False)"


def train(
    table: Table,
    classifier: str | Estimator,
    seed: int = 0,
    *,
    folding: Folding = PRESCRIBED,
) -> Bundle:
    """Return a bundle whose classifier is fitted on every row of ``table``.

    Hyper-parameters are chosen on the folds that `evaluate` would test on. A dataset that
    prescribes one train/test split, fewer than two folds, or folds for some clips only, gets drawn
    folds, and its test rows train too: take ``table.select(…)`` to keep rows aside. A classifier
    without ``predict_proba`` is wrapped in ``CalibratedClassifierCV(ensemble=False)`` on the same
    folds.

    Parameters
    ----------
    table : Table
        Rows of one feature.
    classifier : str or scikit-learn estimator
        ``name:key=value,…`` or an unfitted estimator.
    seed : int
        Seed of the classifier where it has none of its own.
    folding : Folding
        The folds to choose on, without ``only_folds``.

    Raises
    ------
    ParameterError, DatasetError
        If the classifier is unknown, a row is not finite, the table cannot be divided as asked, or
        new files cannot get such rows.
    FeatkitError
        If the classifier fails, whatever it raises.
    """
    feature = _feature(table)
    if table.vote:
        raise ParameterError(f"{table.feature}: a bundle does not average over copies (tta=false)")
    if folding.only_folds:
        raise ParameterError(
            f"only_folds={folding.only_folds}: a bundle is fitted on all rows, chosen on all folds"
        )
    if folding.folds == "auto" and not _has_folds(table):
        folding = replace(folding, folds="drawn")
    run = prepare(table, classifier, seed=seed, folding=folding)
    inner = _inner(run.plan, table)
    model, calibration = run.estimator, OWN
    if not offers(model, GivesProbabilities):
        if not hasattr(model, "decision_function"):
            raise ParameterError(
                f"{run.label} has neither predict_proba nor decision_function: "
                "it cannot give probabilities"
            )
        model, calibration = (
            CalibratedClassifierCV(model, cv=PredefinedSplit(inner), ensemble=False),
            WRAPPED,
        )
    rows = np.arange(len(table))
    try:
        with one_process():
            fitted, notes = fitting.fit(
                model, run.samples, Split("all", rows[:0], rows, rows, inner)
            )
    except FeatkitError:
        raise
    except FAULTS as error:
        raise FeatkitError(f"{run.label} could not be fitted: {reason(error)}") from error
    if offers(fitted, CalibratesScores):
        calibration = SEARCHED
    about: dict[str, Any] = {
        "feature": _front(table, feature, takes_arrays(run.estimator)),
        "classifier": _learned(run, fitted, calibration),
        "classes": [str(label) for label in fitted.classes_],
        "data": _data(run, notes),
        "versions": versions(),
    }
    if table.windows is not None:
        about["windows"] = asdict(table.windows)
    return Bundle(feature, fitted, about)


def versions() -> dict[str, str]:
    """Return the versions of Python, featkit and the libraries that a prediction depends on."""
    return {"python": platform.python_version(), "featkit": __version__} | {
        name: version(name) for name in LIBRARIES
    }


def _has_folds(table: Table) -> bool:
    """Return whether the dataset prescribes folds to choose on: two at least, for every row."""
    folds = np.unique(table.folds)
    return table.protocol == "folds" and len(folds) > 1 and bool((folds >= 0).all())


def _feature(table: Table) -> Feature:
    """Return the feature of a table, which must be what this version of featkit gives new files."""
    feature = get_feature(table.feature)
    check_alone(feature)
    if table.spec and plain(table.spec) != plain(feature.spec):
        raise ParameterError(
            f"{table.feature}: the table's rows have the specification {table.spec}, "
            f"this version gives new files {feature.spec}"
        )
    return feature


def _front(table: Table, feature: Feature, arrays: bool) -> dict[str, Any]:
    first = np.asarray(table.X[0])
    pooled = table.pooling == "mean_std" and not arrays
    any_length = pooled or table.ragged
    return {
        "text": feature.canonical,
        "key": feature.key,
        "spec": plain(feature.spec),
        "code": f"{lineage.fingerprint(feature):016x}",
        "dtype": str(first.dtype),
        "shape": [None if any_length else len(first), *first.shape[1:]] if first.ndim else [],
        "input": "array" if arrays else "vector",
        "pooled": pooled,
        "one_length": not any_length and feature.pooling == "mean_std",
    }


def _inner(plan: Plan, table: Table) -> NDArray[np.int64]:
    """Return the fold of every row: the number of the split that tests on it."""
    if len(plan.splits) < 2:
        raise ParameterError(
            f"{plan.scheme}: one fold only; a bundle is fitted on all rows and needs at least two "
            "(folds=drawn)"
        )
    inner = np.full(len(table), -1, dtype=np.int64)
    for number, split in enumerate(plan.splits):
        inner[split.test] = number
    return inner[np.flatnonzero(table.copy == 0)[table.clip_of]] if len(table.copy) else inner


def _learned(run: Run, fitted: Any, calibration: str) -> dict[str, Any]:
    """Return what the card says of the classifier."""
    return {
        "text": run.label,
        "seed": run.seed,
        "chosen": plain(chosen(fitted)),
        "probabilities": calibration,
        "bytes": model_bytes(fitted),
    }


def _data(run: Run, notes: tuple[Note, ...]) -> dict[str, Any]:
    """Return what the card says of the training data and of the folds to choose on."""
    table, clips = run.table, run.table.originals
    return {
        "dataset": table.dataset,
        "clips": len(clips),
        "clips_of_class": {str(label): int((clips.y == label).sum()) for label in clips.classes},
        "groups": len(np.unique(table.groups)),
        "fingerprint": table.fingerprint,
        "selection": run.plan.scheme,
        # A bundle says itself how it pools rows of different length.
        "notes": [note.text for note in (*run.notes, *notes) if note.kind != "pooled"],
    }
