"""Systems: the scores of one feature and classifier under one protocol, seeds pooled, with mean,
spread and interval.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from featkit.comparison.statistics.intervals import effective_size, wilson
from featkit.results.scores import PAPER_PROTOCOLS, PAPER_WEIGHTED, Score

League = tuple[str, str, str]
_SEED = re.compile(r"(?<=[:,])seed=(\d+)(?=,|$)")
_SEED_ITEM = re.compile(r",seed=\d+(?=,|$)|(?<=:)seed=\d+,|:seed=\d+$")
_METRICS = ("macro_accuracy", "macro_f1", "log_loss")


@dataclass(frozen=True)
class Right:
    """Which clips of a fold were predicted right: ids, share of runs (0–1) and groups, in the order
    of the ids.
    """

    ids: NDArray[np.str_]
    share: NDArray[np.float64]
    groups: NDArray[np.str_]


@dataclass(frozen=True, eq=False)
class System:
    """All runs of one feature and classifier on one dataset under one protocol.

    Attributes
    ----------
    dataset, protocol, scheme : str
        What it competes in: systems are compared only with those that share the three.
    feature, classifier : str
        Texts with the seeds of all runs, such as ``random_cnn:arch=vgg,seed=0-2``.
    runs : tuple of dict of str to Score
        One dict for each seed, from the name of a fold to its score; cells that failed are not in
        it.
    failed : tuple of Score
        Cells that failed.
    folds : tuple of str
        Every fold that any system of its league was asked for.
    """

    dataset: str
    protocol: str
    scheme: str
    feature: str
    classifier: str
    runs: tuple[dict[str, Score], ...]
    failed: tuple[Score, ...]
    folds: tuple[str, ...]

    @property
    def league(self) -> League:
        """(dataset, protocol, scheme)."""
        return (self.dataset, self.protocol, self.scheme)

    @property
    def label(self) -> str:
        """``feature + classifier``."""
        return f"{self.feature} + {self.classifier}"

    @property
    def complete(self) -> bool:
        """Whether every run has every fold."""
        return bool(self.runs) and all(set(run) == set(self.folds) for run in self.runs)

    @property
    def scores(self) -> list[Score]:
        """All scores that did not fail."""
        return [score for run in self.runs for score in run.values()]

    @property
    def notes(self) -> tuple[str, ...]:
        """Distinct notes of all scores."""
        return tuple(
            dict.fromkeys(
                note.text for score in [*self.scores, *self.failed] for note in score.notes
            )
        )

    @property
    def marks(self) -> tuple[str, ...]:
        """What must be said beside every number of this system: optimistic, leakage, incomplete."""
        whole, done = len(self.folds) * max(1, len(self.runs)), len(self.scores)
        said = {
            "optimistic": self.protocol in PAPER_PROTOCOLS,
            "leakage allowed": any(score.leaky for score in self.scores),
            f"incomplete: {done} of {whole} folds": not self.complete,
        }
        return tuple(text for text, holds in said.items() if holds)

    @cached_property
    def fold_means(self) -> dict[str, float]:
        """Mean accuracy over runs of each fold that has a score."""
        found: dict[str, list[float]] = {fold: [] for fold in self.folds}
        for score in self.scores:
            found[score.fold].append(float(score.accuracy or 0.0))
        return {fold: float(np.mean(values)) for fold, values in found.items() if values}

    @cached_property
    def distinct(self) -> list[Mapping[str, Score]]:
        """The runs, those left out that only repeat another: a seed without effect gives no further
        run.
        """
        kept: list[Mapping[str, Score]] = []
        for run in self.runs:
            if not any(_same(run, other) for other in kept):
                kept.append(run)
        return kept

    @property
    def run_means(self) -> list[float]:
        """Mean accuracy of each distinct run, its folds weighted as in `mean`; runs without any
        fold are left out.
        """
        weights = [
            [score.n_test for score in run.values()] if self._weighted else None
            for run in self.distinct
            if run
        ]
        values = [[score.accuracy for score in run.values()] for run in self.distinct if run]
        means = [
            float(np.average(np.array(one, dtype=np.float64), weights=weight))
            for one, weight in zip(values, weights, strict=True)
        ]
        return [
            round(mean, 12) for mean in means
        ]  # Equal runs differ by rounding, in which a test would see much.

    @property
    def mean(self) -> float | None:
        """Mean accuracy, folds weighted equally (under ``paper-weighted`` by their size); None
        where every fold failed.
        """
        if not self.fold_means:
            return None
        return float(
            np.average(
                list(self.fold_means.values()), weights=self._sizes if self._weighted else None
            )
        )

    @property
    def _weighted(self) -> bool:
        return self.protocol == PAPER_WEIGHTED

    @property
    def _sizes(self) -> NDArray[np.int64]:
        """Test clips of each fold that has a score."""
        return np.array(
            [max(run[fold].n_test for run in self.runs if fold in run) for fold in self.fold_means]
        )

    @property
    def spread(self) -> tuple[float | None, str]:
        """Sample standard deviation of accuracy and what it is over: seeds where several differ in
        anything, else folds.
        """
        over, values = (
            ("seeds", self.run_means)
            if len(self.distinct) > 1
            else ("folds", list(self.fold_means.values()))
        )
        return (float(np.std(values, ddof=1)) if len(values) > 1 else None), over

    @cached_property
    def right(self) -> dict[str, Right]:
        """Right predictions of each fold, of the clips that all its runs predicted; a fold without
        predictions is left out.
        """
        by_fold = {fold: [run[fold] for run in self.runs if fold in run] for fold in self.folds}
        return {
            fold: _right(scores)
            for fold, scores in by_fold.items()
            if scores and all(score.ids for score in scores)
        }

    @cached_property
    def interval(self) -> tuple[tuple[float, float] | None, str]:
        """95 % interval of the mean accuracy, and its method."""
        if self.mean is None:
            return None, ""
        sizes = self._sizes
        n = float(sizes.sum()) if self._weighted else len(sizes) ** 2 / float(np.sum(1 / sizes))
        method = "Wilson score interval over clips"
        if set(self.right) == set(self.fold_means):
            parts = list(self.right.values())
            groups = np.concatenate([part.groups for part in parts])
            shares = [1.0 if self._weighted else 1 / len(part.ids) for part in parts]
            weights = np.concatenate(
                [np.full(len(part.ids), share) for part, share in zip(parts, shares, strict=True)]
            )
            n = effective_size(np.concatenate([part.share for part in parts]), weights, groups)
            if len(np.unique(groups)) < len(groups):
                method = "Wilson score interval over clips, clips of a group counted together"
        return wilson(min(self.mean, 1.0), n), method

    def average(self, metric: str) -> float | None:
        """Return the mean of a metric over folds, runs averaged first; None where a score has none."""
        found: dict[str, list[float | None]] = {}
        for score in self.scores:
            found.setdefault(score.fold, []).append(getattr(score, metric))
        if not found or any(value is None for values in found.values() for value in values):
            return None
        return float(
            np.mean(
                [np.mean([float(value or 0.0) for value in values]) for values in found.values()]
            )
        )

    def row(self, rank: int | None) -> dict[str, Any]:
        """Return the system as one row of a comparison."""
        (std, over), (ci95, method) = self.spread, self.interval
        names = ("dataset", "feature", "classifier", "protocol", "scheme")
        row: dict[str, Any] = {name: getattr(self, name) for name in names}
        row |= {
            "mean": self.mean,
            "std": std,
            "std_over": over,
            "ci95": list(ci95) if ci95 else None,
            "ci95_method": method,
        }
        row |= {
            "n_runs": len(self.runs),
            "n_folds": len(self.fold_means),
            "n_failed": len(self.failed),
            "rank": rank,
        }
        row |= {metric: self.average(metric) for metric in _METRICS}
        row |= {
            "fit_seconds": self.average("fit_seconds"),
            "model_bytes": self.average("model_bytes"),
        }
        return row | {"marks": list(self.marks), "notes": list(self.notes)}


def pool(scores: Iterable[Score]) -> list[System]:
    """Return the systems of some scores; those that differ only in a seed, in a text or in the
    field, are one.
    """
    grouped: dict[tuple[League, str, str], list[Score]] = {}
    folds: dict[League, set[str]] = {}
    for score in {score.cell: score for score in scores}.values():
        league = (score.dataset, score.protocol, score.scheme)
        folds.setdefault(league, set()).add(score.fold)
        grouped.setdefault(
            (league, _seedless(score.feature), _seedless(score.classifier)), []
        ).append(score)
    return [
        _system(members, tuple(sorted(folds[league], key=_natural)))
        for (league, _, _), members in grouped.items()
    ]


def _system(scores: Sequence[Score], folds: tuple[str, ...]) -> System:
    runs: dict[tuple[str, int], dict[str, Score]] = {}
    for score in scores:
        given = _SEED.search(score.classifier)
        run = runs.setdefault((score.feature, int(given[1]) if given else score.seed), {})
        if not score.error:
            run[score.fold] = score
    first = scores[0]
    feature, classifier = (
        _with_seeds([score.feature for score in scores]),
        _with_seeds([score.classifier for score in scores]),
    )
    failed = tuple(score for score in scores if score.error)
    return System(
        first.dataset,
        first.protocol,
        first.scheme,
        feature,
        classifier,
        tuple(runs.values()),
        failed,
        folds,
    )


def _same(run: Mapping[str, Score], other: Mapping[str, Score]) -> bool:
    """Return whether a run only repeats another: the same feature, and the same predictions and
    numbers in every fold.
    """
    if not run or set(run) != set(other):
        return False
    names = ("feature", "accuracy", "macro_f1", "log_loss", "y_pred", "probabilities")
    return all(
        getattr(run[fold], name) == getattr(other[fold], name) for fold in run for name in names
    )


def _right(scores: Sequence[Score]) -> Right:
    common = set(scores[0].ids).intersection(*(score.ids for score in scores[1:]))
    hits: dict[str, list[bool]] = {name: [] for name in sorted(common)}
    for score in scores:
        for name, truth, predicted in zip(score.ids, score.y_true, score.y_pred, strict=True):
            if name in common:
                hits[name].append(truth == predicted)
    groups = dict(zip(scores[0].ids, scores[0].groups or scores[0].ids, strict=True))
    share = np.array([np.mean(values) for values in hits.values()], dtype=np.float64)
    return Right(np.array(list(hits)), share, np.array([groups[name] for name in hits]))


def _seedless(text: str) -> str:
    return _SEED_ITEM.sub("", text)


def _with_seeds(texts: Sequence[str]) -> str:
    """Return the text that stands for all: the same text, or its seeds as a range ``0-2`` or a list
    ``0+3``.
    """
    distinct = list(dict.fromkeys(texts))
    if len(distinct) == 1:
        return distinct[0]
    if not all(_SEED.search(text) for text in distinct):
        return _seedless(distinct[0])
    seeds = sorted({int(value) for text in distinct for value in _SEED.findall(text)})
    whole = seeds == list(range(seeds[0], seeds[-1] + 1))
    shown = f"{seeds[0]}-{seeds[-1]}" if whole else "+".join(map(str, seeds))
    return _SEED.sub(f"seed={shown}", distinct[0])


def _natural(name: str) -> tuple[tuple[int, str], ...]:
    """Return a sorting key in which fold 10 comes after fold 2."""
    return tuple(
        (int(part), "") if part.isdigit() else (-1, part)
        for part in re.split(r"(\d+)", name)
        if part
    )
