"""From scores to systems: scores that differ only in fold or seed belong to one system."""

import re
from collections.abc import Iterable, Sequence

from featkit.comparison.seeds import seed_in, seedless, with_seeds
from featkit.comparison.systems import League, System
from featkit.results.scores import Score


def pool(scores: Iterable[Score]) -> list[System]:
    """Return the systems of some scores, in the order of their first score.

    A seed may stand in the text of the feature, in that of the classifier, or in the field. The
    last score of a cell and scheme counts. Scores of changed recordings are left out
    (`interventions`).
    """
    grouped: dict[tuple[League, str, str], list[Score]] = {}
    folds: dict[League, set[str]] = {}
    untouched = (score for score in scores if not score.intervention)
    for score in {(score.cell, score.scheme): score for score in untouched}.values():
        league = (score.dataset, score.protocol, score.scheme)
        folds.setdefault(league, set()).add(score.fold)
        system = (league, seedless(score.feature), seedless(score.classifier))
        grouped.setdefault(system, []).append(score)
    return [
        _system(members, tuple(sorted(folds[league], key=_natural)))
        for (league, _, _), members in grouped.items()
    ]


def _system(scores: Sequence[Score], folds: tuple[str, ...]) -> System:
    runs: dict[tuple[str, int], dict[str, Score]] = {}
    for score in scores:
        seed = seed_in(score.classifier)
        run = runs.setdefault((score.feature, score.seed if seed is None else seed), {})
        if not score.error:
            run[score.fold] = score
    first = scores[0]
    return System(
        dataset=first.dataset,
        protocol=first.protocol,
        scheme=first.scheme,
        feature=with_seeds([score.feature for score in scores]),
        classifier=with_seeds([score.classifier for score in scores]),
        runs=tuple(runs.values()),
        failed=tuple(score for score in scores if score.error),
        folds=folds,
    )


def _natural(name: str) -> tuple[tuple[int, str], ...]:
    """Return a sorting key in which fold 10 comes after fold 2."""
    return tuple(
        (int(part), "") if part.isdigit() else (-1, part)
        for part in re.split(r"(\d+)", name)
        if part
    )
