"""Evaluation: one classifier on one table, fold by fold, under an honest or a published protocol.

``nested``: hyper-parameters are chosen on inner folds of the training part, and the test fold is
seen once, by the final model. ``paper``: the candidate with the best mean over the test folds, as
[Pons2019] reports it: optimistic, and labelled so.
"""

from collections.abc import Callable, Mapping
from typing import Any

from featkit.evaluation.folding import PRESCRIBED, Folding
from featkit.evaluation.preparing import Protocol, Run, prepare
from featkit.evaluation.protocols import nested, paper
from featkit.results.scores import Cell, Score
from featkit.store.table import Table


def evaluate(
    table: Table,
    classifier: Any,
    *,
    protocol: Protocol = "nested",
    seed: int = 0,
    folding: Folding = PRESCRIBED,
    test: Table | None = None,
    n_jobs: int = 1,
    done: Mapping[Cell, str] | None = None,
    on_score: Callable[[Score], None] | None = None,
) -> list[Score]:
    """Return one score for each test fold, with the prediction of every clip.

    A fold that fails gives a score with ``error``.

    Parameters
    ----------
    table : Table
        Features and labels.
    classifier : str or scikit-learn estimator
        ``name:key=value,…`` or an unfitted estimator; a ``random_state`` of None becomes ``seed``.
    protocol : {"nested", "paper", "paper-weighted"}
        ``paper`` averages the test folds equally, ``paper-weighted`` by their size: [Pons2019]
        does the former for ELMs and the latter for SVMs.
    seed : int
        Seed of the classifier; a seed in its text, or its own ``random_state``, takes precedence.
    folding : Folding
        How folds are made and which are measured; by default as the dataset prescribes.
    test : Table, optional
        Another corpus with the same labels: train on all of ``table``, test on all of ``test`` (one
        fold, ``test``).
    n_jobs : int
        Processes over folds; the result does not depend on it.
    done : mapping of cell to str, optional
        Cells that have a result, each with the fingerprint of its data (`featkit.results.done`):
        those of this very data do not run again and are not returned.
    on_score : callable, optional
        Called with each score as soon as it is there, in the order of the folds.

    Raises
    ------
    ParameterError, DatasetError
        If the classifier is unknown, a row is not finite, or the table cannot be divided as asked
        or leaks. Nothing has run then.
    """
    run = prepare(table, classifier, protocol=protocol, seed=seed, folding=folding, test=test)
    return perform(run, n_jobs=n_jobs, done=done, on_score=on_score)


def perform(
    run: Run,
    *,
    n_jobs: int = 1,
    done: Mapping[Cell, str] | None = None,
    on_score: Callable[[Score], None] | None = None,
) -> list[Score]:
    """Return the scores of what `prepare` returned; the other arguments as those of `evaluate`."""
    splits = run.missing(done or {})
    if not splits:
        return []
    protocol = nested if run.protocol == "nested" else paper
    scores = []
    for score in protocol(run, splits, n_jobs):
        scores.append(score)
        if on_score:
            on_score(score)
    return scores
