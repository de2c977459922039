"""What code computes a feature: a fingerprint of its module and of all modules of its package that it imports.

Comments, docstrings and layout do not count. A row keeps the fingerprint of the code that made it, so that an edit is
seen even where the feature's version was not raised.
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
        "featkit.registry",
        "featkit.spec",
        "featkit.features",
        "featkit.features.base",
        "featkit.features.joining",
        "featkit.table",
    }
)


def of_feature(feature: Feature) -> int:
    """Return 64 bits that identify the source code behind ``feature``."""
    if not isinstance(feature, Joined):
        return of_module(type(feature).__module__)
    codes = " ".join(str(of_feature(part)) for part in feature.parts)
    return int.from_bytes(hashlib.blake2b(codes.encode(), digest_size=8).digest(), "little")


@lru_cache(maxsize=256)
def of_module(module: str) -> int:
    """Return 64 bits that identify the source of ``module`` and of what it imports from its own top-level package."""
    seen: dict[str, str] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        source = None if name in seen or name in _NEUTRAL else _source(name)
        if source is None:
            continue
        tree = ast.parse(source)
        seen[name] = _normal(tree)
        waiting += _imports(tree, name, module.partition(".")[0])
    digest = hashlib.blake2b(digest_size=8)
    for name in sorted(seen):
        digest.update(f"{name}\n{seen[name]}\n".encode())
    return int.from_bytes(digest.digest(), "little")


def _source(name: str) -> str | None:
    loaded = sys.modules.get(name)
    file = getattr(loaded, "__file__", None)
    if file is None:
        try:
            found = find_spec(name)
        except (ImportError, ValueError):
            return None
        file = found.origin if found is not None else None
    return Path(file).read_text(encoding="utf-8") if file and file.endswith(".py") and Path(file).exists() else None


def _imports(tree: ast.Module, name: str, package: str) -> list[str]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = name.split(".")
                base = ".".join([*parts[: len(parts) - node.level], *filter(None, [base])])
            found += [base, *(f"{base}.{alias.name}" for alias in node.names)]
    return [item for item in found if item == package or item.startswith(package + ".")]


def _normal(node: ast.AST) -> str:
    """Return the tree as text that is the same on every version of Python: node types, names and constants."""
    fields = []
    for key, value in ast.iter_fields(node):
        items = value if isinstance(value, list) else [value]
        if key == "body" and items and _is_docstring(items[0]):
            items = items[1:]
        texts = [_normal(item) if isinstance(item, ast.AST) else repr(item) for item in items if item is not None]
        if texts and key not in ("type_comment", "kind", "type_params", "ctx"):
            fields.append(f"{key}={','.join(texts)}")
    return f"{type(node).__name__}({' '.join(fields)})"


def _is_docstring(node: object) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
