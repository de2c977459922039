"""What interventions cost: each system on changed test recordings beside the same models on the
recordings as they are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from featkit.comparison.pairs import shared
from featkit.comparison.pooling import pool
from featkit.comparison.statistics.intervals import bootstrap
from featkit.comparison.systems import System
from featkit.results.scores import Score


def interventions(scores: Iterable[Score]) -> list[dict[str, Any]]:
    """Return one row for each system and intervention, in the order of the scores.

    Each has ``dataset, feature, classifier, protocol, scheme, intervention``, the ``mean`` accuracy
    after it, that of the same models on the same clips ``untouched``, their ``difference`` and its
    interval ``ci95``: a percentile bootstrap over clips, groups drawn whole, the models fixed. The
    interval is None where no predictions are stored.
    """
    measured = {score.cell: score for score in scores if not score.error}
    texts = dict.fromkeys(score.intervention for score in measured.values() if score.intervention)
    rows = []
    for text in texts:
        changed = [score for score in measured.values() if score.intervention == text]
        cells = [score.cell[:6] for score in changed]
        pairs = [
            (measured[cell], own)
            for cell, own in zip(cells, changed, strict=True)
            if cell in measured
        ]
        before = pool([untouched for untouched, _ in pairs])
        after = pool([replace(own, intervention="") for _, own in pairs])
        rows += [_row(text, *both) for both in zip(before, after, strict=True)]
    order = {name: at for at, name in enumerate(dict.fromkeys(_name(row) for row in rows))}
    return sorted(rows, key=lambda row: order[_name(row)])


def _name(row: dict[str, Any]) -> tuple[str, ...]:
    return tuple(row[key] for key in ("dataset", "protocol", "scheme", "feature", "classifier"))


def _row(text: str, before: System, after: System) -> dict[str, Any]:
    """Return what an intervention makes of one system."""
    names = ("dataset", "feature", "classifier", "protocol", "scheme")
    common = shared(before, after)
    folds: list[tuple[Any, Any, Any]] = list(zip(common.a, common.b, common.groups, strict=True))
    if not folds:
        means = [float(np.mean(list(one.fold_means.values()))) for one in (before, after)]
        interval = None
    else:
        means = [float(np.mean([np.mean(fold[side]) for fold in folds])) for side in (0, 1)]
        interval = _interval(folds)
    return {name: getattr(before, name) for name in names} | {
        "intervention": text,
        "untouched": means[0],
        "mean": means[1],
        "difference": means[1] - means[0],
        "ci95": interval,
    }


def _interval(folds: Sequence[tuple[Any, Any, Any]]) -> list[float] | None:
    """Return the interval of the mean difference, in which each fold counts equally."""
    clips = sum(len(after) for _, after, _ in folds)
    values = np.concatenate(
        [(after - before) * clips / (len(after) * len(folds)) for before, after, _ in folds]
    )
    groups = np.concatenate([groups for _, _, groups in folds])
    return list(bootstrap(values, groups)) if len(np.unique(groups)) > 1 else None
