"""A table that lists recordings: csv, tsv or parquet."""

import os
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from featkit.audio import read_bytes
from featkit.datasets.base import Clip, Dataset, Protocol
from featkit.datasets.cells import Cell
from featkit.datasets.columns import Columns
from featkit.datasets.corpus import Corpus, registry
from featkit.datasets.rows import parquet, read_rows
from featkit.errors import DatasetError, listed

REQUIRED = ("path", "label")
OPTIONAL = ("id", "fold", "split", "group", "start", "duration")


def load(root: str, columns: Columns | None = None) -> Dataset:
    """A .csv, .tsv or .parquet table with the columns path and label.

    Further columns: ``id``; ``fold`` (a whole number ≥ 0) or ``split`` (train, valid, test), each
    filled in every row or in none; ``group``; ``start`` and ``duration`` in seconds. Others are
    ignored, and named in ``columns_ignored``. Paths are relative to the table, absolute, or URLs;
    labels are text, so ``01`` stays ``01``. Rows of one file without a group of their own form one
    group. With ``split`` the protocol is the split, else with ``fold`` the folds.

    Parameters
    ----------
    root : str
        Path or URL of the table.
    columns : Columns, optional
        Columns to use instead of ``label``, ``group`` and ``fold``.

    Raises
    ------
    DatasetError
        Naming the table, the line (the header being line 1; of parquet, the row) and the column.
    """
    table = _read(root, columns or Columns())
    if not table.rows:
        raise DatasetError(f"{root}: the table has no rows")
    folder = root.rpartition("/")[0] if "://" in root else os.path.dirname(os.path.abspath(root))
    paths = [table.cell(line, row, "path").path(folder) for line, row in table.rows]
    base = _base(folder, paths)
    clips = [
        _clip(table, line, row, path, base)
        for (line, row), path in zip(table.rows, paths, strict=True)
    ]
    _check_unique(table, clips)
    # Excerpts of one recording may overlap, and share its background anyway: without groups of
    # their own they are one.
    often = Counter(paths)
    clips = [
        replace(clip, group=_relative(clip.path, base))
        if not clip.group and often[clip.path] > 1
        else clip
        for clip in clips
    ]
    _check_protocol(root, clips)
    local = [path for path in paths if "://" not in path]
    if len(local) == len(paths) and not any(map(os.path.exists, local)):
        raise DatasetError(
            f"{root}: none of its {len(paths)} files exists; paths are relative to the table, "
            f"so the first is {local[0]!r}"
        )
    protocol: Protocol = (
        "split" if "split" in table.used else "folds" if "fold" in table.used else "none"
    )
    return Dataset(
        os.path.basename(root).rpartition(".")[0],
        tuple(clips),
        base,
        protocol,
        columns_ignored=table.ignored,
        group_column=table.names["group"] if "group" in table.used else "",
    )


@dataclass(frozen=True)
class _Table:
    """The rows of a table by field, and what its columns are.

    Attributes
    ----------
    path, where : str
        Where the table is, and what a row of it is called: ``line`` or ``row``.
    rows : list of (int, dict)
        Number of the line or row, and its text by the names of `FIELDS`.
    names : dict of str to str
        Column of each field.
    ignored : tuple of str
        Columns that are not fields.
    """

    path: str
    where: str
    rows: list[tuple[int, dict[str, str]]]
    names: dict[str, str]
    ignored: tuple[str, ...]

    @cached_property
    def used(self) -> frozenset[str]:
        """Optional fields that have a value in some row."""
        return frozenset(field for field in OPTIONAL if any(row.get(field) for _, row in self.rows))

    def cell(self, line: int, row: Mapping[str, str], field: str) -> Cell:
        """Return one field of a row."""
        return Cell(f"{self.path}, {self.where} {line}", self.names[field], row[field])


def _read(path: str, columns: Columns) -> _Table:
    """Return the rows of a table whose columns are known."""
    try:
        data = read_bytes(path)
    except OSError as error:
        raise DatasetError(f"{path}: {error.strerror or error}") from error
    suffix = path.lower().rpartition(".")[2]
    if suffix not in ("csv", "tsv", "parquet"):
        raise DatasetError(f"{path}: a table is a .csv, .tsv or .parquet file")
    if suffix == "parquet":
        header, read = parquet(path, data)
        names = _names(path, header, columns)
        return _Table(path, "row", read(names), names, _ignored(header, names))
    header, rows = read_rows(path, data, "\t" if suffix == "tsv" else ",")
    names = _names(path, header, columns)
    fields = [(line, {field: row[column] for field, column in names.items()}) for line, row in rows]
    return _Table(path, "line", fields, names, _ignored(header, names))


def _names(path: str, header: Collection[str], columns: Columns) -> dict[str, str]:
    """Return the column of each field that the table has."""
    chosen = columns.named()
    for column in (*(chosen.get(field, field) for field in REQUIRED), *chosen.values()):
        if column not in header:
            raise DatasetError(
                f"{path}: the column {column!r} is missing; there are {listed(header, 20)}"
            )
    fields = {field: chosen.get(field, field) for field in (*REQUIRED, *OPTIONAL)}
    return {field: column for field, column in fields.items() if column in header}


def _ignored(header: Collection[str], names: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(column for column in header if column not in names.values())


def _base(folder: str, paths: list[str]) -> str:
    """Return the folder that ids are relative to: the table's or, if files lie outside it, the
    deepest that contains all.
    """
    local = [path for path in paths if "://" not in path]
    if "://" in folder or all(path.startswith(folder + os.sep) for path in local):
        return folder
    return os.path.commonpath([os.path.dirname(path) for path in local])


def _clip(table: _Table, line: int, row: Mapping[str, str], path: str, base: str) -> Clip:
    def cell(field: str) -> Cell:
        return table.cell(line, row, field)

    start = cell("start").seconds(positive=False) if row.get("start") else 0.0
    duration = cell("duration").seconds(positive=True) if row.get("duration") else None
    excerpt = (
        ""
        if not start and duration is None
        else f"@{start:.10g}" + ("" if duration is None else f"+{duration:.10g}")
    )
    return Clip(
        id=cell("id").text() if "id" in table.used else _relative(path, base) + excerpt,
        path=path,
        label=cell("label").text(),
        fold=cell("fold").fold() if "fold" in table.used else None,
        group=row["group"] if "group" in table.used else "",
        start=start,
        duration=duration,
        split=cell("split").split() if "split" in table.used else "",
    )


def _relative(path: str, base: str) -> str:
    """Return a path relative to ``base``, with forward slashes."""
    return (path[len(base) :].lstrip("/" + os.sep) if path.startswith(base) else path).replace(
        os.sep, "/"
    )


def _check_unique(table: _Table, clips: list[Clip]) -> None:
    excerpts: dict[tuple[str, float, float | None], int] = {}
    ids: dict[str, int] = {}
    for (line, _), clip in zip(table.rows, clips, strict=True):
        place = f"{table.path}, {table.where} {line}"
        first = excerpts.setdefault((clip.path, clip.start, clip.duration), line)
        if first != line:
            raise DatasetError(
                f"{place}: path={clip.path!r} is the same recording as in {table.where} {first}"
            )
        first = ids.setdefault(clip.id, line)
        if first != line:
            raise DatasetError(
                f"{place}: id={clip.id!r} is already in {table.where} {first}; "
                "expected each id once"
            )


def _check_protocol(table: str, clips: list[Clip]) -> None:
    splits = {clip.split for clip in clips} - {""}
    for split in ("train", "test"):
        if splits and split not in splits:
            raise DatasetError(
                f"{table}: no row has split={split}; there are {', '.join(sorted(splits))}, "
                "expected train and test"
            )
    folds = {clip.fold for clip in clips}
    if len(folds) == 1 and None not in folds and not splits:
        raise DatasetError(
            f"{table}: every row has fold={clips[0].fold}; "
            "expected at least two folds, or no such column"
        )


corpus = registry.register(
    Corpus(
        load,
        {"description": "Recordings that a table lists with their labels, folds and excerpts."},
        tabular=True,
    )
)
