"""Name to class or factory, one registry for each folder of parts.

The folder is the list: every public file ``NAME.py`` of the package registers one object under its
own file name, so listing the names imports nothing. ``package.module:Name`` reaches code outside
featkit.
"""

import difflib
import importlib
import pkgutil
from importlib.util import find_spec
from typing import Generic, TypeVar

from featkit.errors import ParameterError
from featkit.naming import outside
from featkit.naming.plugins import FAULTS, reason

T = TypeVar("T")
S = TypeVar("S")


class Registry(Generic[T]):
    """The parts of one kind, found by the names of the files in a package.

    Parameters
    ----------
    package : str
        Dotted name of the package whose files are the parts, such as ``"featkit.features"``.
    kind : str
        What a part is called in messages, such as ``"feature"``.
    hidden : tuple of str
        Files of the package that are not parts.
    """

    def __init__(self, package: str, kind: str, hidden: tuple[str, ...] = ("base",)) -> None:
        self.package = package
        self.kind = kind
        self.hidden = hidden
        self._parts: dict[str, T] = {}

    def register(self, part: S) -> S:
        """Return ``part`` unchanged, after filing it under the name of the module defining it."""
        module: str = getattr(part, "__module__")  # noqa: B009
        package, _, name = module.rpartition(".")
        if package == self.package:
            self._parts[name] = part  # type: ignore[assignment]
        return part

    def names(self) -> list[str]:
        """Return the sorted names of all parts, without importing them."""
        package = find_spec(self.package)
        folders = package.submodule_search_locations if package else None
        files = (module.name for module in pkgutil.iter_modules(folders))
        return sorted(
            name for name in files if not name.startswith("_") and name not in self.hidden
        )

    def get(self, name: str) -> T:
        """Return the part called ``name``, or the object that ``package.module:Name`` points to.

        Raises
        ------
        ParameterError
            If there is no such part; the message lists the known names and the nearest one.
        """
        if ":" in name:
            return self._outside(name)
        if name not in self.names():
            near = difflib.get_close_matches(name, self.names(), n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            names = ", ".join(self.names())
            raise ParameterError(
                f"unknown {self.kind} {name!r}.{hint} Known: {names}; or 'package.module:Name'."
            )
        importlib.import_module(f"{self.package}.{name}")
        return self._parts[name]

    def _outside(self, name: str) -> T:
        module = outside.module_of(name, self.kind)
        try:
            part: T = getattr(module, name.partition(":")[2])
        except FAULTS as error:
            raise ParameterError(f"cannot load {self.kind} {name!r}: {reason(error)}") from error
        return part


def describe(part: object) -> str:
    """Return the first sentence or paragraph of a part's docstring, on one line."""
    summary = (getattr(part, "__doc__", None) or "").strip().partition("\n\n")[0]
    return " ".join(summary.split())
