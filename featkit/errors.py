"""Errors that featkit raises on purpose; each is also a builtin, so ``except ValueError`` works as
expected.

A message says what was got, what is allowed and where (file, row, column).
"""

from collections.abc import Iterable


class FeatkitError(Exception):
    """Base of every error that featkit raises on purpose."""


class ParameterError(FeatkitError, ValueError):
    """A name, parameter or option that is not allowed."""


class DivergenceError(ParameterError):
    """A training run whose loss or weights are no longer finite numbers."""


class DatasetError(FeatkitError, ValueError):
    """A dataset whose files, table or folds are not as they must be."""


class AudioError(FeatkitError, OSError):
    """A recording that cannot be decoded into usable samples."""


class StoreError(FeatkitError, RuntimeError):
    """A store that is damaged, in use, of another dataset, or of an unknown format."""


class SchedulerError(FeatkitError, ConnectionError):
    """A Dask scheduler that was lost while it worked; what was done by then is kept."""


class BundleError(FeatkitError, RuntimeError):
    """A bundle that is damaged, changed, of another format or feature, or that holds types which
    are not trusted.
    """


class MissingDependencyError(FeatkitError, ImportError):
    """An optional package, device or file that a request needs and that is not there."""


def listed(names: Iterable[str], most: int = 5) -> str:
    """Return the first few names and how many there are: ``a, b, c … (12 in all)``."""
    names = list(map(str, names))
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} … ({len(names)} in all)"
