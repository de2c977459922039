"""How a classifier is made from its text."""

import dataclasses
import inspect
import typing
from collections.abc import Callable, Mapping
from typing import Any

from featkit.errors import FeatkitError, ParameterError
from featkit.naming import spec
from featkit.naming.plugins import FAULTS, reason, shown
from featkit.naming.registry import Registry

# One classifier per file: ``register`` a function ``make(*, seed: int = 0, name: type = default, …)
# -> estimator`` whose annotated keyword parameters are the whole configuration and whose
# docstring's first line describes it. A constant ``PRESETS`` of the file names sets of parameters:
# ``NAME:preset=KEY`` starts from them. The estimator follows scikit-learn: fit(X, y), predict(X),
# ``classes_``. What it may offer beyond that is in `contract`; one that selects among candidates
# also takes fit(X, y, groups=inner_folds): the inner fold of every row, or None for stratified
# folds of its own. `_search.search.FoldSearch` has all of this for a classifier that says how it
# tries candidates.
registry: Registry[Callable[..., Any]] = Registry(
    "featkit.classifiers", "classifier", hidden=("base", "contract")
)


class Moved(dict[str, str]):
    """Parameters of a factory that other classifiers have now, or values of one: where to look."""


def parameters(factory: Callable[..., Any]) -> dict[str, tuple[Any, object]]:
    """Return the type and the default of each parameter of a classifier but its seed.

    A factory with ``**changes: Annotated[Any, SomeDataclass]`` also has the dataclass's fields.

    Raises
    ------
    ParameterError
        If a parameter has no type, as in code outside featkit.
    """
    hints = typing.get_type_hints(factory)
    items = {
        key: item
        for key, item in inspect.signature(factory).parameters.items()
        if key != "seed" and item.kind is not item.VAR_KEYWORD
    }
    untyped = [key for key in items if key not in hints]
    if untyped:
        raise ParameterError(
            f"{shown(factory)} cannot be a classifier: its parameters {', '.join(untyped)} have no "
            "type; write a function with annotated parameters and 'seed' that returns it"
        )
    taken = {key: (hints[key], item.default) for key, item in items.items()}
    for extra in filter(dataclasses.is_dataclass, _annotations(factory)):
        kinds = typing.get_type_hints(extra)
        for field in dataclasses.fields(extra):
            taken[field.name] = kinds[field.name], field.default
    return taken


def _annotations(factory: Callable[..., Any]) -> list[Any]:
    """Return what annotates the ``**keywords`` of a factory, beside their type."""
    spread = [
        key
        for key, item in inspect.signature(factory).parameters.items()
        if item.kind is item.VAR_KEYWORD
    ]
    hints = typing.get_type_hints(factory, include_extras=True)
    return [extra for key in spread for extra in getattr(hints.get(key), "__metadata__", ())]


class Conduct:
    """Marks a parameter that says where, how fast or how loudly a classifier runs, not what it
    computes.
    """


def identity(text: str) -> str:
    """Return a classifier's text without the parameters that do not identify it, inside it too.

    >>> identity("deep_svm:C=2,net=(net:arch=lstm,device=cuda,verbose=true)")
    'deep_svm:C=2,net=(net:arch=lstm)'
    """
    name, written = spec.parse(text)
    hints = typing.get_type_hints(registry.get(name), include_extras=True)
    left: dict[str, str] = {}
    changed = False
    for key, value in written.items():
        if Conduct in getattr(hints.get(key), "__metadata__", ()):
            changed = True
            continue
        holds = key in ("net", "readout") or (
            key == "members" and hints.get(key) == tuple[str, ...]
        )
        parts = spec.several(value) if holds else [value]
        inside = [identity(part) for part in parts] if holds else parts
        changed = changed or inside != parts
        left[key] = "+".join(f"({part})" if "=" in part else part for part in inside)
    params = ",".join(f"{key}={value}" for key, value in left.items())
    return text if not changed else f"{name}:{params}" if params else name


def named(system: str) -> str:
    """Return a system, ``FEATURE + CLASSIFIER`` or one of them, with the classifier's `identity`.

    >>> named("logmel + net:arch=lstm,device=cuda"), named("logmel:n_mels=64"), named("my fusion")
    ('logmel + net:arch=lstm', 'logmel:n_mels=64', 'my fusion')
    """
    feature, sign, classifier = system.rpartition(" + ")
    if classifier.partition(":")[0] not in registry.names():
        return system
    return f"{feature}{sign}{identity(classifier)}"


def make_classifier(text: str, seed: int = 0, **params: object) -> Any:
    """Return the unfitted estimator that ``name`` or ``name:key=value,…`` describes.

    Raises
    ------
    ParameterError
        For an unknown name or parameter, or a value of the wrong type; the message lists what is
        allowed.
    """
    name, in_text = spec.parse(text)
    factory = registry.get(name)
    allowed = parameters(factory)
    moved: dict[str, str] = {}
    for extra in _annotations(factory):
        moved |= extra if isinstance(extra, Moved) else {}
    options: dict[str, object] = {**in_text, **params}
    preset, named = options.pop("preset", None), presets(factory)
    if preset is not None and preset not in named:
        listed = ", ".join(named) or "none"
        raise ParameterError(f"{name} has no preset {preset!r}; it has: {listed}")
    values = dict(named[str(preset)]) if preset is not None else {}
    for key, value in options.items():
        if key == "seed":
            seed = typing.cast(int, spec.convert(value, int, f"{name}:seed"))
        elif key not in allowed:
            where = moved.get(key) or f"it has: {', '.join([*allowed, 'seed'])}"
            raise ParameterError(f"{name} has no parameter {key!r}; {where}")
        elif key in moved and isinstance(value, str) and "+" in value.strip("+").replace("e+", ""):
            raise ParameterError(f"{name}:{key}={value!r} is several values; {moved[key]}")
        else:
            values[key] = spec.convert(value, allowed[key][0], f"{name}:{key}")
    try:
        return factory(seed=seed, **values)
    except FAULTS as error:
        if ":" not in name or isinstance(error, FeatkitError):
            raise
        raise ParameterError(f"cannot make {text}: {reason(error)}") from error


def presets(factory: Callable[..., Any]) -> Mapping[str, Mapping[str, object]]:
    """Return the named sets of parameters of a factory: ``PRESETS`` of its module, if any."""
    return getattr(inspect.getmodule(factory), "PRESETS", {})
