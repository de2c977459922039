"""Several features side by side: early fusion, ``name:key=value+name:key=value``."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from featkit.audio import Signal
from featkit.errors import ParameterError
from featkit.features.base import Array, Feature, registry
from featkit.features.intervened import part as one
from featkit.naming import spec


@dataclass(frozen=True)
class Joined(Feature):
    """The vectors of several features, one after the other. It is computed from theirs and never
    stored.

    Each part becomes a vector as it would alone, by its own `Feature.pooling`.

    Parameters
    ----------
    parts : tuple of Feature
        At least two, none of them twice.
    """

    units: ClassVar[str] = "those of its parts"
    virtual: ClassVar[bool] = True

    parts: tuple[Feature, ...] = ()

    def __post_init__(self) -> None:
        if made := [part.canonical for part in self.parts if part.virtual]:
            raise ParameterError(
                f"{made[0]} cannot be joined to others; join first: copies:of=(A+B)"
            )
        keys = [part.key for part in self.parts]
        twice = {part.canonical for part in self.parts if keys.count(part.key) > 1}
        if len(keys) < 2 or twice:
            listed = ", ".join(part.canonical for part in self.parts) or "none"
            raise ParameterError(
                f"a joined feature takes two or more features, each once; got: {listed}"
            )

    @property
    def name(self) -> str:
        """``joined``."""
        return "joined"

    @property
    def canonical(self) -> str:
        """The text that gives this feature."""
        return "+".join(part.canonical for part in self.parts)

    @property
    def spec(self) -> dict[str, object]:
        """The specifications of all parts."""
        return {
            "name": self.name,
            "params": {"parts": [part.spec for part in self.parts]},
            "version": self.version,
        }

    @property
    def widths(self) -> tuple[int, ...]:
        """Columns of each part.

        Raises
        ------
        ParameterError
            If a part's number of columns is not known.
        """
        return tuple(part.columns for part in self.parts)

    @property
    def shape(self) -> tuple[int | None, ...]:
        """(columns of all parts,)."""
        return (sum(self.widths),)

    @property
    def batched(self) -> bool:  # type: ignore[override]
        """Whether a part is."""
        return any(part.batched for part in self.parts)

    def __call__(self, signal: Signal) -> Array:
        """Return the vector of one clip, float32; the parts share what they have in common."""
        return np.concatenate(
            [part.vector(part.expand(_stored(part, signal))) for part in self.parts]
        )


def _stored(part: Feature, signal: Signal) -> Array:
    (row,) = part.compute([signal])
    if isinstance(row, Exception):
        raise row
    return np.asarray(row, dtype=np.float32)


def texts(text: str) -> list[str]:
    """Return the text of each stored part: ``+`` separates where the name of a feature follows,
    outside parentheses, and copies stand for what they are made of.

    >>> texts("mfcc_stats+random_cnn:arch=vgg,seed=1")
    ['mfcc_stats', 'random_cnn:arch=vgg,seed=1']
    >>> texts("copies:of=mfcc_stats,n=1")
    ['mfcc_stats', 'altered:of=mfcc_stats']
    """
    pieces = _pieces(text)
    if not has_copies(text):
        return pieces
    return [part.canonical for part in get_feature(text).parts]


def has_copies(text: str) -> bool:
    """Return whether the text is that of `featkit.features.copies.Copies`."""
    return text.strip().partition(":")[0] == "copies"


def _pieces(text: str) -> list[str]:
    names = registry.names()
    parts: list[str] = []
    for piece in spec.split(text, "+"):
        name, colon, _ = piece.strip().partition(":")
        if parts and name.partition("@")[0] not in names and not (colon and "." in name):
            parts[-1] += f"+{piece}"
        else:
            parts.append(piece)
    return parts


def get_feature(text: str, **params: object) -> Feature:
    """Return the feature that ``name`` or ``name:key=value,…`` describes, or several joined by
    ``+``; each may be one of changed recordings, ``name:key=value,…@intervention``.

    Keyword parameters override the text of a single feature.

    Raises
    ------
    ParameterError
        For an unknown name, field, preset or value.

    Examples
    --------
    >>> get_feature("mfcc_stats").shape
    (120,)
    >>> get_feature("mfcc_stats+random_cnn").shape
    (280,)
    """
    parts = _pieces(text)
    if len(parts) == 1:
        return one(text, params)
    if params:
        raise ParameterError(
            f"{text!r} joins {len(parts)} features; write {', '.join(params)} in the text of one"
        )
    return Joined(tuple(one(part, {}) for part in parts))
