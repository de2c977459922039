"""A kind of dataset that featkit can load, and the registry of these."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from featkit.datasets.base import Dataset
from featkit.datasets.columns import Columns
from featkit.errors import DatasetError, FeatkitError, ParameterError
from featkit.naming.plugins import FAULTS, reason
from featkit.naming.registry import Registry


@dataclass(frozen=True)
class Corpus:
    """A kind of dataset that featkit can load, named after the file that defines ``load``.

    Attributes
    ----------
    load : callable
        ``load(root) -> Dataset``; its docstring's first line describes the corpus. With
        ``generated`` it is ``load(variant, root)``, where both may be empty; with ``tabular`` it
        is ``load(root, columns)``.
    about : mapping of str to str
        ``description``, ``licence``, ``citation`` and ``homepage``.
    expected : mapping of str to int
        The numbers of the whole corpus, with the keys of `counts`.
    generated : bool
        Whether featkit makes the recordings itself, so that no root is needed.
    tabular : bool
        Whether the user may choose the columns of labels, groups and folds.
    """

    load: Callable[..., Dataset]
    about: Mapping[str, str] = field(default_factory=dict)
    expected: Mapping[str, int] = field(default_factory=dict)
    generated: bool = False
    tabular: bool = False

    def __post_init__(self) -> None:
        # The registry names a part by its ``__module__`` and describes it by its ``__doc__``: here,
        # those of ``load``.
        for name in ("__module__", "__doc__"):
            object.__setattr__(self, name, getattr(self.load, name))

    def __call__(self, root: str, columns: Columns | None = None) -> Dataset:
        """Return the dataset at ``root``, with what is known about the corpus.

        Raises
        ------
        ParameterError
            If columns are chosen and the corpus is not a table.
        """
        if columns and columns.named() and not self.tabular:
            raise ParameterError(
                f"columns can be chosen in a table only; got {', '.join(columns.named().values())}"
            )
        loaded = self._loaded(root, columns)
        about, expected = {**loaded.about, **self.about}, {**loaded.expected, **self.expected}
        return dataclasses.replace(loaded, about=about, expected=expected)

    def _loaded(self, root: str, columns: Columns | None) -> Dataset:
        """Return what ``load`` does, which may be anybody's code."""
        try:
            loaded = self.load(root, columns) if self.tabular else self.load(root)
        except (FeatkitError, OSError):
            raise
        except FAULTS as error:
            raise DatasetError(f"{root!r} cannot be loaded: {reason(error)}") from error
        if not isinstance(loaded, Dataset):
            raise DatasetError(f"{root!r}: the loader gave a {type(loaded).__name__}, no Dataset")
        return loaded


# Modules of the package that are not corpora.
_SHARED = (
    *("base", "cells", "columns", "corpus", "layout", "lookup", "making", "rows", "sounds"),
    *("speech", "survey", "texts", "validation", "windows"),
)

# One corpus per file: each registers one `Corpus`.
registry: Registry[Corpus] = Registry(
    "featkit.datasets",
    "dataset",
    hidden=_SHARED,
)
