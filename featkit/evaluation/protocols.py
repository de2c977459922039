"""The protocols ``nested`` and ``paper``: a score for every fold, or the name of its failure."""

import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
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
from featkit.evaluation.preparing import Run, TestPart
from featkit.evaluation.splits import Rows, Split
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
        delayed(_score_fold)(run.estimator, samples, split, _inputs(run, split)) for split in splits
    )
    waiting = list(splits)
    try:
        for scores in Parallel(n_jobs=n_jobs, return_as="generator")(jobs):
            yield from _about(run, waiting.pop(0), scores)
    except BrokenProcessPool as error:  # A worker died, or could not import what it was given.
        # It is unknown which fold killed it, so none of the remaining folds has a result.
        for split in waiting:
            yield from (replace(part.blank, error=reason(error)) for part in run.parts(split))


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
        yield run.about(score, split.test)


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
                scores = _score_fold(run.estimator, samples, split, _inputs(run, split))
                yield from _about(run, split, scores)
            return
        seconds = time.perf_counter() - start
        split = next(split for split in waiting if outer[split.test[0]] == fold)
        waiting.remove(split)
        fitted = Fitted(model, samples, split, seconds, _warnings(caught))
        yield from _about(run, split, _score_parts(fitted, _inputs(run, split)))


# The rows, what the model sees of them and the score without a measurement, for each test part.
Inputs = Sequence[tuple[TestPart, Any]]


@dataclass(frozen=True, eq=False)
class Fitted:
    """A model, what it was fitted on, the seconds it took and the notes that it left."""

    model: Any
    samples: Samples
    split: Split
    seconds: float
    notes: tuple[Note, ...]


def _inputs(run: Run, split: Split) -> Inputs:
    return [(part, run.inputs(part)) for part in run.parts(split)]


def _about(run: Run, split: Split, scores: Sequence[Score]) -> Iterator[Score]:
    """Yield the scores of a fold with the test clips that each is about."""
    for part, score in zip(run.parts(split), scores, strict=True):
        yield run.about(score, part.rows)


def _score_fold(estimator: Any, samples: Samples, split: Split, inputs: Inputs) -> list[Score]:
    """Return the scores of a fold, or of its failure."""
    try:
        with one_process():
            start = time.perf_counter()
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                model, notes = fitting.fit(estimator, samples, split, hold=True)
            seconds = time.perf_counter() - start
            fitted = Fitted(model, samples, split, seconds, notes + _warnings(caught))
    except FAULTS as error:
        return [replace(part.blank, error=reason(error)) for part, _ in inputs]
    return _score_parts(fitted, inputs)


def _score_parts(fitted: Fitted, inputs: Inputs) -> list[Score]:
    """Return the score of each test part; that of a failure, whatever somebody's classifier
    raises.
    """
    scores = []
    for part, X in inputs:
        notes = part.blank.notes + fitted.notes
        blank = replace(part.blank, fit_seconds=fitted.seconds, notes=notes)
        try:
            with one_process():
                scores.append(_score_part(fitted, part.rows, X, blank))
        except FAULTS as error:
            scores.append(replace(part.blank, error=reason(error)))
    return scores


def _score_part(fitted: Fitted, rows: Rows, X: Any, blank: Score) -> Score:
    """Return the score of a fitted model on some test rows."""
    if not len(rows):
        raise ParameterError(f"no test clip has a valid row after {blank.intervention}")
    model, samples, split = fitted.model, fitted.samples, fitted.split
    y, classes = samples.y[rows], np.unique(samples.y).tolist()
    inner = None if blank.intervention else held_out(model, samples, split, classes)
    start = time.perf_counter()
    predicted = _of_shape("predict", model.predict(X), (len(y),)).astype(str)
    seconds = time.perf_counter() - start
    probabilities = None
    if offers(model, GivesProbabilities):
        probabilities = _probabilities(model, X, classes)
    if split.voting is not None:
        voters, clip = split.voting
        probabilities = voted(_probabilities(model, samples.at(voters)[0], classes), clip, len(y))
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
