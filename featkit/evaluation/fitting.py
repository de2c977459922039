"""Fitting an estimator on one split: seeds, inner selection, the validation part, and the size of
what was learned.
"""

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.model_selection import PredefinedSplit
from sklearn.pipeline import Pipeline

from featkit.errors import ParameterError
from featkit.evaluation.folding import Split


def fit(estimator: Any, X: Any, y: NDArray[np.str_], split: Split) -> tuple[Any, tuple[str, ...]]:
    """Return a copy of ``estimator`` fitted on the training rows of a split, and notes on how.

    Hyper-parameters are chosen on ``split.select`` by ``split.inner``: through ``fit(X, y,
    groups=inner)`` where the estimator takes groups, through ``cv`` where it is one of
    scikit-learn's searches. With a validation part, the choice is made on that part and the chosen
    candidate is fitted on the training part only (S2-19). A net with ``watch`` is also given the
    test rows as ``eval_set``, which it scores after every epoch and selects nothing on (S0-14).

    Raises
    ------
    ParameterError
        If the training rows are all of one class, with which some classifiers would fail and others
        guess.
    """
    known = np.unique(y[split.train])
    if len(known) < 2:
        raise ParameterError(
            f"the {len(split.train)} training clips are of one class, {str(known[0])!r}; nothing to tell apart"
        )
    model = clone(estimator)
    watched = (
        {"eval_set": (take(X, split.test), y[split.test])} if getattr(model, "watch", False) else {}
    )
    if len(split.select) > len(split.train):
        model, notes = _selected_on_valid(model, X, y, split)
        return model.fit(take(X, split.train), y[split.train], **watched), notes
    rows = take(X, split.train), y[split.train]
    if split.inner is None:
        return model.fit(*rows, **watched), ()
    if _is_search(model):
        return model.set_params(cv=PredefinedSplit(split.inner)).fit(*rows), ()
    if "groups" in inspect.signature(model.fit).parameters:
        return model.fit(*rows, groups=split.inner, **watched), ()
    return model.fit(*rows), ()


def _selected_on_valid(
    model: Any, X: Any, y: NDArray[np.str_], split: Split
) -> tuple[Any, tuple[str, ...]]:
    """Return an unfitted estimator of the candidate that does best on the validation part."""
    rows = take(X, split.select), y[split.select]
    if _is_search(model):
        model.set_params(cv=PredefinedSplit(split.inner), refit=False).fit(*rows)
        return clone(model.estimator).set_params(**model.best_params_), ()
    if hasattr(model, "candidate_predictions"):
        candidates, predicted = model.candidate_predictions(*rows, split.inner)
        valid = split.inner == 0
        right = (np.asarray(predicted)[:, valid] == rows[1][valid]).mean(axis=1)
        return with_candidate(model, candidates[int(np.argmax(right))]), ()
    return model, ("the validation part is not used: this classifier selects nothing on it",)


def _is_search(model: Any) -> bool:
    """Return whether ``model`` is a search in scikit-learn's manner, such as ``GridSearchCV``."""
    return {"estimator", "cv", "refit"} <= set(model.get_params(deep=False))


def with_candidate(estimator: Any, params: Mapping[str, Any]) -> Any:
    """Return a copy of ``estimator`` that tries only the candidate ``params``.

    The estimator's own ``with_candidate`` does it where there is one; else each parameter of that
    name is set, as a tuple of one where it is a tuple of values to try.

    Raises
    ------
    ParameterError
        If a key of the candidate is not a parameter of the estimator.
    """
    if hasattr(estimator, "with_candidate"):
        return estimator.with_candidate(params)
    own = estimator.get_params(deep=True)
    unknown = sorted(set(params) - set(own))
    if unknown:
        raise ParameterError(
            f"{type(estimator).__name__} has no parameter {', '.join(unknown)} to fix its candidate with"
        )
    fixed = {
        key: (value,) if isinstance(own[key], (tuple, list)) else value
        for key, value in params.items()
    }
    return clone(estimator).set_params(**fixed)


def take(X: Any, rows: NDArray[np.int64]) -> Any:
    """Return some rows of an array or of a list."""
    return [X[row] for row in rows] if isinstance(X, list) else X[rows]


def seeded(estimator: Any, seed: int) -> Any:
    """Return a copy of ``estimator`` in which every ``random_state`` that is None is ``seed``."""
    params = estimator.get_params(deep=True)
    unset = {
        key: seed
        for key, value in params.items()
        if key.rpartition("__")[2] == "random_state" and value is None
    }
    return clone(estimator).set_params(**unset)


def with_blocks(estimator: Any, blocks: tuple[int, ...]) -> Any:
    """Return a copy of ``estimator`` in which every parameter ``blocks`` that says ``"features"``
    has the table's blocks.
    """
    params = estimator.get_params(deep=True)
    asked = [
        key
        for key, value in params.items()
        if key.rpartition("__")[2] == "blocks" and value == "features"
    ]
    return clone(estimator).set_params(**dict.fromkeys(asked, blocks))


def parts(thing: Any) -> Iterator[Any]:
    """Yield an estimator and all estimators among its parameters and their parameters, in lists
    too.
    """
    own = hasattr(thing, "get_params") and not isinstance(thing, type)
    if own:
        yield thing
    inside = (
        thing
        if isinstance(thing, (list, tuple))
        else thing.get_params(deep=False).values()
        if own
        else ()
    )
    for part in inside:
        yield from parts(part)


def origins(estimator: Any) -> Iterator[str]:
    """Yield what an estimator and its parts say of files and code that their parameters only name,
    such as a net's weights.

    A part says it by ``origin()``, a text that changes with the content, empty where there is
    nothing.
    """
    for part in parts(estimator):
        if hasattr(part, "origin"):
            yield from filter(None, [part.origin()])


def check_rate(estimator: Any, spec: Mapping[str, Any]) -> None:
    """Raise ParameterError where a part takes waveforms for samples at another rate, ``sr``, than
    the feature ``spec`` has.
    """
    rate = spec.get("params", {}).get("sr") if spec.get("name") == "waveform" else None
    for part in parts(estimator):
        wanted = getattr(part, "sr", 0)
        if rate and isinstance(wanted, int) and wanted not in (0, rate):
            raise ParameterError(
                f"the rows are waveforms at {rate} Hz, and the classifier has sr={wanted}: give sr={rate}, or extract and name "
                f"waveform:sr={wanted}"
            )


def described(estimator: Any, seed: int) -> tuple[str, int]:
    """Return a one-line text for an estimator, without its seed, and the seed: its own
    ``random_state`` where it has just one.
    """
    params = estimator.get_params(deep=True)
    states = {
        key: value
        for key, value in params.items()
        if key.rpartition("__")[2] == "random_state" and value is not None
    }
    if len(set(map(str, states.values()))) == 1 and all(
        isinstance(value, (int, np.integer)) for value in states.values()
    ):
        seed = int(next(iter(states.values())))
        estimator = clone(estimator).set_params(**dict.fromkeys(states))
    steps = (
        [step for _, step in estimator.steps] if isinstance(estimator, Pipeline) else [estimator]
    )
    return " + ".join(" ".join(repr(step).split()) for step in steps), seed


def model_bytes(model: Any) -> int:
    """Return the bytes of all distinct arrays that a fitted model holds, or its own
    ``model_bytes``.
    """
    own = getattr(model, "model_bytes", None)
    return (
        int(own)
        if isinstance(own, (int, np.integer))
        else sum(array.nbytes for array in _arrays(model, {}))
    )


def _arrays(thing: Any, seen: dict[int, Any]) -> Iterator[NDArray[Any]]:
    # `seen` keeps what it has seen alive, or the identity of a temporary could come again.
    if id(thing) in seen or thing is None or isinstance(thing, (str, bytes, int, float, type)):
        return
    seen[id(thing)] = thing
    if isinstance(thing, np.ndarray):
        yield thing
        inside: Any = thing.tolist() if thing.dtype == object else ()
    elif isinstance(thing, Mapping):
        inside = thing.values()
    elif isinstance(thing, (list, tuple, set, frozenset)):
        inside = thing
    elif hasattr(thing, "__dict__"):
        inside = () if inspect.isroutine(thing) or inspect.ismodule(thing) else vars(thing).values()
    else:
        inside = _compiled_state(thing)
    for part in inside:
        yield from _arrays(part, seen)


def _compiled_state(thing: Any) -> tuple[Any, ...]:
    """Return the pickled state of an object of a compiled class (a tree of a forest, a k-d tree),
    which has no ``__dict__``.
    """
    own = getattr(type(thing), "__getstate__", object.__getstate__)
    if own is object.__getstate__ or isinstance(
        thing, (np.generic, np.random.RandomState, np.random.Generator)
    ):
        return ()
    return (thing.__getstate__(),)
