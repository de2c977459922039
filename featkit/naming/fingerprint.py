"""What code computes a feature: a fingerprint of its module and of all that it imports of its
package and of featkit.

Comments, docstrings and layout do not count. A row keeps the fingerprint of the code that made it,
so that an edit is seen even where the feature's version was not raised.
"""

import ast
import hashlib
import sys
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from featkit.features import Feature, Joined

# What every feature shares without its numbers depending on it.
_NEUTRAL = frozenset(
    {
        "featkit",
        "featkit.errors",
        "featkit.naming.registry",
        "featkit.naming.spec",
        "featkit.features",
        "featkit.features.base",
        "featkit.features.joining",
        "featkit.store.table",
    }
)


# Folders of installed packages, whose modules have nothing to do with each other.
_INSTALLED = ("site-packages", "dist-packages")

# Decodes and resamples what every feature hears, whether or not the feature's own module says so.
_HEARD = "featkit.audio"


def of_feature(feature: Feature) -> int:
    """Return 64 bits that identify the source code behind ``feature``."""
    if not isinstance(feature, Joined):
        return of_module(type(feature).__module__)
    codes = " ".join(str(of_feature(part)) for part in feature.parts)
    return int.from_bytes(hashlib.blake2b(codes.encode(), digest_size=8).digest(), "little")


@lru_cache(maxsize=256)
def of_module(module: str, hears: bool = True) -> int:
    """Return 64 bits that identify the source of ``module``, of what it imports from its own
    package or folder and from featkit.

    What decodes audio is part of it unless ``hears`` is False, and so are the packages in which a
    module lies. Nothing is imported for it.
    """
    followed = {module.partition(".")[0], "featkit"}
    home = _home(module.partition(".")[0])
    seen: dict[str, str] = {}
    waiting = [module, _HEARD] if hears else [module]
    while waiting:
        name = waiting.pop()
        found = None if name in seen or name in _NEUTRAL else _file(name)
        if found is None:
            continue
        package = name if found.stem == "__init__" else name.rpartition(".")[0]
        seen[name], imported = _read(found, package, found.stat().st_mtime_ns)
        tops = ((item, item.partition(".")[0]) for item in imported)
        waiting += [
            item
            for item, top in tops
            if top in followed or (home is not None and _home(top) == home)
        ]
        waiting += [name.rpartition(".")[0]]
    digest = hashlib.blake2b(digest_size=8)
    for name in sorted(seen):
        digest.update(f"{name}\n{seen[name]}\n".encode())
    return int.from_bytes(digest.digest(), "little")


@lru_cache(maxsize=1024)
def _read(file: Path, package: str, changed: int) -> tuple[str, tuple[str, ...]]:
    """Return a module's code as text, and what it imports; ``changed`` is there to notice an edit."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return _normal(tree), tuple(dict.fromkeys(_imports(tree, package)))


@lru_cache(maxsize=4096)
def _top(name: str) -> tuple[str, tuple[str, ...]] | None:
    """Return file and folders of a top-level module, or None."""
    try:
        spec = find_spec(name) if name else None
    except ValueError:
        return None
    return (
        None if spec is None else (spec.origin or "", tuple(spec.submodule_search_locations or ()))
    )


def _home(top: str) -> Path | None:
    """Return the folder that a top-level module or package lies in, None where that is one of
    installed packages.
    """
    found = _top(top)
    if found is None or not found[0].endswith(".py"):
        return None
    file = Path(found[0])
    folder = file.parent.parent if file.name == "__init__.py" else file.parent
    return None if folder.name in _INSTALLED else folder


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


def _imports(tree: ast.Module, package: str) -> list[str]:
    """Return the names that a module of ``package`` imports, relative ones made absolute; some are
    not modules.
    """
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = package.split(".")
                base = ".".join([*parts[: len(parts) - node.level + 1], *filter(None, [base])])
            found += [base, *(f"{base}.{alias.name}" for alias in node.names)]
    return found


def _normal(node: ast.AST) -> str:
    """Return the tree as text that is the same on every version of Python: node types, names and
    constants.
    """
    fields = []
    for key, value in ast.iter_fields(node):
        items = value if isinstance(value, list) else [value]
        if key == "body" and items and _is_docstring(items[0]):
            items = items[1:]
        if not isinstance(value, list):
            items = [item for item in items if item is not None]
        # Within a list None has its place: a keyword without default, an unpacked mapping.
        texts = [_normal(item) if isinstance(item, ast.AST) else repr(item) for item in items]
        if texts and key not in ("type_comment", "kind", "type_params", "ctx"):
            fields.append(f"{key}={','.join(texts)}")
    return f"{type(node).__name__}({' '.join(fields)})"


def _is_docstring(node: object) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
