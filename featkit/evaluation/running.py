"""Evaluation: one classifier on one table, fold by fold, under an honest or a published protocol.

``nested``: hyper-parameters are chosen on inner folds of the training part, and the test fold is
seen once, by the final model. ``paper``: the candidate with the best mean over the test folds, as
[Pons2019] reports it: optimistic, and labelled so.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from featkit.classifiers.contract import Estimator
from featkit.errors import ParameterError
from featkit.evaluation.estimators import resolve
from featkit.evaluation.folding import PRESCRIBED, Folding
from featkit.evaluation.preparing import Protocol, Run, prepare
from featkit.evaluation.protocols import nested, paper
from featkit.naming import spec
from featkit.results import Scores
from featkit.results.scores import Cell, Score
from featkit.store.table import Table

if TYPE_CHECKING:  # A table is evaluated without zarr.
    from featkit.store.store import Store

Classifier = str | Estimator


def evaluate(
    data: "Table | Store",
    classifier: Classifier | None = None,
    *,
    features: Sequence[str] | str | None = None,
    classifiers: Sequence[Classifier] | None = None,
    protocol: Protocol = "nested",
    seed: int = 0,
    folding: Folding = PRESCRIBED,
    test: "Table | Store | None" = None,
    interventions: Mapping[str, Table] | None = None,
    n_jobs: int = 1,
    done: Mapping[Cell, str] | None = None,
    on_score: Callable[[Score], None] | None = None,
) -> Scores:
    """Return one score for each test fold, with the prediction of every clip.

    A fold that fails gives a score with ``error``. A store that is out of date, or whose dataset
    has columns that are not used, is warned of, and every score has a note.

    Parameters
    ----------
    data : Table or Store
        Features and labels; of a store, each of ``features`` in turn.
    classifier : str or scikit-learn estimator
        ``name:key=value,…`` or an unfitted estimator; a ``random_state`` of None becomes ``seed``.
    features : sequence of str, or str, optional
        Of a store: ``name:key=value,…`` as `Store.table` takes it; by default all that it holds.
    classifiers : sequence of str or scikit-learn estimator
        Several, in place of ``classifier``.
    protocol : {"nested", "paper", "paper-weighted"}
        ``paper`` averages the test folds equally, ``paper-weighted`` by their size: [Pons2019]
        does the former for ELMs and the latter for SVMs.
    seed : int
        Seed of the classifier; a seed in its text, or its own ``random_state``, takes precedence.
    folding : Folding
        How folds are made and which are measured; by default as the dataset prescribes.
    test : Table or Store, optional
        Another corpus with the same labels, of the type of ``data``: train on all of ``data``, test
        on all of ``test`` (one fold, ``test``).
    interventions : mapping of str to Table, optional
        Of a table: the rows of its test clips after each intervention, as
        `featkit.extraction.intervened.intervened_tables` makes them. Each fold's model is tested on
        them too, which gives a score with ``intervention``.
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
        If a classifier or a feature is unknown, a row is not finite, or the table cannot be divided
        as asked or leaks. With one table and one classifier nothing has run then; with several,
        ``on_score`` has had the scores of those before.

    Examples
    --------
    >>> store = featkit.Store("esc50.zarr")                           # doctest: +SKIP
    >>> scores = featkit.evaluate(store, classifiers=["svm", "elm"])  # doctest: +SKIP
    """
    if interventions and not isinstance(data, Table):
        raise ParameterError("interventions are tables beside a table, and data is a store")
    chosen = _chosen(classifier, classifiers)
    for one in chosen:
        resolve(one, seed)
    options: dict[str, Any] = {"protocol": protocol, "seed": seed, "folding": folding}
    options["interventions"] = interventions
    scores = Scores()
    for table, other in _tables(data, features, test):
        for one in chosen:
            run = prepare(table, one, test=other, **options)
            scores += perform(run, n_jobs=n_jobs, done=done, on_score=on_score)
    return scores


def _chosen(one: Classifier | None, several: Sequence[Classifier] | None) -> list[Classifier]:
    """Return the classifiers to measure, ranges of seeds expanded."""
    if (one is None) == (several is None) or isinstance(several, str):
        raise ParameterError(
            f"classifier={one!r}, classifiers={several!r}: give one classifier, or a list of them"
        )
    items = [one] if one is not None else list(several or ())
    if not items:
        raise ParameterError("classifiers is empty; name at least one, such as svm")
    return [
        text
        for item in items
        for text in (spec.expand_ranges(item) if isinstance(item, str) else [item])
    ]


def _tables(
    data: "Table | Store",
    features: Sequence[str] | str | None,
    test: "Table | Store | None",
) -> Iterator[tuple[Table, Table | None]]:
    """Yield each table to learn from with the one to test on; a store's are read one at a time."""
    if isinstance(data, Table):
        if features is not None:
            raise ParameterError(f"features={features!r}: a table has one feature; give the store")
        if test is not None and not isinstance(test, Table):
            raise ParameterError("test is a store and data is a table; give two of the same type")
        yield data, test
        return
    if isinstance(test, Table):
        raise ParameterError("test is a table and data is a store; give two of the same type")
    texts = [features] if isinstance(features, str) else features
    names = data.features if texts is None else [n for t in texts for n in spec.expand_ranges(t)]
    if not names:
        raise ParameterError(f"no features: {data!r} and features={features!r}")
    for name in names:
        for store in filter(None, (data, test)):
            store.parts(name)
    read = _reader(data, names)
    other = None if test is None else _reader(test, names)
    for name in names:
        yield read(name), other(name) if other is not None else None


def _reader(store: "Store", names: Sequence[str]) -> Callable[[str], Table]:
    """Return what reads a feature of a store, after a warning of what its results must carry: of
    columns of the dataset that are not used, and of what is out of date.
    """
    from featkit.extraction import outdated
    from featkit.store.source import warnings as of_dataset

    old = outdated(store, names)
    for text in (*of_dataset(store.about), *old):
        warnings.warn(text, stacklevel=4)

    def read(name: str) -> Table:
        table = store.table(name)
        return replace(table, warnings=(*table.warnings, *old))

    return read


def perform(
    run: Run,
    *,
    n_jobs: int = 1,
    done: Mapping[Cell, str] | None = None,
    on_score: Callable[[Score], None] | None = None,
) -> Scores:
    """Return the scores of what `prepare` returned; the other arguments as those of `evaluate`."""
    splits = run.missing(done or {})
    scores = Scores()
    if not splits:
        return scores
    protocol = nested if run.protocol == "nested" else paper
    for score in protocol(run, splits, n_jobs):
        scores.append(score)
        if on_score:
            on_score(score)
    return scores
