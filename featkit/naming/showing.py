"""Texts that came from files, made harmless where they are shown: on terminals and in documents."""

import re

# Control characters, among them those that steer a terminal; marks that reverse the direction of
# text; and halves of characters, which stand for bytes of a name that are not UTF-8.
UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
# What a formula of a spreadsheet begins with.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)


def escaped(text: object, lines: bool = False) -> str:
    """Return ``text`` with what could steer a terminal written as ``\\x1b``; with ``lines``, line
    breaks and tabs stay.

    >>> escaped("a\\x1b[2Jb")
    'a\\\\x1b[2Jb'
    """

    def visible(match: re.Match[str]) -> str:
        character = match[0]
        if lines and character in "\n\t":
            return character
        return character.encode("unicode_escape", "surrogatepass").decode("ascii")

    return UNSAFE.sub(visible, str(text))


def inert(cell: object) -> object:
    """Return a cell that a spreadsheet takes for text and not for a formula: a text that begins
    like one gets an apostrophe in front. Numbers stay as they are.

    >>> inert("=1+1"), inert("dog"), inert("-1.5"), inert(-1.5)
    ("'=1+1", 'dog', '-1.5', -1.5)
    """
    if isinstance(cell, str) and cell.startswith(_FORMULA) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell
