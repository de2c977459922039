"""Code outside featkit, which a text names as ``package.module:Name``: what is imported of it.

Importing a module runs it. In Python, whoever passes a name decides. A command also reads names
from stores and configurations, which may be a stranger's: inside `restricted` only what was allowed
is imported.
"""

import importlib
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import ModuleType

from featkit.errors import ParameterError
from featkit.naming.plugins import FAULTS, reason

# Nets of timm have a colon too, but timm is a library that featkit itself imports.
_NAME = re.compile(
    r"(?<![\w.:])(?!timm:)([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*:[A-Za-z_]\w*)(?=[:,)+\s]|$)"
)
_MODULE = re.compile(r"(?<![\w.])module=([A-Za-z_][\w.]*)")

# What may be imported; None is everything.
_allowed: set[str] | None = None


class UntrustedError(ParameterError):
    """Code outside featkit that was named by a store or a configuration and not by the user."""


@contextmanager
def restricted(names: Iterable[str] = ()) -> Iterator[None]:
    """Import only code outside featkit of these names until the end of the context.

    Parameters
    ----------
    names : iterable of str
        ``package.module:Name``, or ``package.module`` or ``package`` for all that lies in it.
    """
    global _allowed
    before, _allowed = _allowed, set(names)
    try:
        yield
    finally:
        _allowed = before


def allowed() -> frozenset[str]:
    """Return the names that were allowed inside `restricted`; empty outside of it."""
    return frozenset(_allowed or ())


def covers(trusted: Iterable[str], name: str) -> bool:
    """Return whether ``trusted`` has a name of code, its module, or a package that it lies in.

    >>> covers(["mine.nets"], "mine.nets:Small"), covers(["mine.nets"], "mine.nets_too.Small")
    (True, False)
    """
    parts = name.replace(":", ".").split(".")
    places = {".".join(parts[:count]) for count in range(1, len(parts) + 1)}
    return not {name, *places}.isdisjoint(trusted)


def allow(names: Iterable[str]) -> None:
    """Add names to those that may be imported."""
    if _allowed is not None:
        _allowed.update(names)


def names_in(text: str) -> list[str]:
    """Return the names of code outside featkit in a text of a user: features, classifiers, nets and
    datasets, at any depth.

    >>> names_in("deep_svm:C=1,net=(net:arch=my.nets:Small,lr=0.1)+x.y:Z")
    ['my.nets:Small', 'x.y:Z']
    >>> names_in("hear:module=openl3_hear"), names_in("knn:n_neighbors=3")
    (['openl3_hear'], [])
    """
    return [*_NAME.findall(text), *_MODULE.findall(text)]


def check(name: str, kind: str) -> None:
    """Raise UntrustedError if the code called ``name`` may not be imported.

    Parameters
    ----------
    name : str
        ``package.module:Name`` or ``package.module``.
    kind : str
        What it is called in the message, such as ``"feature"``.
    """
    if _allowed is None:
        return
    module = name.partition(":")[0]
    if not covers(_allowed, name):
        raise UntrustedError(
            f"the {kind} {name!r} is code outside featkit, named by a file and not by you: the "
            f"module {module!r} would be imported, which runs it; allow that with --trust {name}"
        )


def module_of(name: str, kind: str) -> ModuleType:
    """Return the module of ``package.module:Name`` or ``package.module``, imported.

    Raises
    ------
    UntrustedError
        If it may not be imported.
    ParameterError
        If its import fails, in whatever way.
    """
    check(name, kind)
    try:
        return importlib.import_module(name.partition(":")[0])
    except FAULTS as error:
        raise ParameterError(f"cannot load {kind} {name!r}: {reason(error)}") from error
