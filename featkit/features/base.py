"""What a feature is: a frozen configuration that turns one decoded clip into one array."""

import dataclasses
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from featkit.audio import Signal
from featkit.errors import ParameterError
from featkit.features.pooling import Pooling, columns_of, pooling_of, vector
from featkit.naming import loaded, spec
from featkit.naming.plugins import FAULTS, as_exception
from featkit.naming.registry import Registry

Array = NDArray[np.floating[Any]]


class Axis(NamedTuple):
    """What one axis of a row means: a name, the value at each index (rising), and the values' unit;
    empty: they only count.
    """

    name: str
    values: NDArray[np.float64]
    unit: str = ""


@dataclass(frozen=True)
class Feature:
    """One representation of a clip. Its fields are its whole configuration.

    A subclass is a frozen dataclass in a file of its own, decorated with ``@registry.register``. It
    sets ``dims``, the property ``shape`` and ``__call__``; everything else has a default.

    Attributes
    ----------
    version : int
        Raise it when the numbers change; rows of an older version are another feature.
    dims : tuple of str
        Name of each axis of one clip's array.
    units : str
        What the values are, such as ``"ln power"``.
    presets : mapping
        Named sets of fields: ``NAME:preset=KEY`` starts from them.
    batched : bool
        True where `compute` works on many clips at once and a row may depend on its batch in the
        last bits: a shard is then always computed whole, with its own batches.
    virtual : bool
        True where rows are put together from those of `parts`, which are stored in its place.
    later : frozenset of str
        Fields that the feature did not always have: its specification, and so its key, names them
        only where they differ from their defaults, which give the rows of before.
    """

    version: ClassVar[int] = 1
    dims: ClassVar[tuple[str, ...]] = ("feature",)
    units: ClassVar[str] = ""
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = {}
    batched: ClassVar[bool] = False
    virtual: ClassVar[bool] = False
    later: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        loaded.note(cls.__module__)

    @property
    def shape(self) -> tuple[int | None, ...]:
        """Shape of one clip's array as learners see it; None (first axis only) where it depends on
        the clip's length.
        """
        raise ParameterError(f"{type(self).__name__} does not define its shape")

    @property
    def stored_shape(self) -> tuple[int | None, ...]:
        """Shape of one clip's array as stored; differs from `shape` where `expand` rebuilds the
        rest.
        """
        return self.shape

    def __call__(self, signal: Signal) -> Array:
        """Return the array to store for one clip, of `stored_shape`, float32."""
        raise ParameterError(f"{type(self).__name__} does not define how it is computed")

    def compute(self, signals: Sequence[Signal], device: str = "cpu") -> list[Array | Exception]:
        """Return one array, or the error that it raised, for each signal.

        ``device`` is ``"cpu"`` or ``"cuda"``; features without a GPU path raise ParameterError for
        the latter.
        """
        if device != "cpu":
            raise ParameterError(f"{self.name} has no {device} path; leave --device at cpu")
        results: list[Array | Exception] = []
        for signal in signals:
            try:
                results.append(self(signal))
            except FAULTS as error:
                results.append(as_exception(error))
        return results

    def expand(self, row: Array) -> Array:
        """Return a stored row (cut to its valid length) as learners see it, of `shape`."""
        return row

    @property
    def parts(self) -> tuple["Feature", ...]:
        """The features that this one is made of; their code is part of its fingerprint."""
        return ()

    @property
    def pooling(self) -> Pooling:
        """How a row becomes a vector: ``mean_std`` over the first axis where `shape` leaves that
        open, whatever the clips; else ``flatten``.
        """
        return pooling_of(self.shape, self.canonical)

    @property
    def columns(self) -> int:
        """Length of the vector that a row becomes."""
        return columns_of(self.shape, self.canonical)

    def vector(self, row: Array) -> NDArray[np.float32]:
        """Return a row (of `shape`) as one vector, float32, as `pooling` says."""
        return vector(row, pooling_of(self.shape, self.canonical))

    def axes(self, row: Array, seconds: float) -> tuple[Axis, ...]:
        """Return what the axes of ``row`` mean, one for each of ``dims``, where the clip lasts
        ``seconds``.

        By default each axis counts from 0; features know Hz and s.
        """
        return tuple(
            Axis(name, np.arange(size, dtype=np.float64))
            for name, size in zip(self.dims, row.shape, strict=True)
        )

    @property
    def name(self) -> str:
        """Name in the registry, or ``package.module:Name`` for code outside featkit."""
        module, cls = type(self).__module__, type(self).__name__
        package, _, last = module.rpartition(".")
        return last if package == registry.package else f"{module}:{cls}"

    def params(self) -> dict[str, object]:
        """Return every field with its value."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}

    @property
    def spec(self) -> dict[str, object]:
        """The full specification: ``{"name", "params": {every field}, "version"}``; see `later`."""
        silent = {
            field.name
            for field in dataclasses.fields(self)
            if field.name in self.later and getattr(self, field.name) == field.default
        }
        listed = {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in self.params().items()
            if key not in silent
        }
        return {"name": self.name, "params": listed, "version": self.version}

    @property
    def key(self) -> str:
        """Name of this feature's array in a store: ``name-`` and 8 hex digits of the
        specification's hash.
        """
        return f"{self.name.rpartition(':')[2]}-{spec.digest(self.spec)}"

    @property
    def canonical(self) -> str:
        """Shortest ``name:key=value,…`` that gives this feature: from its nearest preset, or the
        defaults.
        """
        own = self.params()
        starts = {"": type(self)().params()} | {
            preset: type(self)(**dict(values)).params() for preset, values in self.presets.items()
        }
        short = []
        for preset, start in starts.items():
            changes = {key: value for key, value in own.items() if start[key] != value}
            short.append({"preset": preset, **changes} if preset else changes)
        return spec.write(self.name, min(short, key=len))

    @classmethod
    def build(cls, name: str, params: Mapping[str, object]) -> Self:
        """Return the feature with ``params``, given as text or values; ``preset`` names the fields
        to start from.

        Raises
        ------
        ParameterError
            For an unknown field or preset, or a value of the wrong type; the message lists what is
            allowed.
        """
        values = dict(params)
        preset = values.pop("preset", None)
        if preset is not None and preset not in cls.presets:
            allowed = ", ".join(cls.presets) or "none"
            raise ParameterError(f"{name} has no preset {preset!r}; it has: {allowed}")
        start = dict(cls.presets[str(preset)]) if preset is not None else {}
        kinds = typing.get_type_hints(cls)
        fields = [field.name for field in dataclasses.fields(cls)]
        for key in values:
            if key not in fields:
                raise ParameterError(
                    f"{name} has no parameter {key!r}; it has: {', '.join(fields)}"
                )
        converted = {
            key: spec.convert(value, kinds[key], f"{name}:{key}") for key, value in values.items()
        }
        return cls(**{**start, **converted})


registry: Registry[type[Feature]] = Registry(
    "featkit.features",
    "feature",
    hidden=("base", "intervened", "joining", "lineage", "listening", "pooling", "wrapping"),
)


def single(text: str, params: Mapping[str, object]) -> Feature:
    """Return the feature that ``name:key=value,…`` describes; ``params`` override the text.

    Raises
    ------
    ParameterError
        For an unknown name, field, preset or value.
    """
    name, written = spec.parse(text)
    cls = registry.get(name)
    if not (isinstance(cls, type) and issubclass(cls, Feature)):
        raise ParameterError(f"{name!r} is not a Feature class")
    return cls.build(name, {**written, **params})
