"""Any classifier, fitted on all rows or fold by fold, and its out-of-fold probabilities."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from featkit.classifiers.contract import NestsFolds, accepted, offers
from featkit.results.metrics import aligned

Matrix = NDArray[np.float64]
Rows = NDArray[np.intp]


def fitted(member: Any, X: Matrix, codes: Rows, folds: Rows, clips: Rows | None = None) -> Any:
    """Return a copy of ``member`` fitted on all rows, its hyper-parameters chosen on the folds.

    ``clips`` labels the clip of each row; None without copies.
    """
    model = clone(member)
    told = accepted(model.fit, clips=clips)
    if len(np.unique(folds)) > 1:
        told |= accepted(model.fit, groups=folds)
    return model.fit(X, codes, **told)


def probabilities(
    member: Any, X: Matrix, codes: Rows, folds: Rows, clips: Rows | None = None
) -> Matrix:
    """Return out-of-fold probabilities of every row, (n, n_classes); 0 for rows in no fold."""
    classes = list(range(1 + int(codes.max())))
    values = np.zeros((len(codes), len(classes)))
    for fold, model in models(member, X, codes, folds, clips):
        rows = folds == fold
        values[rows] = aligned(model.predict_proba(X[rows]), model.classes_, classes)
    return values


def models(
    member: Any, X: Matrix, codes: Rows, folds: Rows, clips: Rows | None = None
) -> Iterator[tuple[int, Any]]:
    """Yield every fold with a model fitted without it."""
    if offers(member, NestsFolds) and folds.min() >= 0 and folds.max() >= 2:
        work = clone(member)
        yield from work.nested_fit(X, codes, folds, **accepted(work.nested_fit, clips=clips))
        return
    for fold in range(folds.max() + 1):
        train = folds != fold
        part = None if clips is None else clips[train]
        yield fold, fitted(member, X[train], codes[train], folds[train], part)
