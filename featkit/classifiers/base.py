"""How a classifier is made from its text."""

import inspect
import typing
from collections.abc import Callable
from typing import Any

from featkit.errors import ParameterError
from featkit.naming import spec
from featkit.naming.registry import Registry

# One classifier per file: ``register`` a function ``make(*, seed: int = 0, name: type = default, …)
# -> estimator`` whose annotated keyword parameters are the whole configuration and whose
# docstring's first line describes it. The estimator follows scikit-learn: fit(X, y), predict(X),
# ``classes_``. What it may offer beyond that is in `contract`; one that selects among candidates
# also takes fit(X, y, groups=inner_folds): the inner fold of every row, or None for stratified
# folds of its own. `_search.search.FoldSearch` has all of this for a classifier that says how it
# tries candidates.
registry: Registry[Callable[..., Any]] = Registry(
    "featkit.classifiers", "classifier", hidden=("base", "contract")
)


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
    hints = typing.get_type_hints(factory)
    allowed = [key for key in inspect.signature(factory).parameters if key != "seed"]
    values: dict[str, object] = {}
    for key, value in {**in_text, **params}.items():
        if key == "seed":
            seed = typing.cast(int, spec.convert(value, int, f"{name}:seed"))
        elif key not in allowed:
            raise ParameterError(
                f"{name} has no parameter {key!r}; it has: {', '.join([*allowed, 'seed'])}"
            )
        else:
            values[key] = spec.convert(value, hints[key], f"{name}:{key}")
    return factory(seed=seed, **values)
