"""Was code edited after this process loaded it?

Python keeps the code of a module that it has imported. The files of a feature's module, and of the
loaded modules around it, are noted when the feature's class is made, which is while the module is
being imported.
"""

import os
import sys
from collections.abc import Iterator

from featkit.errors import FeatkitError, listed

# What the numbers of a feature may depend on in featkit itself.
_OWN = ("featkit.audio", "featkit.dsp", "featkit.features", "featkit.nets")

_Stamp = tuple[int, int]
_stamps: dict[str, _Stamp] = {}


class StaleCodeError(FeatkitError, RuntimeError):
    """Source code that was edited after this process loaded it."""


def note(module: str) -> None:
    """Note the file of ``module``, which is being loaded, and of the loaded modules around it."""
    stamp = _stamp(module)
    if stamp is not None:
        _stamps[module] = stamp
        _compare(module)


def check(module: str) -> None:
    """Raise StaleCodeError if a file behind ``module`` is not as it was when it was loaded.

    These are its own file, those of the loaded modules in its top-level package or its folder, and
    those of featkit that features are made of.
    """
    edited = _compare(module)
    if edited:
        raise StaleCodeError(
            f"{listed(edited)} changed after this process loaded it; restart the process"
        )


def _compare(module: str) -> list[str]:
    """Return the files around ``module`` that changed since they were noted; note the others."""
    edited = []
    for name in _around(module):
        now = _stamp(name)
        if now is not None and _stamps.setdefault(name, now) != now:
            edited.append(str(sys.modules[name].__file__))
    return sorted(edited)


def _around(module: str) -> Iterator[str]:
    """Return the names of the loaded modules whose code may be behind ``module``."""
    top = module.partition(".")[0]
    folder = os.path.dirname(_file(module)) if top != "featkit" else None
    for name in list(sys.modules):
        if top == "featkit" or name.partition(".")[0] == "featkit":
            if name.startswith(_OWN) or name == module:
                yield name
        elif name.partition(".")[0] == top or os.path.dirname(_file(name)) == folder:
            yield name


def _file(module: str) -> str:
    """Return the source file of a loaded module; nothing where there is none."""
    file = getattr(sys.modules.get(module), "__file__", None)
    return file if isinstance(file, str) and file.endswith(".py") else ""


def _stamp(module: str) -> _Stamp | None:
    """Return time of change and size of a module's file, None where there is none."""
    try:
        stat = os.stat(_file(module))
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size
