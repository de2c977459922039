"""What classifiers that wrap a net share: the text inside their text, the net at the end, its size
and its fit.
"""

from typing import Any, ClassVar

from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin, clone

from featkit.classifiers.base import make_classifier
from featkit.errors import ParameterError
from featkit.naming import spec


class NetWrapper(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A classifier with a parameter ``net``, whose ``fit`` sets ``net_``."""

    input_kind: ClassVar[str] = "array"
    net: Any
    net_: Any

    @property
    def model_bytes(self) -> int:
        """Bytes of the fitted net's parameters."""
        return int(self.net_.model_bytes)

    def size(self) -> dict[str, Any]:
        """Return the size of the net, without training, as its own ``size``."""
        size: dict[str, Any] = self.net.size()
        return size


def fitted(
    net: Any,
    X: Any,
    y: ArrayLike,
    groups: ArrayLike | None = None,
    eval_set: tuple[Any, ArrayLike] | None = None,
) -> Any:
    """Return a copy of ``net`` that is fitted; only one that is watched must take ``eval_set``."""
    watched = {} if eval_set is None else {"eval_set": eval_set}
    return clone(net).fit(X, y, groups=groups, **watched)


def wrapped(text: str, seed: int, by: str, allowed: tuple[str, ...]) -> Any:
    """Return the unfitted estimator of ``text`` for the wrapper ``by``.

    Parameters
    ----------
    text : str
        Classifier text; may itself be a wrapper.
    seed : int
        For what is inside, where its text has none.
    by : str
        The wrapper's name, for messages.
    allowed : tuple of str
        Classifiers that may stand anywhere inside.

    Raises
    ------
    ParameterError
        For another classifier, a wrapper twice, or a net with ``watch=true``.
    """
    names = _chain(text)
    if wrong := [name for name in names if name not in allowed]:
        raise ParameterError(
            f"{by} cannot wrap {wrong[0]!r} (net={text}); it wraps: {', '.join(allowed)}"
        )
    if twice := [name for name in names if names.count(name) > 1]:
        raise ParameterError(f"{by}:net={text} has {twice[0]} inside itself")
    estimator = make_classifier(text, seed=seed)
    if innermost(estimator).watch:
        raise ParameterError(f"watch=true is for a net by itself, not for one inside {by}")
    return estimator


def innermost(estimator: Any) -> Any:
    """Return the net at the end of a chain of estimators with a parameter ``net``."""
    while hasattr(estimator, "net"):
        estimator = estimator.net
    return estimator


def set_innermost(estimator: Any, **params: Any) -> Any:
    """Return ``estimator`` after setting parameters of the net at the end of the chain."""
    depth, inner = 0, estimator
    while hasattr(inner, "net"):
        depth, inner = depth + 1, inner.net
    return estimator.set_params(**{f"{'net__' * depth}{key}": params[key] for key in params})


def _chain(text: str) -> list[str]:
    name, params = spec.parse(text)
    inside = spec.several(params["net"]) if "net" in params else []
    return [name, *(deep for part in inside for deep in _chain(part))]
