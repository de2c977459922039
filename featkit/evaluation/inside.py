"""Every object inside another, and the size of what a model learned."""

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from featkit.classifiers.contract import KnowsItsBytes, offers


def objects(thing: Any) -> Iterator[Any]:
    """Yield ``thing`` and everything that it holds, each object once.

    Goes through attributes, containers, and the pickled state of compiled classes; classes,
    functions and modules are left out.
    """
    return _objects(thing, {})


def model_bytes(model: Any) -> int:
    """Return the bytes of all distinct arrays that a fitted model holds, or its own
    ``model_bytes``.
    """
    if offers(model, KnowsItsBytes) and isinstance(model.model_bytes, (int, np.integer)):
        return int(model.model_bytes)
    return sum(part.nbytes for part in objects(model) if isinstance(part, np.ndarray))


def _objects(thing: Any, seen: dict[int, Any]) -> Iterator[Any]:
    # `seen` keeps what it has seen alive, or the identity of a temporary could come again.
    if id(thing) in seen or _is_leaf(thing):
        return
    seen[id(thing)] = thing
    yield thing
    for part in _content(thing):
        yield from _objects(part, seen)


def _is_leaf(thing: Any) -> bool:
    return (
        thing is None
        or isinstance(thing, (str, bytes, int, float, type))
        or inspect.isroutine(thing)
        or inspect.ismodule(thing)
    )


def _content(thing: Any) -> Any:
    if isinstance(thing, np.ndarray):
        return thing.tolist() if thing.dtype == object else ()
    if isinstance(thing, Mapping):
        return thing.values()
    if isinstance(thing, (list, tuple, set, frozenset)):
        return thing
    if hasattr(thing, "__dict__"):
        return vars(thing).values()
    return _compiled_state(thing)


def _compiled_state(thing: Any) -> tuple[Any, ...]:
    """Return the pickled state of an object of a compiled class, which has no ``__dict__``.

    Examples are a tree of a forest and a k-d tree.
    """
    own = getattr(type(thing), "__getstate__", object.__getstate__)
    if own is object.__getstate__ or isinstance(
        thing, (np.generic, np.random.RandomState, np.random.Generator)
    ):
        return ()
    return (thing.__getstate__(),)
