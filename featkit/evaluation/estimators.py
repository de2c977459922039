"""An unfitted estimator made ready for a table: from text or object, with its seed and blocks."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from featkit.classifiers.base import identity, make_classifier
from featkit.classifiers.contract import ExpectsRate, NamesItsOrigin, SplitsColumns, offers
from featkit.errors import ParameterError
from featkit.evaluation.inside import objects
from featkit.naming import fingerprint, outside, plugins, spec
from featkit.store.table import Table


def resolve(classifier: Any, seed: int) -> tuple[Any, str, int]:
    """Return an unfitted estimator, what results call it, and its seed.

    Parameters
    ----------
    classifier : str or scikit-learn estimator
        ``name:key=value,…`` or an unfitted estimator.
    seed : int
        Used where the text, or the estimator's ``random_state``, names none.

    Raises
    ------
    ParameterError
        If ``classifier`` is neither, or its text is wrong.
    """
    if isinstance(classifier, str):
        own = int(spec.parse(classifier)[1].get("seed", seed))
        return make_classifier(classifier, seed=seed), identity(classifier), own
    if isinstance(classifier, type) or not (
        hasattr(classifier, "fit") and hasattr(classifier, "get_params")
    ):
        raise ParameterError(
            f"{plugins.shown(classifier)} is neither text nor a scikit-learn estimator "
            "(an instance, not its class)"
        )
    label, seed = described(classifier, seed)
    return seeded(classifier, seed), label, seed


def adapted(estimator: Any, table: Table) -> Any:
    """Return a copy of ``estimator`` that knows the table's blocks of columns.

    Every parameter ``blocks`` that says ``"features"`` is set, in nested estimators too.

    Raises
    ------
    ParameterError
        If a part takes waveforms at another rate than the table has.
    """
    _check_rate(estimator, table.spec)
    copy = clone(estimator)
    for part in list(_estimators(copy)):
        if offers(part, SplitsColumns) and str(part.blocks) == "features":
            part.set_params(blocks=table.blocks)
    return copy


def seeded(estimator: Any, seed: int) -> Any:
    """Return a copy of ``estimator`` in which every ``random_state`` that is None is ``seed``."""
    params = estimator.get_params(deep=True)
    unset = [key for key in _named(params, "random_state") if params[key] is None]
    return clone(estimator).set_params(**dict.fromkeys(unset, seed))


def described(estimator: Any, seed: int) -> tuple[str, int]:
    """Return a one-line text for an estimator, without its seed, and the seed.

    The seed is the estimator's own ``random_state`` where it has just one.
    """
    params = estimator.get_params(deep=True)
    states = {key: params[key] for key in _named(params, "random_state") if params[key] is not None}
    if len(set(map(str, states.values()))) == 1 and all(
        isinstance(value, (int, np.integer)) for value in states.values()
    ):
        seed = int(next(iter(states.values())))
        estimator = clone(estimator).set_params(**dict.fromkeys(states))
    steps = (
        [step for _, step in estimator.steps] if isinstance(estimator, Pipeline) else [estimator]
    )
    return " + ".join(map(plugins.shown, steps)), seed


def origins(estimator: Any, label: str = "") -> Iterator[str]:
    """Yield what identifies the files and the code that an estimator's parameters only name.

    That is what its parts say themselves, such as a net of its weights, and the fingerprint of
    each module outside featkit that defines a part or that ``label`` names.

    Parameters
    ----------
    estimator : scikit-learn estimator
    label : str
        The text that the estimator was made from.
    """
    modules = {name.partition(":")[0] for name in outside.names_in(label)}
    for part in _estimators(estimator):
        if offers(part, NamesItsOrigin):
            yield from filter(None, [part.origin()])
        if fingerprint.is_users(type(part).__module__):
            modules.add(type(part).__module__)
    for module in sorted(modules):
        yield f"{module} {fingerprint.of_module(module, hears=False):016x}"


def _check_rate(estimator: Any, feature: Mapping[str, Any]) -> None:
    rate = feature.get("params", {}).get("sr") if feature.get("name") == "waveform" else None
    if not rate:
        return
    for part in _estimators(estimator):
        if offers(part, ExpectsRate) and isinstance(part.sr, int) and part.sr not in (0, rate):
            raise ParameterError(
                f"the rows are waveforms at {rate} Hz, and the classifier has sr={part.sr}: "
                f"give sr={rate}, or extract and name waveform:sr={part.sr}"
            )


def _estimators(estimator: Any) -> Iterator[Any]:
    """Yield an unfitted estimator and all estimators among its parameters."""
    return (part for part in objects(estimator) if hasattr(part, "get_params"))


def _named(params: Mapping[str, Any], name: str) -> list[str]:
    """Return the keys of a parameter of this name, in nested estimators too."""
    return [key for key in params if key.rpartition("__")[2] == name]
