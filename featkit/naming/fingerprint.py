"""Which code a module runs: a fingerprint of its source and of all that it imports from its own
package or folder and from featkit.

Comments, docstrings and layout do not count. Neither does where featkit's own modules live: a name
that is imported from one of them stands for what that module holds, so a module that is moved or
renamed as it is keeps the fingerprint of all that import it.
"""

import hashlib
import sys
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from featkit.naming.source import EMPTY, Source, read

# Folders of installed packages, whose modules have nothing to do with each other.
INSTALLED = ("site-packages", "dist-packages")
OWN = "featkit"

# Decodes and resamples what every feature hears, whether or not the feature's own module says so.
AUDIO = "featkit.audio"

# What every part of featkit shares without any row depending on it.
NEUTRAL = frozenset(
    ["featkit", "featkit.errors", "featkit.naming"]
    + [
        f"featkit.naming.{name}"
        for name in ("fingerprint", "outside", "plugins", "registry", "source", "spec")
    ]
)


@lru_cache(maxsize=256)
def of_module(module: str, hears: bool = True, neutral: frozenset[str] = frozenset()) -> int:
    """Return 64 bits that identify the source of ``module`` and of what it imports.

    Nothing is imported for it.

    Parameters
    ----------
    module : str
        Dotted name.
    hears : bool
        Whether what decodes audio is part of it.
    neutral : frozenset of str
        Modules of featkit that do not count, beside `NEUTRAL`.
    """
    sources = _closure([module, AUDIO] if hears else [module], neutral | NEUTRAL)
    digest = hashlib.blake2b(digest_size=8)
    for name in sorted(name for name in sources if not _is_own(name)):
        digest.update(f"{name}\n{sources[name].text}\n".encode())
    # A package that only passes on what others define adds nothing of its own.
    own = [source for name, source in sources.items() if _is_own(name) and source.text != EMPTY]
    for text in sorted({_without_places(source, sources) for source in own}):
        digest.update(f"{text}\n".encode())
    return int.from_bytes(digest.digest(), "little")


def forget() -> None:
    """Drop what is remembered of modules, so that edits are seen at once."""
    for cached in (of_module, read, _top):
        cached.cache_clear()


def home(top: str) -> Path | None:
    """Return the folder that a top-level module or package lies in; None for installed ones and
    those that do not exist.
    """
    place = _top(top)
    if place is None or not place[0].endswith(".py"):
        return None
    file = Path(place[0])
    folder = file.parent.parent if file.name == "__init__.py" else file.parent
    return None if folder.name in INSTALLED else folder


def is_users(module: str) -> bool:
    """Return whether a module that is loaded is the user's own code: neither featkit's, nor
    installed, nor of Python itself.
    """
    top = module.partition(".")[0]
    file = Path(getattr(sys.modules.get(module), "__file__", None) or "")
    own = top == OWN or top in sys.stdlib_module_names or set(file.parts) & set(INSTALLED)
    return file.suffix == ".py" and not own


def _is_own(module: str) -> bool:
    return module.partition(".")[0] == OWN


def _closure(starts: list[str], neutral: frozenset[str]) -> dict[str, Source]:
    """Return the modules that count, by name: those of ``starts``, the packages in which they lie,
    and what all of these import from their own package or folder and from featkit.
    """
    start = starts[0].partition(".")[0]
    beside = home(start)
    sources: dict[str, Source] = {}
    waiting = list(starts)
    while waiting:
        name = waiting.pop()
        file = None if name in sources or name in neutral else _file(name)
        if file is None:
            continue
        package = name if file.stem == "__init__" else name.rpartition(".")[0]
        sources[name] = read(file, package, file.stat().st_mtime_ns, not _is_own(name))
        for item in sources[name].imports:
            top = item.module.partition(".")[0]
            if top in (start, OWN) or (beside is not None and home(top) == beside):
                waiting.append(item.module)
        waiting.append(name.rpartition(".")[0])
    return sources


def _without_places(source: Source, sources: dict[str, Source]) -> str:
    """Return the text of one of featkit's modules, in which each import from featkit names the
    content of what it imports and not its place.
    """
    edges = set()
    for module, words in source.imports:
        if module in sources and _is_own(module):
            body = sources[_origin(module, words.partition(" as ")[0], sources)].text
            content = hashlib.blake2b(body.encode(), digest_size=8).hexdigest()
            edges.add(f"{words} from {content}")
        elif not _is_own(module):
            edges.add(f"{words} from {module}")
    return "\n".join([source.text, *sorted(edges)])


def _origin(module: str, name: str, sources: dict[str, Source]) -> str:
    """Return the module that defines what ``module`` has as ``name``: itself, unless it imports it
    from another of ``sources``.
    """
    passed = {module}
    while True:
        hops = (
            (place, original)
            for place, (original, sign, alias) in (
                (place, words.partition(" as ")) for place, words in sources[module].imports
            )
            if sign and alias == name and place in sources and place not in passed
        )
        onward = next(hops, None)
        if onward is None:
            return module
        module, name = onward
        passed.add(module)


@lru_cache(maxsize=4096)
def _top(name: str) -> tuple[str, tuple[str, ...]] | None:
    """Return file and folders of a top-level module, or None."""
    try:
        spec = find_spec(name) if name else None
    except ValueError:
        return None
    if spec is None:
        return None
    return spec.origin or "", tuple(spec.submodule_search_locations or ())


def _file(name: str) -> Path | None:
    """Return the source file of a module, found without importing it or its parents; None if there
    is none.
    """
    loaded = getattr(sys.modules.get(name), "__file__", None)
    if loaded:
        return Path(loaded) if loaded.endswith(".py") and Path(loaded).exists() else None
    top, *rest = name.split(".")
    place = _top(top)
    if place is None:
        return None
    if not rest:
        candidates = [Path(place[0])]
    else:
        folders = [Path(folder).joinpath(*rest[:-1]) for folder in place[1]]
        candidates = [
            folder / tail
            for folder in folders
            for tail in (f"{rest[-1]}/__init__.py", f"{rest[-1]}.py")
        ]
    return next((file for file in candidates if file.suffix == ".py" and file.exists()), None)
