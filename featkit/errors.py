"""Errors that featkit raises on purpose; each is a built-in one too, e.g. a ``ValueError``.

A message says what was got, what is allowed and where (file, row, column).
"""

from collections.abc import Iterable


class FeatkitError(Exception):
    """Base of every error that featkit raises on purpose."""


class ParameterError(FeatkitError, ValueError):
    """An unknown name, or a parameter or option out of range."""


class DivergenceError(ParameterError):
    """A training run whose loss or weights became infinite or NaN."""


class DatasetError(FeatkitError, ValueError):
    """A dataset with invalid files, table or folds."""


class AudioError(FeatkitError, OSError):
    """A recording that cannot be decoded into usable samples."""


class StoreError(FeatkitError, RuntimeError):
    """A store that is damaged, in use, of another dataset, or of an unknown format."""


class SchedulerError(FeatkitError, ConnectionError):
    """A Dask scheduler that was lost during the work; what it had finished is kept."""


class BundleError(FeatkitError, RuntimeError):
    """A bundle that is damaged, modified, of an unknown format, or holds types that are not
    trusted.
    """


class MissingDependencyError(FeatkitError, ImportError):
    """An optional package, device or file that is needed but missing."""


def listed(names: Iterable[str], most: int = 5) -> str:
    """Return the first few names and their number: ``a, b, c … (12 in all)``."""
    names = list(map(str, names))
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} … ({len(names)} in all)"
