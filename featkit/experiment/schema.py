"""From plain data to a dataclass, key by key and without any guessing."""

import dataclasses
import difflib
import typing
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from featkit.errors import FeatkitError, ParameterError
from featkit.experiment.document import Place
from featkit.naming import spec

T = TypeVar("T")


def build(cls: type[T], value: object, place: Place) -> T:
    """Return the dataclass ``cls`` with the items of a mapping, each checked against the type of
    its field.

    A field may be a dataclass, a tuple of what may also stand alone, or what `spec.convert` knows.
    The keys of a dataclass whose field has ``inline`` in its metadata stand among those of the
    mapping itself. A function in the metadata under ``check`` is called with each text and raises
    where it is wrong.

    Raises
    ------
    ParameterError
        For an unknown or missing key or a value of the wrong type; the message names the place and
        what is allowed.
    """
    allowed = list(_keys(cls))
    if not isinstance(value, dict):
        raise ParameterError(
            f"{place}: {value!r} is not a mapping with the keys {', '.join(allowed)}"
        )
    for key in value:
        if key not in allowed:
            raise ParameterError(f"{place.at(key)}: {_unknown(str(key), cls, allowed)}")
    fields = {item.name: item for item in dataclasses.fields(typing.cast(Any, cls))}
    needed = [name for name, item in fields.items() if item.default is dataclasses.MISSING]
    missing = [name for name in needed if name not in value]
    if missing:
        raise ParameterError(f"{place}: {', '.join(missing)} is missing")
    hints = typing.get_type_hints(cls)
    items: dict[str, Any] = {}
    for name, item in fields.items():
        if item.metadata.get("inline"):
            part = {key: value[key] for key in _keys(hints[name]) if key in value}
            items |= {name: build(hints[name], part, place)} if part else {}
        elif name in value:
            check = item.metadata.get("check")
            items[name] = _value(value[name], hints[name], place.at(name), check)
    try:
        return cls(**items)
    except FeatkitError as error:
        raise ParameterError(f"{place}: {error}") from error


def _keys(cls: type[Any]) -> Iterator[str]:
    """Yield the keys that a mapping may have: the fields, in place of an inline one its own."""
    for item in dataclasses.fields(cls):
        if item.metadata.get("inline"):
            yield from _keys(typing.get_type_hints(cls)[item.name])
        else:
            yield item.name


def _value(
    value: object, kind: Any, place: Place, check: Callable[[str], None] | None = None
) -> Any:
    """Return ``value`` as ``kind``; where several are allowed, one alone will do."""
    if typing.get_origin(kind) is tuple:
        inner = typing.get_args(kind)[0]
        if isinstance(value, list):
            return tuple(
                _value(item, inner, place.at(position), check)
                for position, item in enumerate(value)
            )
        return (_value(value, inner, place, check),)
    if dataclasses.is_dataclass(kind):
        return build(typing.cast(type[Any], kind), value, place)
    if isinstance(value, (dict, list)):
        hint = "; after a colon inside a name there is no space" if isinstance(value, dict) else ""
        raise ParameterError(f"{place}: {value!r} is not a single value{hint}")
    if value is None and type(None) not in typing.get_args(kind):
        raise ParameterError(f"{place}: there is no value")
    converted = spec.convert(value, kind, str(place))
    if check:
        try:
            check(str(converted))
        except FeatkitError as error:
            raise ParameterError(f"{place}: {error}") from error
    return converted


def _unknown(key: str, cls: type[Any], allowed: list[str]) -> str:
    near = difflib.get_close_matches(key, allowed, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    for name, kind in typing.get_type_hints(cls).items():
        inner = (*typing.get_args(kind), kind)[0]
        if (
            not near
            and dataclasses.is_dataclass(inner)
            and key in {item.name for item in dataclasses.fields(inner)}
        ):
            hint = f" It belongs to an item of {name!r}."
    return f"unknown key {key!r}.{hint} Allowed: {', '.join(allowed)}"
