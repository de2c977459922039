"""Training: a table and a classifier become a bundle, fitted on every row."""

import platform
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.calibration import CalibratedClassifierCV
from sklearn.model_selection import PredefinedSplit

from featkit import __version__
from featkit.bundle.frontend import check_alone
from featkit.bundle.model import Bundle
from featkit.errors import DatasetError, ParameterError, listed
from featkit.evaluation import fitting
from featkit.evaluation.folding import Folds, Plan, Split
from featkit.evaluation.protocols import plain
from featkit.evaluation.running import prepare, takes_arrays
from featkit.features import Feature, get_feature, lineage
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
    classifier: Any,
    seed: int = 0,
    *,
    folds: Folds = "auto",
    n_folds: int = 5,
    fold_seed: int = 0,
    allow_leakage: bool = False,
) -> Bundle:
    """Return a bundle whose classifier is fitted on every row of ``table``.

    Hyper-parameters are chosen on the folds that `evaluate` would test on. A dataset that
    prescribes one train/test split gets drawn folds, and its test rows train too: take
    ``table.select(…)`` to keep rows aside. A classifier without ``predict_proba`` is wrapped in
    ``CalibratedClassifierCV(ensemble=False)`` on the same folds.

    Parameters
    ----------
    table : Table
        Rows of one feature.
    classifier : str or scikit-learn estimator
        ``name:key=value,…`` or an unfitted estimator.
    seed : int
        Seed of the classifier where it has none of its own.
    folds, n_folds, fold_seed, allow_leakage
        As for `evaluate`.

    Raises
    ------
    ParameterError, DatasetError
        If the classifier is unknown, a row is not finite, the table cannot be divided, or new files
        cannot get such rows.
    """
    feature = _feature(table)
    if folds == "auto" and table.protocol == "split":
        folds = "drawn"
    options: dict[str, Any] = {
        "folds": folds,
        "n_folds": n_folds,
        "fold_seed": fold_seed,
        "allow_leakage": allow_leakage,
    }
    run = prepare(table, classifier, seed=seed, **options)
    inner = _inner(run.plan, len(table))
    model, calibration = run.estimator, OWN
    if not hasattr(model, "predict_proba"):
        if not hasattr(model, "decision_function"):
            raise ParameterError(
                f"{run.label} has neither predict_proba nor decision_function: "
                "there are no probabilities"
            )
        model, calibration = (
            CalibratedClassifierCV(model, cv=PredefinedSplit(inner), ensemble=False),
            WRAPPED,
        )
    arrays = takes_arrays(run.estimator)
    X = table.X if arrays else table.vectors()
    bad = [name for name, row in zip(table.ids, X, strict=True) if not np.isfinite(row).all()]
    if bad:
        raise DatasetError(
            f"{table.dataset}, {table.feature}: rows with NaN or infinite values: {listed(bad)}"
        )
    rows = np.arange(len(table))
    fitted, notes = fitting.fit(model, X, table.y, Split("all", rows[:0], rows, rows, inner))
    if hasattr(fitted, "beta_"):
        calibration = SEARCHED
    about = {
        "feature": _front(table, feature, arrays),
        "classifier": {
            "text": run.label,
            "seed": run.seed,
            "chosen": plain(getattr(fitted, "best_params_", {})),
            "probabilities": calibration,
            "bytes": fitting.model_bytes(fitted),
        },
        "classes": [str(label) for label in fitted.classes_],
        "data": {
            "dataset": table.dataset,
            "clips": len(table),
            "clips_of_class": {
                str(label): int((table.y == label).sum()) for label in table.classes
            },
            "groups": len(np.unique(table.groups)),
            "fingerprint": table.fingerprint,
            "selection": run.plan.scheme,
            "notes": _without_shape(run.notes) + list(notes),
        },
        "versions": versions(),
    }
    return Bundle(feature, fitted, about)


def versions() -> dict[str, str]:
    """Return the versions of Python, featkit and the libraries that a prediction depends on."""
    return {"python": platform.python_version(), "featkit": __version__} | {
        name: version(name) for name in LIBRARIES
    }


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


def _inner(plan: Plan, n: int) -> NDArray[np.int64]:
    """Return the fold of every row: the number of the split that tests on it."""
    if len(plan.splits) < 2:
        raise ParameterError(
            f"{plan.scheme}: one fold only; a bundle is fitted on all rows and needs two at least "
            "(folds=drawn)"
        )
    inner = np.full(n, -1, dtype=np.int64)
    for number, split in enumerate(plan.splits):
        inner[split.test] = number
    return inner


def _without_shape(notes: tuple[str, ...]) -> list[str]:
    """Return notes but for that on rows of different length, which a bundle states by itself."""
    return [note for note in notes if not note.startswith("rows of different length")]
