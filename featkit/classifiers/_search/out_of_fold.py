"""Any classifier, fitted on all rows or fold by fold, and its out-of-fold probabilities."""

import inspect
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from featkit.classifiers.contract import NestsFolds, offers
from featkit.results.metrics import aligned

Matrix = NDArray[np.float64]


def fitted(member: Any, X: Matrix, codes: NDArray[np.intp], folds: NDArray[np.intp]) -> Any:
    """Return a copy of ``member`` fitted on all rows, its hyper-parameters chosen on the folds."""
    model = clone(member)
    if "groups" in inspect.signature(model.fit).parameters and len(np.unique(folds)) > 1:
        return model.fit(X, codes, groups=folds)
    return model.fit(X, codes)


def probabilities(
    member: Any, X: Matrix, codes: NDArray[np.intp], folds: NDArray[np.intp]
) -> Matrix:
    """Return out-of-fold probabilities of every row, (n, n_classes); 0 for rows in no fold."""
    classes = list(range(1 + int(codes.max())))
    values = np.zeros((len(codes), len(classes)))
    for fold, model in models(member, X, codes, folds):
        rows = folds == fold
        values[rows] = aligned(model.predict_proba(X[rows]), model.classes_, classes)
    return values


def models(
    member: Any, X: Matrix, codes: NDArray[np.intp], folds: NDArray[np.intp]
) -> Iterator[tuple[int, Any]]:
    """Yield every fold with a model fitted without it."""
    if offers(member, NestsFolds) and folds.min() >= 0 and folds.max() >= 2:
        yield from clone(member).nested_fit(X, codes, folds)
        return
    for fold in range(folds.max() + 1):
        train = folds != fold
        yield fold, fitted(member, X[train], codes[train], folds[train])
