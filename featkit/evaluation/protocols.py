"""The folds of one evaluation, run under the nested or the paper protocol: each gives a score or
names its failure.
"""

import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from hashlib import blake2b
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.base import clone

from featkit.classifiers._search import selection
from featkit.evaluation import fitting
from featkit.evaluation.folding import Plan, Split
from featkit.results.metrics import aligned, measure
from featkit.results.scores import PAPER_WEIGHTED, Cell, Score
from featkit.store.table import Table


@dataclass(frozen=True, eq=False)
class Run:
    """What all folds of one evaluation share, checked and ready to run.

    Attributes
    ----------
    table : Table
        Every row that takes part.
    estimator : scikit-learn estimator
        Unfitted, with its seed set.
    plan : Plan
    label : str
        What results call the classifier.
    protocol : {"nested", "paper", "paper-weighted"}
    seed : int
    notes : tuple of str
        What every score must carry.
    only : tuple of str
        Names of the test folds to measure; empty for all.
    """

    table: Table
    estimator: Any
    plan: Plan
    label: str
    protocol: str
    seed: int
    notes: tuple[str, ...]
    only: tuple[str, ...] = ()

    @property
    def splits(self) -> list[Split]:
        """The folds to measure, in order."""
        return [split for split in self.plan.splits if not self.only or split.name in self.only]

    @property
    def cells(self) -> list[Cell]:
        """The cells of the folds to measure, in order."""
        return [self.blank(split).cell for split in self.splits]

    def left(self, done: Mapping[Cell, str]) -> list[Split]:
        """Return the folds to measure that have no result for this very data in ``done``
        (`scores.done`).
        """
        return [split for split in self.splits if done.get(self.blank(split).cell) != self.data]

    def blank(self, split: Split) -> Score:
        """Return the score of a fold before anything was measured."""
        names = (
            self.table.dataset,
            self.table.feature,
            self.label,
            self.protocol,
            split.name,
            self.seed,
            self.plan.scheme,
        )
        blank = Score(*names, n_train=len(split.train), n_test=len(split.test), notes=self.notes)
        return replace(blank, data=self.data)

    @cached_property
    def data(self) -> str:
        """16 hex digits of the table and of the files and code that the classifier's parameters
        only name.
        """
        named = list(fitting.origins(self.estimator))
        if not named:
            return self.table.fingerprint
        return blake2b(
            " ".join([self.table.fingerprint, *named]).encode(), digest_size=8
        ).hexdigest()


def nested(run: Run, X: Any, wanted: list[Split], n_jobs: int) -> Iterator[Score]:
    """Yield the score of each wanted fold, hyper-parameters chosen on its inner folds."""
    if (
        run.plan.outer is not None
        and len(wanted) == len(run.plan.splits)
        and hasattr(run.estimator, "nested_fit")
    ):
        yield from _nested_at_once(run, X, run.plan.outer)
        return
    jobs = (
        delayed(_one_fold)(run.estimator, X, run.table.y, split, run.blank(split))
        for split in wanted
    )
    for split, outcome in zip(
        wanted, Parallel(n_jobs=n_jobs, return_as="generator")(jobs), strict=True
    ):
        yield _with_clips(outcome, run, split)


def _nested_at_once(run: Run, X: Any, outer: NDArray[np.int64]) -> Iterator[Score]:
    """Yield the scores of an estimator that shares work between folds.

    Its ``nested_fit(X, y, folds)`` yields (fold, model) for each fold, the model fitted without
    that fold and with its hyper-parameters chosen on the other folds.
    """
    models = iter(clone(run.estimator).nested_fit(X, run.table.y, outer))
    left = list(run.plan.splits)
    while left:
        start = time.perf_counter()
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                value, model = next(models)
        except Exception:
            # What fails in one fold need not fail in the others, which share their work with it
            # only here.
            for split in left:
                yield _with_clips(
                    _one_fold(run.estimator, X, run.table.y, split, run.blank(split)), run, split
                )
            return
        split = next(split for split in left if outer[split.test[0]] == value)
        left.remove(split)
        fitted = replace(run.blank(split), fit_seconds=time.perf_counter() - start)
        fitted = replace(fitted, notes=fitted.notes + _messages(caught))
        yield _with_clips(
            _guarded(partial(_scored, model, X, run.table.y, split, fitted), fitted), run, split
        )


def _one_fold(estimator: Any, X: Any, y: NDArray[np.str_], split: Split, blank: Score) -> Score:
    """Return the score of a fold, or of its failure."""

    def work() -> Score:
        start = time.perf_counter()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            model, notes = fitting.fit(estimator, X, y, split)
        seconds = time.perf_counter() - start
        fitted = replace(blank, fit_seconds=seconds, notes=blank.notes + notes + _messages(caught))
        return _scored(model, X, y, split, fitted)

    return _guarded(work, blank)


def _guarded(work: Callable[[], Score], blank: Score) -> Score:
    try:
        return work()
    except Exception as error:
        return replace(blank, error=_reason(error))


def _scored(model: Any, X: Any, y: NDArray[np.str_], split: Split, fitted: Score) -> Score:
    """Return the score of a fitted model on its test rows."""
    rows, classes = fitting.take(X, split.test), np.unique(y).tolist()
    start = time.perf_counter()
    predicted = np.asarray(model.predict(rows)).astype(str)
    seconds = time.perf_counter() - start
    probabilities = (
        aligned(model.predict_proba(rows), model.classes_, classes)
        if hasattr(model, "predict_proba")
        else None
    )
    watched = {"numbers": model.numbers_} if getattr(model, "watch", False) else {}
    return replace(
        fitted,
        **measure(y[split.test], predicted, probabilities, classes),
        params=plain({**getattr(model, "best_params_", {}), **watched}),
        predict_seconds=seconds,
        model_bytes=fitting.model_bytes(model),
        y_pred=tuple(predicted.tolist()),
        probabilities=None if probabilities is None else tuple(map(tuple, probabilities.tolist())),
    )


def paper(run: Run, X: Any, wanted: list[Split], n_jobs: int) -> Iterator[Score]:
    """Yield the score of each wanted fold by the candidate that is best over all test folds;
    without candidates as `nested`.

    Folds count alike, or with ``paper-weighted`` by their size.
    """
    if not hasattr(run.estimator, "candidate_predictions"):
        yield from nested(run, X, wanted, n_jobs)
        return
    y, splits = run.table.y, run.plan.splits
    outer = np.full(len(y), -1, dtype=np.int64)
    for number, split in enumerate(splits):
        outer[split.test] = number
    used = np.unique(
        np.concatenate([np.concatenate([split.train, split.test]) for split in splits])
    )
    start = time.perf_counter()
    try:
        found, labels = clone(run.estimator).candidate_predictions(
            fitting.take(X, used), y[used], outer[used]
        )
    except Exception as error:
        yield from (replace(run.blank(split), error=_reason(error)) for split in wanted)
        return
    seconds = (time.perf_counter() - start) / len(splits)
    predicted = np.empty((len(found), len(y)), dtype=np.asarray(labels).dtype)
    predicted[:, used] = labels
    accuracies = np.stack(
        [(predicted[:, split.test] == y[split.test]).mean(axis=1) for split in splits], axis=1
    )
    sizes = [len(split.test) for split in splits]
    means = np.average(
        accuracies, axis=1, weights=sizes if run.protocol == PAPER_WEIGHTED else None
    )
    best = selection.best(means[:, None])
    for split in wanted:
        chosen = predicted[best, split.test].astype(str)
        metrics = measure(y[split.test], chosen, None, np.unique(y).tolist())
        blank = replace(
            run.blank(split),
            params=plain(found[best]),
            fit_seconds=seconds,
            y_pred=tuple(chosen.tolist()),
        )
        yield _with_clips(replace(blank, **metrics), run, split)


def _with_clips(score: Score, run: Run, split: Split) -> Score:
    """Return the score with the test clips it is about."""
    if score.error:
        return score
    table = run.table.select(split.test)
    columns = {
        "ids": table.ids,
        "groups": table.groups,
        "y_true": table.y,
        "classes": run.table.classes,
    }
    clips: dict[str, Any] = {
        name: tuple(map(str, column.tolist())) for name, column in columns.items()
    }
    return replace(score, **clips)


def _messages(caught: list[warnings.WarningMessage]) -> tuple[str, ...]:
    """Return each distinct warning of a fit as one line."""
    lines = (
        f"{item.category.__name__}: {' '.join(str(item.message).split())[:300]}" for item in caught
    )
    return tuple(
        dict.fromkeys(
            line for line in lines if not line.startswith(("DeprecationWarning", "FutureWarning"))
        )
    )


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def plain(value: Any) -> Any:
    """Return ``value`` in types that JSON has: numpy scalars and arrays become numbers and lists,
    other objects their text.
    """
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [plain(item) for item in value]
    if isinstance(value, (np.generic, np.ndarray)):
        return plain(value.tolist())
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)
