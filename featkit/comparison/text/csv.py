"""Comparisons as comma-separated values: systems, folds, and confusions, a header on top.

Accuracies are fractions in 0–1; several remarks share a field, separated by a semicolon.
"""

import csv
import io
from collections.abc import Iterable, Sequence

from featkit.comparison.confusion import confusion
from featkit.comparison.findings import Findings
from featkit.comparison.systems import System
from featkit.naming.showing import escaped, inert

_SYSTEM = ("dataset", "feature", "classifier", "protocol", "scheme")
_ESTIMATE = ("rank", "mean", "std", "std_over", "ci95_low", "ci95_high", "ci95_method")
_COUNT = ("n_runs", "n_folds", "n_failed")
_METRIC = ("macro_accuracy", "macro_f1", "log_loss", "fit_seconds", "model_bytes")
_FOLD = ("seed", "fold", "accuracy", "macro_accuracy", "macro_f1", "log_loss")
_FIT = ("n_train", "n_test", "fit_seconds", "error")


def systems_csv(findings: Findings) -> str:
    """Return one row for each system."""
    header = (*_SYSTEM, *_ESTIMATE, *_COUNT, *_METRIC, "marks", "notes")
    rows = []
    for system in findings.systems:
        low, high = system["ci95"] or (None, None)
        row = {**system, "ci95_low": low, "ci95_high": high}
        row |= {name: "; ".join(system[name]) for name in ("marks", "notes")}
        rows.append([row[name] for name in header])
    return _csv(header, rows)


def folds_csv(findings: Findings) -> str:
    """Return one row for each score; those that failed have their error and no accuracy."""
    names = (*_SYSTEM, *_FOLD, *_FIT)
    rows = (
        [*(getattr(score, name) for name in names), _marks(system)]
        for system in findings.members
        for score in (*system.scores, *system.failed)
    )
    return _csv((*names, "marks"), rows)


def confusion_csv(findings: Findings) -> str:
    """Return how often each true class was predicted as each class, over folds and runs.

    Counts of zero are left out.
    """
    rows = []
    for system in findings.members:
        classes, counts = confusion(system)
        names = [getattr(system, name) for name in _SYSTEM]
        for row, column in zip(*counts.nonzero(), strict=True):
            pair = (classes[row], classes[column], int(counts[row, column]))
            rows.append([*names, *pair, _marks(system)])
    return _csv((*_SYSTEM, "true", "predicted", "count", "marks"), rows)


def _marks(system: System) -> str:
    return "; ".join(system.marks)


def _cell(value: object) -> object:
    """Return a value as a cell that is neither a formula nor steers a terminal."""
    return inert(escaped(value, lines=True)) if isinstance(value, str) else value


def _csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return target.getvalue()
