"""From what a user writes (``esc50:/data/ESC-50``, a table, a folder, ``synthetic:40``) to a
`Dataset`.
"""

import difflib
import os
from dataclasses import replace
from importlib.util import find_spec

from featkit.datasets.base import Dataset, Source
from featkit.datasets.columns import Columns
from featkit.datasets.corpus import Corpus, registry
from featkit.errors import DatasetError, ParameterError
from featkit.naming import outside
from featkit.naming.registry import describe

TABLES = (".csv", ".tsv", ".parquet")


def catalogue() -> list[tuple[str, str]]:
    """Return (name, one-line description) of every known kind of dataset."""
    return [(name, describe(registry.get(name))) for name in registry.names()]


def get_dataset(
    name_or_path: str | os.PathLike[str],
    root: str | os.PathLike[str] | None = None,
    *,
    label_column: str = "",
    group_column: str = "",
    fold_column: str = "",
) -> Dataset:
    """Return the dataset that a text or path stands for.

    Parameters
    ----------
    name_or_path : str or path
        ``NAME:ROOT`` or ``NAME`` for a known corpus, a ``.csv``, ``.tsv`` or ``.parquet`` table (a
        path or URL), a folder with one sub-folder per class, ``synthetic``, ``synthetic:N`` or
        ``synthetic:tempo|pitch|timbre|words``, or ``package.module:Name:ROOT`` for a `Corpus` or a
        function ``load(root)`` outside featkit. A known name takes precedence over a file of that
        name; write ``./esc50`` for the folder.
    root : str or path, optional
        The same as ``ROOT`` above; for ``synthetic``, where to write the recordings instead of in
        the user's cache.
    label_column, group_column, fold_column : str
        Columns of a table to use instead of ``label``, ``group`` and ``fold``.

    Raises
    ------
    ParameterError
        If the name is unknown, a corpus lacks its root, or columns are chosen for what is not a
        table; the message lists what is allowed.
    DatasetError
        If nothing is at the path, or the files there are not laid out as in the corpus.
    """
    text = os.fspath(name_or_path).strip()
    place = None if root is None else os.path.expanduser(os.fspath(root))
    if "\0" in text:
        raise ParameterError(f"the dataset {text!r} contains a NUL character")
    dataset = _loaded(text, place, Columns(label_column, group_column, fold_column))
    chosen = {"label": label_column, "group": group_column, "fold": fold_column}
    source = Source(
        _absolute(text if place is None else f"{text}:{place}"),
        {use: column for use, column in chosen.items() if column},
    )
    return replace(dataset, source=source)


def _loaded(text: str, place: str | None, columns: Columns) -> Dataset:
    name, _, rest = text.partition(":")
    if name in registry.names():
        return _known(name, rest, place, columns)
    path = os.path.expanduser(text)
    if place is None and (os.path.exists(path) or "://" in text):
        return _at(path, columns)
    rooted = _outside(text)
    if rooted is not None:
        corpus, rest = rooted
        return _rooted(text, corpus, rest, place, columns)
    if place is None and _looks_like_path(text):
        raise DatasetError(f"there is no file or folder {text!r}")
    near = difflib.get_close_matches(name, registry.names(), n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise ParameterError(
        f"unknown dataset {text!r}.{hint} Known: {', '.join(registry.names())}; "
        f"or 'package.module:Name', or the path of a table ({', '.join(TABLES)}) "
        "or of a folder with one sub-folder per class."
    )


def _absolute(text: str) -> str:
    """Return a dataset's text with the path in it, if there is one, made absolute."""
    if os.path.exists(os.path.expanduser(text)):
        return os.path.abspath(os.path.expanduser(text))
    name, colon, root = text.rpartition(":")
    root = os.path.expanduser(root)
    return f"{name}:{os.path.abspath(root)}" if colon and os.path.exists(root) else text


def _known(name: str, rest: str, place: str | None, columns: Columns) -> Dataset:
    corpus = registry.get(name)
    if corpus.generated:
        if columns.named():
            raise ParameterError(f"{name!r} is not a table, so it has no columns to choose")
        return corpus.load(rest, place)
    return _rooted(name, corpus, rest, place, columns)


def _rooted(name: str, corpus: Corpus, rest: str, place: str | None, columns: Columns) -> Dataset:
    if rest and place is not None:
        raise ParameterError(f"{name!r} is given two roots: {rest!r} and {place!r}")
    root = place or os.path.expanduser(rest)
    if not root:
        source = corpus.about.get("homepage")
        where = f" Its authors publish it at {source}; download it, then" if source else ""
        beside = f" For the folder {name!r} that is here, write ./{name}." * os.path.isdir(name)
        raise ParameterError(
            f"{name!r} needs the place of its files.{where} write {name}:ROOT or give root=ROOT."
            f"{beside}"
        )
    if "://" in root:
        return corpus(root, columns)
    if not os.path.exists(root):
        raise DatasetError(f"{name}: there is no file or folder {root!r}")
    return corpus(os.path.abspath(root), columns)


def _at(path: str, columns: Columns) -> Dataset:
    """Return the table or folder at a path that exists, or at a URL."""
    if path.lower().endswith(TABLES):
        return registry.get("table")(path, columns)
    if os.path.isdir(path):
        return registry.get("folder")(os.path.abspath(path), columns)
    raise DatasetError(
        f"{path!r} is neither a table ({', '.join(TABLES)}) nor a local folder with one sub-folder "
        "per class; list recordings behind URLs in a table"
    )


def _outside(text: str) -> tuple[Corpus, str] | None:
    """Return the corpus that ``package.module:Name[:ROOT]`` names, and its root; None if there is
    no such module.
    """
    module, _, rest = text.partition(":")
    attribute, _, root = rest.partition(":")
    if not attribute.isidentifier() or not all(part.isidentifier() for part in module.split(".")):
        return None
    # Looking for a module imports the packages that it lies in.
    if find_spec(module.partition(".")[0]) is None:
        return None
    outside.check(f"{module}:{attribute}", "dataset")
    try:
        if find_spec(module) is None:
            return None
    except ModuleNotFoundError:
        return None
    part = registry.get(f"{module}:{attribute}")
    if not callable(part):
        raise ParameterError(f"{module}:{attribute} is neither a Corpus nor a function load(root)")
    return (part if isinstance(part, Corpus) else Corpus(part)), root


def _looks_like_path(text: str) -> bool:
    head = text.partition(":")[0]
    return os.sep in head or bool(os.path.splitext(head)[1])
