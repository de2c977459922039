"""Names of systems: short ones for reading, and the system that a user means by a name."""

from collections import Counter
from collections.abc import Iterable, Sequence

from featkit.comparison.systems import System
from featkit.errors import ParameterError
from featkit.naming import spec


def short_labels(systems: Iterable[System]) -> dict[str, str]:
    """Return a short name for the label of each system, made of what differs between them.

    Of feature and classifier, the one that all systems share is left out. Parameters follow the
    name without their key where their values are words: ``random_cnn vgg + svm``.
    """
    members = list(systems)
    joined = {system.feature: _parts(system.feature) for system in members}
    brief = _brief_texts(part for parts in joined.values() for part in parts)
    features = {text: "+".join(brief[part] for part in parts) for text, parts in joined.items()}
    classifiers = _brief_texts(system.classifier for system in members)
    short = {}
    for system in members:
        parts = [features[system.feature], classifiers[system.classifier]]
        if len(classifiers) == 1 < len(features):
            parts = parts[:1]
        elif len(features) == 1 < len(classifiers):
            parts = parts[1:]
        short[system.label] = " + ".join(parts)
    counts = Counter(short.values())
    return {label: name if counts[name] == 1 else label for label, name in short.items()}


def _parts(feature: str) -> list[str]:
    """Return the parts of joined features.

    A ``+`` joins where parameters follow the next name, or where no parameter came before;
    elsewhere it belongs to a value.
    """
    parts: list[str] = []
    for piece in feature.split("+"):
        if parts and ":" in parts[-1] and ":" not in piece:
            parts[-1] += f"+{piece}"
        else:
            parts.append(piece)
    return parts


def _brief_texts(texts: Iterable[str]) -> dict[str, str]:
    """Return the `short_texts` with spaces between items, keys of words left out."""
    brief = {}
    for text, short in short_texts(texts).items():
        try:
            name, params = spec.parse(short)
        except ParameterError:
            brief[text] = short
            continue
        items = [value if _is_word(value) else f"{key}={value}" for key, value in params.items()]
        brief[text] = " ".join([name, *items])
    return brief


def _is_word(value: str) -> bool:
    return any(sign.isalpha() for sign in value) and value not in ("true", "false", "none")


def short_texts(texts: Iterable[str]) -> dict[str, str]:
    """Return a short form of each ``name:key=value,…`` that still tells the texts apart.

    Of the parameters, those stay in which texts of the same name differ:
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
    by_name: dict[str, list[dict[str, str]]] = {}
    for name, params in parsed.values():
        by_name.setdefault(name, []).append(params)
    short = {}
    for text, (name, params) in parsed.items():
        differing = {
            key: value
            for key, value in params.items()
            if any(other.get(key) != value for other in by_name[name])
        }
        short[text] = spec.write(name, differing)
    return short


def find(name: str, systems: Sequence[System]) -> str:
    """Return the label of the one system that ``name`` means.

    ``name`` is a label, ``feature + classifier`` of one of its runs, or a feature or classifier
    that only one system has.

    Raises
    ------
    ParameterError
        If no system, or more than one, has this name.
    """
    matches = {system.label for system in systems if name in _names(system)}
    if len(matches) != 1:
        labels = sorted({system.label for system in systems})
        count = "no system is" if not matches else f"{len(matches)} systems are"
        raise ParameterError(f"{count} called {name!r}; the systems: {'; '.join(labels)}")
    return matches.pop()


def _names(system: System) -> set[str]:
    texts = {(score.feature, score.classifier) for score in [*system.scores, *system.failed]}
    texts.add((system.feature, system.classifier))
    return {
        name
        for feature, classifier in texts
        for name in (f"{feature} + {classifier}", feature, classifier)
    }
