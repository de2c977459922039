"""The code of one module as text in which comments, docstrings and layout do not show, and what it
imports.
"""

import ast
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

# The body of a module that holds nothing but imports.
EMPTY = "Module()"
# What says nothing, or is not the same on every version of Python.
_UNSEEN = frozenset(["type_comment", "kind", "type_params", "ctx"])


class Import(NamedTuple):
    """A module that is imported or imported from, and the words of that: ``name as alias``."""

    module: str
    words: str


class Source(NamedTuple):
    """A module's code as text, and what it imports."""

    text: str
    imports: tuple[Import, ...]


@lru_cache(maxsize=1024)
def read(file: Path, package: str, changed: int, imports: bool) -> Source:
    """Return a module's code, in which its imports show or not; ``changed`` is the file's
    modification time, so that an edit is noticed.
    """
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return Source(_normal(tree, imports), tuple(_imports(tree, package)))


def _imports(tree: ast.Module, package: str) -> Iterator[Import]:
    """Yield what a module of ``package`` imports, relative names made absolute; some of the names
    are not modules.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, alias.asname or "")
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = package.split(".")
                base = ".".join([*parts[: len(parts) - node.level + 1], *filter(None, [base])])
            for alias in node.names:
                words = f"{alias.name} as {alias.asname or alias.name}"
                yield Import(base, words)
                yield Import(f"{base}.{alias.name}", alias.asname or alias.name)


def _normal(node: ast.AST, imports: bool) -> str:
    """Return the tree as text that is the same on every version of Python: node types, names and
    constants; without ``imports``, as if nothing were imported.
    """
    fields = []
    for key in node._fields:
        value = getattr(node, key, None)
        if key in _UNSEEN or value is None:
            continue
        # Within a list None has its place: a keyword without default, an unpacked mapping.
        items = value if isinstance(value, list) else [value]
        if key == "body" and items and _is_docstring(items[0]):
            items = items[1:]
        if not imports:
            items = [item for item in items if not _is_import(item)]
        if items:
            texts = [
                _normal(item, imports) if isinstance(item, ast.AST) else repr(item)
                for item in items
            ]
            fields.append(f"{key}={','.join(texts)}")
    return f"{type(node).__name__}({' '.join(fields)})"


def _is_import(node: object) -> bool:
    """Return whether a statement only says what a module takes or gives."""
    if isinstance(node, ast.Assign):
        return [getattr(target, "id", "") for target in node.targets] == ["__all__"]
    return isinstance(node, ast.Import | ast.ImportFrom)


def _is_docstring(node: object) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
