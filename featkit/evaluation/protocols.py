"""The protocols ``nested`` and ``paper``: a score for every fold, or the name of its failure."""

import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from joblib.externals.loky.process_executor import BrokenProcessPool
from numpy.typing import NDArray
from sklearn.base import clone

from featkit.classifiers._search import selection
from featkit.classifiers.contract import (
    GivesProbabilities,
    NestsFolds,
    TriesCandidates,
    accepted,
    chosen,
    curves,
    offers,
    watches,
)
from featkit.errors import ParameterError
from featkit.evaluation import fitting
from featkit.evaluation.copies import voted
from featkit.evaluation.fitting import Samples
from featkit.evaluation.held_out import held_out
from featkit.evaluation.inside import model_bytes
from featkit.evaluation.preparing import Run
from featkit.evaluation.splits import Split
from featkit.naming.plugins import FAULTS, one_process, reason
from featkit.results.checking import TOLERANCE
from featkit.results.jsonlines import plain
from featkit.results.metrics import aligned, fold_metrics
from featkit.results.notes import Note
from featkit.results.scores import PAPER_WEIGHTED, Score


def nested(run: Run, splits: Sequence[Split], n_jobs: int) -> Iterator[Score]:
    """Yield the score of each split, hyper-parameters chosen on its inner folds."""
    samples = run.samples
    if (
        run.plan.outer is not None
        and len(splits) == len(run.plan.splits)
        and offers(run.estimator, NestsFolds)
    ):
        yield from _nested_at_once(run, run.plan.outer)
        return
    jobs = (
        delayed(_score_fold)(run.estimator, samples, split, run.blank(split)) for split in splits
    )
    waiting = list(splits)
    try:
        for score in Parallel(n_jobs=n_jobs, return_as="generator")(jobs):
            yield run.about(score, waiting.pop(0))
    except BrokenProcessPool as error:  # A worker died, or could not import what it was given.
        # It is unknown which fold killed it, so none of the remaining folds has a result.
        yield from (replace(run.blank(split), error=reason(error)) for split in waiting)


def paper(run: Run, splits: Sequence[Split], n_jobs: int) -> Iterator[Score]:
    """Yield the score of each split by the candidate that is best over all test folds.

    Folds count equally, or by their size with ``paper-weighted``. A classifier without candidates
    is evaluated as by `nested`.
    """
    if not offers(run.estimator, TriesCandidates):
        yield from nested(run, splits, n_jobs)
        return
    samples = run.samples
    start = time.perf_counter()
    try:
        with one_process():
            candidates, predicted = _predict_all(run, samples)
    except FAULTS as error:
        yield from (replace(run.blank(split), error=reason(error)) for split in splits)
        return
    seconds = (time.perf_counter() - start) / len(run.plan.splits)
    best = _best_over_folds(run, predicted)
    for split in splits:
        labels = predicted[best, split.test].astype(str)
        classes = np.unique(samples.y).tolist()
        score = replace(
            run.blank(split),
            **fold_metrics(samples.y[split.test], labels, None, classes),
            params=plain(candidates[best]),
            fit_seconds=seconds,
            y_pred=tuple(labels.tolist()),
        )
        yield run.about(score, split)


def _nested_at_once(run: Run, outer: NDArray[np.int64]) -> Iterator[Score]:
    """Yield the scores of all folds by an estimator that shares work between them."""
    samples = run.samples
    estimator = clone(run.estimator)
    told = accepted(estimator.nested_fit, clips=samples.clips, hold=True)
    models = iter(estimator.nested_fit(samples.X, samples.y, outer, **told))
    waiting = list(run.plan.splits)
    while waiting:
        start = time.perf_counter()
        try:
            with one_process(), warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                fold, model = next(models)
        except FAULTS:
            # What fails in one fold need not fail in the others, which share their work with it
            # only here.
            for split in waiting:
                score = _score_fold(run.estimator, samples, split, run.blank(split))
                yield run.about(score, split)
            return
        seconds = time.perf_counter() - start
        split = next(split for split in waiting if outer[split.test[0]] == fold)
        waiting.remove(split)
        blank = run.blank(split)
        blank = replace(blank, fit_seconds=seconds, notes=blank.notes + _warnings(caught))
        score = _guarded(partial(_score_model, model, samples, split, blank), blank)
        yield run.about(score, split)


def _score_fold(estimator: Any, samples: Samples, split: Split, blank: Score) -> Score:
    """Return the score of a fold, or of its failure."""

    def work() -> Score:
        start = time.perf_counter()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            model, notes = fitting.fit(estimator, samples, split, hold=True)
        seconds = time.perf_counter() - start
        notes = blank.notes + notes + _warnings(caught)
        return _score_model(model, samples, split, replace(blank, fit_seconds=seconds, notes=notes))

    return _guarded(work, blank)


def _guarded(work: Callable[[], Score], blank: Score) -> Score:
    """Return the score of a fold; that of a failure, whatever somebody's classifier raises."""
    try:
        with one_process():
            return work()
    except FAULTS as error:
        return replace(blank, error=reason(error))


def _score_model(model: Any, samples: Samples, split: Split, blank: Score) -> Score:
    """Return the score of a fitted model on its test rows."""
    X, y = samples.at(split.test)
    classes = np.unique(samples.y).tolist()
    inner = held_out(model, samples, split, classes)
    start = time.perf_counter()
    predicted = _of_shape("predict", model.predict(X), (len(y),)).astype(str)
    seconds = time.perf_counter() - start
    probabilities = None
    if offers(model, GivesProbabilities):
        probabilities = _probabilities(model, X, classes)
    if split.voting is not None:
        rows, clip = split.voting
        probabilities = voted(_probabilities(model, samples.at(rows)[0], classes), clip, len(y))
        predicted = np.array(classes)[probabilities.argmax(axis=1)]
    numbers = {"numbers": model.numbers_} if watches(model) else {}
    return replace(
        blank,
        **fold_metrics(y, predicted, probabilities, classes),
        params=plain({**chosen(model), **numbers}),
        predict_seconds=seconds,
        model_bytes=model_bytes(model),
        y_pred=tuple(predicted.tolist()),
        probabilities=None if probabilities is None else tuple(map(tuple, probabilities.tolist())),
        curves=tuple(plain(curves(model))),
        inner=inner,
    )


def _probabilities(model: Any, X: Any, classes: list[str]) -> NDArray[np.float64]:
    """Return the probabilities of some rows, columns as ``classes``."""
    if not offers(model, GivesProbabilities):
        raise ParameterError(
            f"{type(model).__name__} gives no probabilities, of which copies vote by the mean"
        )
    raw = _of_shape("predict_proba", model.predict_proba(X), (len(X), len(model.classes_)))
    return _checked(aligned(raw, model.classes_, classes))


def _of_shape(method: str, values: Any, shape: tuple[int, ...]) -> NDArray[Any]:
    """Return what a classifier gave as an array; raise ParameterError if it has another shape."""
    array = np.asarray(values)
    if array.shape != shape:
        raise ParameterError(f"{method} gave an array of shape {array.shape} instead of {shape}")
    return array


def _checked(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return probabilities; raise ParameterError where they are none."""
    if not ((probabilities >= -TOLERANCE) & (probabilities <= 1 + TOLERANCE)).all():
        raise ParameterError("predict_proba gave values that are not within 0–1")
    return probabilities


def _predict_all(run: Run, samples: Samples) -> tuple[Sequence[dict[str, Any]], NDArray[Any]]:
    """Return all candidates and what each predicts for the rows that take part, (n_candidates, n).

    A row of a test fold is predicted by models that were fitted without that fold.
    """
    fold = np.full(len(samples.y), -1, dtype=np.int64)
    for number, split in enumerate(run.plan.splits):
        fold[split.test] = number
    if samples.clips is not None:
        # A copy of a clip is left out with it.
        fold = fold[selection.originals(samples.clips, len(fold))]
    used = np.unique(
        np.concatenate([rows for split in run.plan.splits for rows in (split.train, split.test)])
    )
    X, y = samples.at(used)
    candidates, labels = clone(run.estimator).candidate_predictions(X, y, fold[used])
    labels = _of_shape("candidate_predictions", labels, (len(candidates), len(used)))
    predicted = np.empty((len(candidates), len(fold)), dtype=labels.dtype)
    predicted[:, used] = labels
    return candidates, predicted


def _best_over_folds(run: Run, predicted: NDArray[Any]) -> int:
    """Return the candidate with the highest mean accuracy over the test folds."""
    y, splits = run.table.y, run.plan.splits
    accuracies = np.stack(
        [(predicted[:, split.test] == y[split.test]).mean(axis=1) for split in splits], axis=1
    )
    sizes = [len(split.test) for split in splits] if run.protocol == PAPER_WEIGHTED else None
    return selection.best(np.average(accuracies, axis=1, weights=sizes)[:, None])


def _warnings(caught: list[warnings.WarningMessage]) -> tuple[Note, ...]:
    """Return each distinct warning of a fit as one line, but for those to developers."""
    lines = (
        f"{item.category.__name__}: {' '.join(str(item.message).split())[:300]}"
        for item in caught
        if not issubclass(item.category, (DeprecationWarning, FutureWarning))
    )
    return tuple(Note("warning", line) for line in dict.fromkeys(lines))
