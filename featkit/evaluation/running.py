"""Evaluation: one classifier on one table, fold by fold, under an honest or a published protocol.

``nested``: hyper-parameters are chosen on inner folds of the training part, and the test fold is
seen once, by the final model. ``paper``: the candidate with the best mean over the test folds, as
S2-20 and S2-21 report it: optimistic, and labelled so.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, get_args

import numpy as np
from sklearn.utils import get_tags

from featkit.classifiers.base import identity, make_classifier
from featkit.errors import DatasetError, ParameterError, listed
from featkit.evaluation import fitting
from featkit.evaluation.folding import Folds, plan
from featkit.evaluation.leakage import guard
from featkit.evaluation.protocols import Run, nested, paper
from featkit.naming import spec
from featkit.results.scores import Cell, Score
from featkit.store.table import Table, join

Protocol = Literal["nested", "paper", "paper-weighted"]
OPTIMISTIC = "optimistic: selected on the test folds"


def evaluate(
    table: Table,
    classifier: Any,
    *,
    protocol: Protocol = "nested",
    seed: int = 0,
    test: Table | None = None,
    folds: Folds = "auto",
    n_folds: int = 5,
    fold_seed: int = 0,
    only_folds: Sequence[str] = (),
    allow_leakage: bool = False,
    weighted: bool = False,
    n_jobs: int = 1,
    done: Mapping[Cell, str] | None = None,
    on_score: Callable[[Score], None] | None = None,
) -> list[Score]:
    """Return one score for each test fold, with the prediction of every clip; a fold that fails
    gives a score with ``error``.

    Parameters
    ----------
    table : Table
        Features and labels.
    classifier : str or scikit-learn estimator
        ``name:key=value,…`` or an unfitted estimator; a ``random_state`` of None becomes ``seed``.
    protocol : {"nested", "paper", "paper-weighted"}
    seed : int
        Seed of the classifier; one that is given in its text or as its ``random_state`` goes first.
    test : Table, optional
        Another corpus with the same labels: train on all of ``table``, test on all of ``test`` (one
        fold, ``test``).
    folds, n_folds, fold_seed
        How folds are made: see `protocols.plan`. By default as the dataset prescribes.
    only_folds : sequence of str
        Names of the test folds to measure; empty for all. Every model is the same as in a run of
        all folds.
    allow_leakage : bool
        Run although a group or a recording is on both sides, and note it in every score.
    weighted : bool
        With ``paper`` the same as ``paper-weighted``: test folds are weighted by their size
        (S2-20), else equally (S2-21).
    n_jobs : int
        Processes over folds; the result does not depend on it.
    done : mapping of cell to str, optional
        Cells that have a result, each with the fingerprint of its data (`scores.done`): those of
        this very data do not run again and are not returned.
    on_score : callable, optional
        Called with each score as soon as it is there, in the order of the folds.

    Raises
    ------
    ParameterError, DatasetError
        If the classifier is unknown, a row is not finite, or the table cannot be divided as asked
        or leaks. Nothing has run then.
    """
    folding: dict[str, Any] = {
        "folds": folds,
        "n_folds": n_folds,
        "fold_seed": fold_seed,
        "only_folds": only_folds,
    }
    run = prepare(
        table,
        classifier,
        protocol=named(protocol, weighted),
        seed=seed,
        test=test,
        allow_leakage=allow_leakage,
        **folding,
    )
    return perform(run, n_jobs=n_jobs, done=done, on_score=on_score)


def named(protocol: Protocol, weighted: bool) -> Protocol:
    """Return the protocol that results state: ``paper`` with weighted test folds is
    ``paper-weighted``.
    """
    return "paper-weighted" if weighted and protocol == "paper" else protocol


def perform(
    run: Run,
    *,
    n_jobs: int = 1,
    done: Mapping[Cell, str] | None = None,
    on_score: Callable[[Score], None] | None = None,
) -> list[Score]:
    """Return the scores of what `prepare` gave; arguments as those of `evaluate`."""
    wanted = run.left(done or {})
    if not wanted:
        return []
    X = _inputs(run.table, run.estimator)
    found = (
        nested(run, X, wanted, n_jobs)
        if run.protocol == "nested"
        else paper(run, X, wanted, n_jobs)
    )
    scores = []
    for score in found:
        scores.append(score)
        if on_score:
            on_score(score)
    return scores


def prepare(
    table: Table,
    classifier: Any,
    *,
    protocol: Protocol = "nested",
    seed: int = 0,
    test: Table | None = None,
    folds: Folds = "auto",
    n_folds: int = 5,
    fold_seed: int = 0,
    only_folds: Sequence[str] = (),
    allow_leakage: bool = False,
) -> Run:
    """Return what `evaluate` with the same arguments would run, after its checks of folds and
    classifier; ``.cells`` lists it.

    Raises
    ------
    ParameterError, DatasetError
        As `evaluate`.
    """
    if protocol not in get_args(Protocol):
        raise ParameterError(f"protocol={protocol!r} is not one of {', '.join(get_args(Protocol))}")
    if isinstance(classifier, str):
        estimator, label = make_classifier(classifier, seed=seed), identity(classifier)
        seed = int(spec.parse(classifier)[1].get("seed", seed))
    else:
        if isinstance(classifier, type) or not (
            hasattr(classifier, "fit") and hasattr(classifier, "get_params")
        ):
            raise ParameterError(
                f"{classifier!r} is neither text nor a scikit-learn estimator (an instance, not its class)"
            )
        label, seed = fitting.described(classifier, seed)
        estimator = fitting.seeded(classifier, seed)
    if test is not None:
        if folds not in ("auto", "split"):
            raise ParameterError(
                f"folds={folds!r} together with another corpus to test on: all of {test.dataset} is the test part"
            )
        table, folds = join(table, test), "split"
    estimator = fitting.with_blocks(estimator, table.blocks)
    fitting.check_rate(estimator, table.spec)
    folding = plan(table, folds, n_folds, fold_seed)
    known = [split.name for split in folding.splits]
    if unknown := [name for name in only_folds if name not in known]:
        place = f"{table.dataset}, {folding.scheme}"
        raise ParameterError(
            f"{place}: no fold is called {listed(unknown)}; there are: {listed(known, 12)}"
        )
    notes = [*folding.notes, *guard(table, folding, allow_leakage)]
    if table.n_missing:
        notes.append(f"{table.n_missing} clips of the dataset have no valid row and are left out")
    if table.ragged and not takes_arrays(estimator):
        notes.append("rows of different length: mean and standard deviation over time")
    if protocol != "nested":
        selects = hasattr(estimator, "candidate_predictions")
        notes.append(OPTIMISTIC if selects else "nothing to select: plain cross-validation")
    return Run(table, estimator, folding, label, protocol, seed, tuple(notes), tuple(only_folds))


def takes_arrays(estimator: Any) -> bool:
    """Return whether an estimator wants rows in their own shape (maps, waveforms) instead of
    vectors.
    """
    if getattr(estimator, "input_kind", "") == "array":
        return True
    return hasattr(estimator, "__sklearn_tags__") and bool(
        get_tags(estimator).input_tags.three_d_array
    )


def _inputs(table: Table, estimator: Any) -> Any:
    X = table.X if takes_arrays(estimator) else table.vectors()
    bad = [str(name) for name, row in zip(table.ids, X, strict=True) if not np.isfinite(row).all()]
    if bad:
        raise DatasetError(
            f"{table.dataset}, {table.feature}: rows with NaN or infinite values: {listed(bad)}"
        )
    return X
