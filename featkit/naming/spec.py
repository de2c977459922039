"""The text ``name:key=value,key=value`` that names a configured feature or classifier.

>>> parse("random_cnn:arch=vgg,seed=3")
('random_cnn', {'arch': 'vgg', 'seed': '3'})
>>> expand_ranges("random_cnn:seed=0-2")
['random_cnn:seed=0', 'random_cnn:seed=1', 'random_cnn:seed=2']
>>> parse("net:front=(logmel:n_mels=64,hop_length=256),sr=22050")
('net', {'front': 'logmel:n_mels=64,hop_length=256', 'sr': '22050'})
"""

import hashlib
import json
import re
import types
import typing
from collections.abc import Mapping
from pathlib import Path

from featkit.errors import ParameterError

_RANGE = re.compile(r"(?<=[:,])seed=(\d+)-(\d+)(?=[,+)]|$)")
# Systems that one text may stand for.
MOST_SEEDS = 10_000
_TRUE = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def parse(text: str) -> tuple[str, dict[str, str]]:
    """Return the name and the parameters, still as text, of ``name:key=value,…``.

    An outside name keeps its own colon: ``package.module:Name:key=value``. A value with commas
    stands in parentheses, to any depth.

    Raises
    ------
    ParameterError
        If the name is empty or an item is not ``key=value``.
    """
    name, _, rest = text.strip().partition(":")
    if rest and "=" not in rest.split(":")[0].split(",")[0]:
        inner, _, rest = rest.partition(":")
        if "." in name or inner.isidentifier():
            name = f"{name}:{inner}"
    if not name:
        raise ParameterError(f"no name in {text!r}; expected name or name:key=value,key=value")
    params: dict[str, str] = {}
    for item in filter(None, split(rest, ",")):
        key, sign, value = item.partition("=")
        if not sign or not key.strip():
            raise ParameterError(f"{item!r} in {text!r} is not key=value")
        if key.strip() in params:
            raise ParameterError(f"{key.strip()!r} is given twice in {text!r}")
        params[key.strip()] = bare(value.strip())
    return name, params


def split(text: str, separator: str) -> list[str]:
    """Return the parts of ``text`` between separators that stand outside all parentheses.

    >>> split("a=(b:c=1,d=(e:f=2,g=3)),h=4", ",")
    ['a=(b:c=1,d=(e:f=2,g=3))', 'h=4']

    Raises
    ------
    ParameterError
        If the parentheses do not match.
    """
    parts, start, depth = [], 0, 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth < 0:
            break
        if letter == separator and depth == 0:
            parts.append(text[start:place])
            start = place + 1
    if depth:
        raise ParameterError(f"the parentheses in {text!r} do not match")
    return [*parts, text[start:]]


def bare(text: str) -> str:
    """Return ``text`` without the parentheses around all of it, if there are any.

    >>> bare("(a:b=(c:d=1))"), bare("(a)+(b)")
    ('a:b=(c:d=1)', '(a)+(b)')
    """
    inner = text[1:-1]
    if not (text.startswith("(") and text.endswith(")")):
        return text
    depth = 0
    for letter in inner:
        depth += (letter == "(") - (letter == ")")
        if depth < 0:
            return text
    return inner


def several(text: str) -> list[str]:
    """Return the texts of ``(text)+(text)+name``, or the one text that is none of this form.

    >>> several("(a:b=1)+c"), several("a:b=1+2")
    (['a:b=1', 'c'], ['a:b=1+2'])
    """
    parts = split(text, "+")
    listed = all(part != bare(part) or part.isidentifier() for part in parts)
    return [bare(part) for part in parts] if listed else [text]


def expand_ranges(text: str) -> list[str]:
    """Return one text for each seed of a ``seed=FIRST-LAST`` range; without one, the text itself.

    Raises
    ------
    ParameterError
        If the range runs backwards or has more than `MOST_SEEDS` seeds.
    """
    match = _RANGE.search(text)
    if match is None:
        return [text]
    first, last = _whole(match[1]), _whole(match[2])
    if last < first:
        raise ParameterError(f"the seed range {match[0]!r} in {text!r} runs backwards")
    if last - first >= MOST_SEEDS:
        raise ParameterError(
            f"the seed range {match[0]!r} in {text!r} has {last - first + 1} seeds; "
            f"at most {MOST_SEEDS} are allowed"
        )
    return [
        f"{text[: match.start()]}seed={seed}{text[match.end() :]}"
        for seed in range(first, last + 1)
    ]


def _whole(digits: str) -> int:
    """Return the number that decimal digits stand for; Python itself refuses more than 4,300."""
    if len(digits) > 20:
        raise ParameterError(f"the seed {digits[:20]}… has {len(digits)} digits; at most 20")
    return int(digits)


def convert(value: object, kind: object, where: str) -> object:
    """Return ``value`` as the type ``kind``; text is parsed, other values are checked.

    ``kind`` is ``bool``, ``int``, ``float``, ``str``, `pathlib.Path`, a ``Literal``, a tuple of one
    of these (written ``a+b+c``), or a union of them with ``None`` (written ``none``, unless that
    word is one of the literal's values).

    Raises
    ------
    ParameterError
        Naming ``where``, the value and what is allowed.
    """
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        options = typing.get_args(kind)
        words = [
            word
            for option in options
            if typing.get_origin(option) is typing.Literal
            for word in typing.get_args(option)
        ]
        if value is None or (
            isinstance(value, str)
            and value.lower() == "none"
            and type(None) in options
            and value not in words
        ):
            return None
        errors = []
        for option in (o for o in options if o is not type(None)):
            try:
                return convert(value, option, where)
            except ParameterError as error:
                errors.append(str(error))
        raise ParameterError("; ".join(errors))
    if origin is typing.Literal:
        allowed = typing.get_args(kind)
        for option in allowed:
            if str(option) == str(value):
                return option
        raise ParameterError(f"{where}={value!r} is not one of {', '.join(map(str, allowed))}")
    if origin is tuple:
        items = (
            [bare(item) for item in split(value, "+")]
            if isinstance(value, str)
            else list(value)
            if isinstance(value, (list, tuple))
            else [value]
        )
        return tuple(convert(item, typing.get_args(kind)[0], where) for item in items)
    try:
        if kind is bool:
            return value if isinstance(value, bool) else _TRUE[str(value).lower()]
        if kind is int:
            if (isinstance(value, float) and not value.is_integer()) or isinstance(value, bool):
                raise ValueError
            return int(typing.cast(int, value))
        if kind is float:
            number = float(typing.cast(float, value))
            if number != number:
                raise ValueError
            return number
    except (KeyError, TypeError, ValueError, OverflowError):
        named = {bool: "true or false", int: "a whole number", float: "a number"}[
            typing.cast(type, kind)
        ]
        raise ParameterError(f"{where}={value!r} is not {named}") from None
    return Path(str(value)) if kind is Path else str(value)


def write(name: str, params: Mapping[str, object]) -> str:
    """Return ``name:key=value,…``, the inverse of `parse`."""
    return (
        f"{name}:{','.join(f'{key}={_text(value)}' for key, value in params.items())}"
        if params
        else name
    )


def _text(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    if isinstance(value, tuple):
        return "+".join(
            f"({item})" if "+" in item and item == bare(item) else item
            for item in map(_text, value)
        )
    text = f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else str(value)
    return f"({text})" if "," in text else text


def digest(specification: Mapping[str, object]) -> str:
    """Return 8 hex digits that identify a specification whatever the order of its keys."""
    canonical = json.dumps(specification, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.blake2b(canonical.encode(), digest_size=4).hexdigest()
