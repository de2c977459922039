"""One system: its runs on one dataset under one protocol, with mean, spread and interval."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from featkit.comparison.hits import Hits, hits_of
from featkit.comparison.statistics.intervals import effective_size, wilson
from featkit.results.scores import PAPER_PROTOCOLS, PAPER_WEIGHTED, Score

League = tuple[str, str, str]
OPTIMISTIC = "optimistic"
# What two runs must share to be the same run under two seeds.
_SAME_RUN = ("feature", "accuracy", "macro_f1", "log_loss", "y_pred", "probabilities")


@dataclass(frozen=True, eq=False)
class System:
    """All runs of one feature and classifier on one dataset under one protocol.

    Attributes
    ----------
    dataset, protocol, scheme : str
        Its league: systems are compared only with those that share all three.
    feature, classifier : str
        Texts with the seeds of all runs, such as ``random_cnn:arch=vgg,seed=0-2``.
    runs : tuple of dict of str to Score
        One dict for each seed, from the name of a fold to its score; without the cells that failed.
    failed : tuple of Score
        Cells that failed.
    folds : tuple of str
        Every fold that any system of its league was measured on.
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
    def place(self) -> str:
        """The league in words, unique on a page."""
        return ", ".join(filter(None, self.league))

    @property
    def label(self) -> str:
        """``feature + classifier``."""
        return f"{self.feature} + {self.classifier}"

    @property
    def complete(self) -> bool:
        """Whether every run has every fold."""
        return bool(self.runs) and all(set(run) == set(self.folds) for run in self.runs)

    @property
    def optimistic(self) -> bool:
        """Whether hyper-parameters were selected on the test folds."""
        return self.protocol in PAPER_PROTOCOLS

    @property
    def scores(self) -> list[Score]:
        """All scores that did not fail."""
        return [score for run in self.runs for score in run.values()]

    @property
    def notes(self) -> tuple[str, ...]:
        """Distinct notes of all scores: the only place of the package that reads them."""
        return tuple(
            dict.fromkeys(
                note.text for score in [*self.scores, *self.failed] for note in score.notes
            )
        )

    @property
    def marks(self) -> tuple[str, ...]:
        """What must stand beside every number of this system: optimistic, leakage, incomplete."""
        expected, done = len(self.folds) * max(1, len(self.runs)), len(self.scores)
        marks = {
            OPTIMISTIC: self.optimistic,
            "leakage allowed": any(score.leaky for score in self.scores),
            f"incomplete: {done} of {expected} folds": not self.complete,
        }
        return tuple(mark for mark, applies in marks.items() if applies)

    @cached_property
    def fold_means(self) -> dict[str, float]:
        """Mean accuracy over runs of each fold that has a score."""
        by_fold: dict[str, list[float]] = {fold: [] for fold in self.folds}
        for score in self.scores:
            by_fold[score.fold].append(float(score.accuracy or 0.0))
        return {fold: float(np.mean(values)) for fold, values in by_fold.items() if values}

    @cached_property
    def distinct(self) -> list[Mapping[str, Score]]:
        """The runs, without those that repeat another: a seed may change nothing."""
        distinct: list[Mapping[str, Score]] = []
        for run in self.runs:
            if not any(_repeats(run, other) for other in distinct):
                distinct.append(run)
        return distinct

    @property
    def run_means(self) -> list[float]:
        """Mean accuracy of each distinct run that has a fold, folds weighted as in `mean`."""
        means = []
        for run in filter(None, self.distinct):
            values = np.array([score.accuracy for score in run.values()], dtype=np.float64)
            sizes = [score.n_test for score in run.values()]
            means.append(float(np.average(values, weights=sizes if self._weighted else None)))
        # A test would take the rounding errors of equal runs for a difference.
        return [round(mean, 12) for mean in means]

    @property
    def mean(self) -> float | None:
        """Mean accuracy, None where every fold failed.

        Folds count equally; under ``paper-weighted`` by their number of clips.
        """
        if not self.fold_means:
            return None
        weights = self._sizes if self._weighted else None
        return float(np.average(list(self.fold_means.values()), weights=weights))

    @property
    def spread(self) -> tuple[float | None, str]:
        """Sample standard deviation of accuracy, and what it is over: ``seeds`` or ``folds``.

        Over seeds where several distinct runs exist, else over folds.
        """
        over, values = "folds", list(self.fold_means.values())
        if len(self.distinct) > 1:
            over, values = "seeds", self.run_means
        return (float(np.std(values, ddof=1)) if len(values) > 1 else None), over

    @cached_property
    def hits(self) -> dict[str, Hits]:
        """Correct predictions of each fold; folds without stored predictions are left out."""
        by_fold = {fold: [run[fold] for run in self.runs if fold in run] for fold in self.folds}
        return {
            fold: hits_of(scores)
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
        if set(self.hits) == set(self.fold_means):
            folds = list(self.hits.values())
            groups = np.concatenate([fold.groups for fold in folds])
            weights = np.concatenate([self._clip_weights(fold) for fold in folds])
            n = effective_size(np.concatenate([fold.fraction for fold in folds]), weights, groups)
            if len(np.unique(groups)) < len(groups):
                method = "Wilson score interval over clips, clips of a group counted together"
        return wilson(min(self.mean, 1.0), n), method

    def average(self, metric: str) -> float | None:
        """Return the mean of a metric over folds, runs averaged first; None if a score lacks it."""
        by_fold: dict[str, list[float | None]] = {}
        for score in self.scores:
            by_fold.setdefault(score.fold, []).append(getattr(score, metric))
        if not by_fold or any(value is None for values in by_fold.values() for value in values):
            return None
        means = [np.mean([float(value or 0.0) for value in values]) for values in by_fold.values()]
        return float(np.mean(means))

    @property
    def _weighted(self) -> bool:
        return self.protocol == PAPER_WEIGHTED

    @property
    def _sizes(self) -> NDArray[np.int64]:
        """Test clips of each fold that has a score."""
        return np.array(
            [max(run[fold].n_test for run in self.runs if fold in run) for fold in self.fold_means]
        )

    def _clip_weights(self, fold: Hits) -> NDArray[np.float64]:
        return np.full(len(fold.ids), 1.0 if self._weighted else 1 / len(fold.ids))


def _repeats(run: Mapping[str, Score], other: Mapping[str, Score]) -> bool:
    """Return whether a run has the feature, predictions and numbers of another in every fold."""
    if not run or set(run) != set(other):
        return False
    return all(
        getattr(run[fold], name) == getattr(other[fold], name) for fold in run for name in _SAME_RUN
    )
