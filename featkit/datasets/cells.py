"""One cell of a table of recordings: its text to a path, a fold, a split or seconds."""

import math
import os
import posixpath
from dataclasses import dataclass

from featkit.datasets.base import LARGEST_FOLD
from featkit.errors import DatasetError

SPLITS = {
    "train": ("train", "training"),
    "valid": ("valid", "val", "validation", "dev"),
    "test": ("test", "testing", "eval", "evaluation"),
}
# Seconds: 30 years.
LONGEST = 1e9
_SPLIT_OF = {alias: split for split, aliases in SPLITS.items() for alias in aliases}


@dataclass(frozen=True)
class Cell:
    """One field of a row, and where it is.

    Attributes
    ----------
    place : str
        The table and the line or row, for messages.
    column, value : str
    """

    place: str
    column: str
    value: str

    def error(self, expected: str) -> DatasetError:
        """Return the error that names the place, what is there and what is expected."""
        got = f"{self.column}={self.value[:200]!r}" if self.value else f"{self.column} is empty"
        return DatasetError(f"{self.place}: {got}; expected {expected}")

    def text(self) -> str:
        """Return the text, which must not be empty."""
        if not self.value:
            raise self.error("a text")
        return self.value

    def path(self, folder: str) -> str:
        """Return the path or URL that the field stands for."""
        value = self.text()
        if "://" in value:
            self._check_url(value)
            return value
        if "://" in folder:
            scheme, _, rest = folder.partition("://")
            return f"{scheme}://{posixpath.normpath(posixpath.join(rest, value))}"
        return os.path.normpath(os.path.join(folder, os.path.expanduser(value)))

    def _check_url(self, value: str) -> None:
        """Check that fsspec has a library for every scheme of a URL such as ``zip::s3://…``."""
        from fsspec.registry import known_implementations, registry

        for scheme in value.partition("://")[0].split("::"):
            if scheme not in known_implementations and scheme not in registry:
                raise self.error("a path, or a URL of a scheme that fsspec knows, such as s3://")

    def _number(self) -> float:
        try:
            return float(self.value)
        except ValueError:
            return math.nan

    def fold(self) -> int:
        """Return a fold, a whole number."""
        number = self._number()
        if not number.is_integer() or not 0 <= number <= LARGEST_FOLD:
            raise self.error(
                f"a whole number from 0 to {LARGEST_FOLD} in every row, or no such column"
            )
        return int(number)

    def split(self) -> str:
        """Return ``train``, ``valid`` or ``test``."""
        split = _SPLIT_OF.get(self.value.lower())
        if split is None:
            raise self.error("train, valid or test in every row, or no such column")
        return split

    def seconds(self, positive: bool) -> float:
        """Return a number of seconds."""
        number = self._number()
        if not 0 <= number <= LONGEST or (positive and number == 0):
            raise self.error(f"seconds {'>' if positive else '≥'} 0")
        return number
