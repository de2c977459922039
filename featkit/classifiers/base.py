"""How a classifier is made from its text, and what evaluation asks of it."""

import inspect
import pickle
import typing
from collections.abc import Callable, Mapping
from typing import Any

from featkit.errors import ParameterError
from featkit.naming import spec
from featkit.naming.registry import Registry

# One classifier per file: ``register`` a function ``make(*, seed: int = 0, name: type = default, …)
# -> estimator`` whose annotated keyword parameters are the whole configuration and whose
# docstring's first line describes it. A constant ``PRESETS`` of the file names sets of parameters:
# ``NAME:preset=KEY`` starts from them.
#
# The estimator follows scikit-learn: fit(X, y), predict(X), predict_proba(X) where it has
# probabilities, ``classes_``. One that selects among candidates also takes fit(X, y,
# groups=inner_folds) (integer fold of every row, or None for stratified folds of its own), sets
# ``best_params_`` and offers
#     candidate_predictions(X, y, folds) -> (list of dict, ndarray of labels (n_candidates, n))
# in which row c holds each clip's out-of-fold prediction by candidate c: the ``paper`` protocol
# selects from it; and
#     nested_fit(X, y, folds) -> iterator of (fold label, fitted estimator)
# which gives for every fold k, in sorted order, what fit(X[folds != k], y[folds != k],
# groups=folds[folds != k]) gives, with less work: the ``nested`` protocol. `search.FoldSearch` has
# all of this for a classifier that says how it tries candidates.
registry: Registry[Callable[..., Any]] = Registry("featkit.classifiers", "classifier")


def make_classifier(text: str, seed: int = 0, **params: object) -> Any:
    """Return the unfitted estimator that ``name`` or ``name:key=value,…`` describes.

    Raises
    ------
    ParameterError
        For an unknown name or parameter, or a value of the wrong type; the message lists what is
        allowed.
    """
    name, given = spec.parse(text)
    factory = registry.get(name)
    options: dict[str, object] = {**given, **params}
    preset, named = options.pop("preset", None), presets(factory)
    if preset is not None and preset not in named:
        listed = ", ".join(named) or "none"
        raise ParameterError(f"{name} has no preset {preset!r}; it has: {listed}")
    hints = typing.get_type_hints(factory)
    allowed = [key for key in inspect.signature(factory).parameters if key != "seed"]
    values = dict(named[str(preset)]) if preset is not None else {}
    for key, value in options.items():
        if key == "seed":
            seed = typing.cast(int, spec.convert(value, int, f"{name}:seed"))
        elif key not in allowed:
            raise ParameterError(
                f"{name} has no parameter {key!r}; it has: {', '.join([*allowed, 'seed'])}"
            )
        else:
            values[key] = spec.convert(value, hints[key], f"{name}:{key}")
    return factory(seed=seed, **values)


def presets(factory: Callable[..., Any]) -> Mapping[str, Mapping[str, object]]:
    """Return the named sets of parameters of a factory: ``PRESETS`` of its module, if any."""
    return getattr(inspect.getmodule(factory), "PRESETS", {})


def model_bytes(estimator: Any) -> int:
    """Return the bytes of everything that a fitted estimator keeps, as it would be serialised."""
    arrays: list[pickle.PickleBuffer] = []
    rest = pickle.dumps(estimator, protocol=5, buffer_callback=arrays.append)
    return len(rest) + sum(buffer.raw().nbytes for buffer in arrays)
