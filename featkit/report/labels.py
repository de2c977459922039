"""Short names: of the parameters in a text, only those in which systems of the same name differ."""

from collections.abc import Iterable

from featkit.comparison.systems import System
from featkit.errors import ParameterError
from featkit.naming import spec


def short_labels(systems: Iterable[System]) -> dict[str, str]:
    """Return a short name for the label of each system, made of the `short_texts` of its feature
    and its classifier.
    """
    members = list(systems)
    features = short_texts(system.feature for system in members)
    classifiers = short_texts(system.classifier for system in members)
    return {
        system.label: f"{features[system.feature]} + {classifiers[system.classifier]}"
        for system in members
    }


def short_texts(texts: Iterable[str]) -> dict[str, str]:
    """Return a short form of each ``name:key=value,…``, as long as it must be to tell the texts
    apart.

    ``random_cnn:arch=vgg,size=small,seed=0-2`` becomes ``random_cnn:arch=vgg`` where other
    architectures are among the texts, and ``random_cnn`` where none is. A text of another form
    stays as it is.
    """
    parsed: dict[str, tuple[str, dict[str, str]]] = {}
    for text in dict.fromkeys(texts):
        try:
            parsed[text] = spec.parse(text)
        except ParameterError:
            parsed[text] = (text, {})
    named: dict[str, list[dict[str, str]]] = {}
    for name, params in parsed.values():
        named.setdefault(name, []).append(params)
    found = {}
    for text, (name, params) in parsed.items():
        differing = {
            key: value
            for key, value in params.items()
            if any(other.get(key) != value for other in named[name])
        }
        found[text] = spec.write(name, differing)
    return found
