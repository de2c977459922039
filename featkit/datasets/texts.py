"""Texts of a dataset that a store can keep."""

from collections.abc import Sequence

from featkit.errors import DatasetError


def check_text(what: str, texts: Sequence[object]) -> None:
    """Raise DatasetError unless all are texts that can be stored: UTF-8 without NUL."""
    for text in texts:
        if not isinstance(text, str):
            raise DatasetError(f"{what}={text!r} is not a text")
    try:
        if b"\0" not in "".join(map(str, texts)).encode():
            return
        bad = [text for text in texts if "\0" in str(text)]
        problem = "contains a NUL character"
    except UnicodeEncodeError:
        bad = [text for text in texts if not is_utf8(str(text))]
        problem = "is not UTF-8; rename the file"
    more = f" ({len(bad)} in all)" if len(bad) > 1 else ""
    raise DatasetError(f"{what}={bad[0]!r} {problem}{more}")


def is_utf8(text: str) -> bool:
    """Return whether a text can be written as UTF-8: names of files may hold any bytes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
