"""Results as plain tables for other programs: every fold, and every confusion."""

import csv
import io
from collections.abc import Iterable, Sequence

from featkit.comparison.overview import Comparison
from featkit.comparison.systems import System
from featkit.report.matrices import confusion

_SYSTEM = ("dataset", "feature", "classifier", "protocol", "scheme")
_FOLD = (
    "seed",
    "fold",
    "accuracy",
    "macro_accuracy",
    "macro_f1",
    "log_loss",
    "n_train",
    "n_test",
    "fit_seconds",
    "error",
)


def folds_csv(comparison: Comparison) -> str:
    """Return one row for each score, those that failed with their error and no accuracy."""
    scores = [
        (score, system)
        for system in comparison.members
        for score in (*system.scores, *system.failed)
    ]
    names = (*_SYSTEM, *_FOLD)
    return _csv(
        (*names, "marks"),
        ([*(getattr(score, name) for name in names), _marks(system)] for score, system in scores),
    )


def confusion_csv(comparison: Comparison) -> str:
    """Return how often each true class was predicted as each class, summed over folds and runs;
    counts of zero are left out.
    """
    rows = []
    for system in comparison.members:
        classes, counts = confusion(system)
        for row, column in zip(*counts.nonzero(), strict=True):
            place = [getattr(system, name) for name in _SYSTEM]
            rows.append(
                [*place, classes[row], classes[column], int(counts[row, column]), _marks(system)]
            )
    return _csv((*_SYSTEM, "true", "predicted", "count", "marks"), rows)


def _marks(system: System) -> str:
    return "; ".join(system.marks)


def _csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return target.getvalue()
