"""Linear support vector machine: a scaler fitted on the training rows, then ``SVC``."""

from typing import Literal

from featkit.classifiers._search.svm_grid import PAPER_GAMMA, candidates
from featkit.classifiers.base import registry
from featkit.classifiers.svm import SVMGrid

PAPER_C = (0.1, 1.0, 2.0)


@registry.register
def make(
    *,
    C: tuple[float, ...] = PAPER_C,
    scale: bool = True,
    class_weight: Literal["balanced"] | None = None,
    max_iter: int = -1,
    n_folds: int = 5,
    probability: bool = True,
    n_jobs: int | None = None,
    seed: int = 0,
) -> SVMGrid:
    """Linear support vector machine, C chosen on inner folds (``seed`` has no effect)."""
    del seed
    candidates(("linear",), C, PAPER_GAMMA, 1)  # Raises for values that are not allowed.
    return SVMGrid(
        kernel=("linear",),
        C=C,
        scale=scale,
        class_weight=class_weight,
        max_iter=max_iter,
        n_folds=n_folds,
        probability=probability,
        n_jobs=n_jobs,
    )
