"""A YAML file as plain data of which every part knows its line, so that messages can say where
something is wrong.
"""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from featkit.audio import read_bytes
from featkit.errors import ParameterError

Keys = tuple[str | int, ...]
# A configuration is a page or two; what is larger is not one.
LARGEST, DEEPEST = 1_000_000, 50
_VARIABLE = re.compile(r"\$\{([^}]*)\}")


@dataclass(frozen=True)
class Place:
    """Where a value stands: prints as ``FILE, line 7: systems[0].features``.

    Attributes
    ----------
    source : str
        Name of the file.
    lines : mapping of path to int
        Line of each part of the document, counted from 1; parts that were set from outside have
        none.
    path : tuple of str or int
        Keys and positions that lead to the value.
    """

    source: str
    lines: Mapping[Keys, int]
    path: Keys = ()

    def at(self, key: str | int) -> "Place":
        """Return the place of one item of the value at this place."""
        return Place(self.source, self.lines, (*self.path, key))

    def __str__(self) -> str:
        dotted = "".join(
            f"[{key}]" if isinstance(key, int) else f".{key}" for key in self.path
        ).lstrip(".")
        line = f", line {self.lines[self.path]}" if self.path in self.lines else ""
        return f"{self.source}{line}" + (f": {dotted}" if dotted else "")


def read(file: str | os.PathLike[str], changes: Sequence[str] = ()) -> tuple[Any, Place]:
    """Return the data of a YAML file, variables filled in, and the place of its root.

    Parameters
    ----------
    file : path
    changes : sequence of str
        ``key=value`` or ``systems.0.seeds=3``: what replaces, or is added to, what the file has;
        values are YAML.

    Raises
    ------
    ParameterError
        If the file cannot be read, is not YAML, gives a key twice, or names a variable that is not
        set.
    """
    path = Path(file)
    try:
        text = read_bytes(os.fspath(file)).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise ParameterError(
            f"{os.fspath(file)!r} cannot be read: {getattr(error, 'strerror', None) or error}"
        ) from error
    data, lines = _parsed(text, path.name)
    for change in changes:
        _set(data, change, lines)
    place = Place(path.name, lines)
    return _filled(data, place), place


def _parsed(text: str, source: str) -> tuple[Any, dict[Keys, int]]:
    if len(text) > LARGEST:
        raise ParameterError(f"{source}: {len(text)} characters; at most {LARGEST} are read")
    try:
        _check_plain(text, source)
        data = yaml.safe_load(text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise ParameterError(
            f"{source}{where}: not YAML: {getattr(error, 'problem', None) or error}"
        ) from error
    except ParameterError:
        raise
    except (ValueError, OverflowError) as error:  # A date or number that does not exist.
        raise ParameterError(f"{source}: not YAML: {error}") from error
    lines: dict[Keys, int] = {}
    if node is not None:
        _locate(node, (), lines, source)
    return ({} if data is None else data), lines


def _check_plain(text: str, source: str) -> None:
    """Refuse aliases, a few of which stand for gigabytes, and values nested too deep to read."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            raise ParameterError(
                f"{source}, line {line}: the alias *{event.anchor} is not allowed; "
                "write the value out"
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            raise ParameterError(f"{source}, line {line}: more than {DEEPEST} values in each other")


def _locate(node: yaml.Node, path: Keys, lines: dict[Keys, int], source: str) -> None:
    """Note the line of ``node`` and of all that it holds."""
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        for position, item in enumerate(node.value):
            _locate(item, (*path, position), lines, source)
    elif isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if key.value in seen:
                raise ParameterError(
                    f"{source}, line {line}: {key.value!r} is given twice, "
                    f"first in line {seen[key.value]}"
                )
            seen[key.value] = lines[(*path, key.value)] = line
            _locate(value, (*path, key.value), lines, source)


def _set(data: Any, change: str, lines: dict[Keys, int]) -> None:
    """Put one ``key=value`` into the data."""
    key, sign, text = change.partition("=")
    parts: Keys = tuple(int(part) if part.isdecimal() else part for part in key.strip().split("."))
    if not sign or not key.strip():
        raise ParameterError(f"{change!r} is not key=value, such as limit=40 or systems.0.seeds=3")
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ParameterError(
            f"{change!r}: the value is not YAML: {getattr(error, 'problem', None) or error}"
        ) from error
    target = data
    for part in parts[:-1]:
        target = _item(target, part, change)
    if isinstance(target, list):
        _item(target, parts[-1], change)
    elif not isinstance(target, dict):
        raise ParameterError(f"{change!r}: there is nothing of that name to set in {target!r}")
    target[parts[-1]] = value
    for path in [path for path in lines if path[: len(parts)] == parts]:
        del lines[path]


def _item(target: Any, key: str | int, change: str) -> Any:
    keys: Any = (
        range(len(target))
        if isinstance(target, list)
        else target
        if isinstance(target, dict)
        else ()
    )
    if key not in keys:
        raise ParameterError(
            f"{change!r}: there is no {key!r} to set; "
            f"there is: {', '.join(map(str, keys)) or 'nothing'}"
        )
    return target[key]


def _filled(value: Any, place: Place) -> Any:
    """Return ``value`` with every ``${NAME}`` in its texts replaced by the environment variable."""
    if isinstance(value, dict):
        return {key: _filled(item, place.at(key)) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, place.at(position)) for position, item in enumerate(value)]
    if not isinstance(value, str):
        return value

    def variable(match: re.Match[str]) -> str:
        if match[1] not in os.environ:
            raise ParameterError(
                f"{place}: the environment variable {match[1]} is not set (export {match[1]}=…)"
            )
        return os.environ[match[1]]

    return _VARIABLE.sub(variable, value)
