"""What a bundle may run: the types that its classifier may hold, and code outside featkit."""

import importlib
from collections.abc import Sequence

from sklearn.base import BaseEstimator

from featkit.classifiers import registry
from featkit.evaluation.inside import objects
from featkit.features import texts
from featkit.naming import outside
from featkit.naming.spec import parse
from featkit.nets import catalog

# Types of libraries that classifiers hold, beyond those that skops trusts by itself.
LIBRARY = frozenset(
    {
        "sklearn.calibration._CalibratedClassifier",
        "sklearn.calibration._SigmoidCalibration",
        "sklearn.metrics._scorer._PassthroughScorer",
        "sklearn.model_selection._split.PredefinedSplit",
        "sklearn.model_selection._split.StratifiedKFold",
        "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
        "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
        "sklearn.tree._tree.Tree",
    }
)


def untrusted(types: Sequence[str], trusted: Sequence[str] = ()) -> list[str]:
    """Return those of ``types`` (dotted names) that are neither ``trusted``, nor of `LIBRARY`, nor
    estimators of the package that the registry of classifiers lists.
    """
    return sorted(
        name
        for name in set(types)
        if name not in LIBRARY and not outside.covers(trusted, name) and not _is_classifier(name)
    )


def _is_classifier(name: str) -> bool:
    """Return whether a dotted name is a scikit-learn estimator that featkit.classifiers defines."""
    module, _, attribute = name.rpartition(".")
    if not module.startswith(f"{registry.package}."):
        return False
    try:
        part = getattr(importlib.import_module(module), attribute, None)
    except ImportError:
        return False
    return isinstance(part, type) and issubclass(part, BaseEstimator) and part.__module__ == module


def code_of_feature(text: str) -> list[str]:
    """Return the code outside featkit that the feature ``text`` runs."""
    parts = (parse(part) for part in texts(text))
    codes = (
        name if ":" in name else params.get("module", "") if name == "hear" else ""
        for name, params in parts
    )
    return [code for code in codes if code]


def code_of_nets(classifier: object) -> list[str]:
    """Return the code outside featkit that nets inside a classifier run, as architecture or
    front-end.
    """
    holders = (part for part in objects(classifier) if hasattr(part, "__dict__"))
    nets = [vars(part) for part in holders if "arch" in vars(part)]
    names = list(filter(None, (catalog.outside(str(net["arch"])) for net in nets)))
    return names + [
        name for net in nets if net.get("front") for name in code_of_feature(str(net["front"]))
    ]
