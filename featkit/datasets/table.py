"""A table that lists recordings: csv, tsv or parquet."""

import io
import math
import os
import posixpath
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from featkit.audio import read_bytes
from featkit.datasets.base import Clip, Corpus, Dataset, Protocol, registry
from featkit.datasets.layout import read_rows
from featkit.errors import DatasetError

REQUIRED = ("path", "label")
OPTIONAL = ("id", "fold", "split", "group", "start", "duration")
SPLITS = {
    "train": ("train", "training"),
    "valid": ("valid", "val", "validation", "dev"),
    "test": ("test", "testing", "eval", "evaluation"),
}
_SPLIT_OF = {alias: split for split, aliases in SPLITS.items() for alias in aliases}


def load(root: str) -> Dataset:
    """A .csv, .tsv or .parquet table with the columns path and label.

    Further columns: ``id``; ``fold`` (a whole number ≥ 0) or ``split`` (train, valid, test), each
    filled in every row or in none; ``group``; ``start`` and ``duration`` in seconds. Others are
    ignored. Paths are relative to the table, absolute, or URLs; labels are text, so ``01`` stays
    ``01``. Rows of one file without a group of their own are one group. With ``split`` the protocol
    is the split, else with ``fold`` the folds.

    Raises
    ------
    DatasetError
        Naming the table, the line (the header being line 1; of parquet, the row) and the column.
    """
    where = "row" if root.lower().endswith(".parquet") else "line"
    header, rows = _read(root)
    for column in REQUIRED:
        if column not in header:
            raise DatasetError(
                f"{root}: the column {column!r} is missing; there are {', '.join(header)}"
            )
    if not rows:
        raise DatasetError(f"{root}: there is no row below the header")
    used = [column for column in OPTIONAL if any(row.get(column) for _, row in rows)]
    folder = root.rpartition("/")[0] if "://" in root else os.path.dirname(os.path.abspath(root))
    paths = [_Cell(root, where, line, "path", row["path"]).path(folder) for line, row in rows]
    base = _base(folder, paths)
    clips = [
        _clip(root, where, line, row, used, path, base)
        for (line, row), path in zip(rows, paths, strict=True)
    ]
    _check_unique(root, where, [line for line, _ in rows], clips)
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
            f"{root}: none of its {len(paths)} files exists; paths are relative to the table, so the first is {local[0]!r}"
        )
    protocol: Protocol = "split" if "split" in used else "folds" if "fold" in used else "none"
    name = os.path.basename(root).rpartition(".")[0]
    return Dataset(name, tuple(clips), base, protocol)


@dataclass(frozen=True)
class _Cell:
    """One field of the table, which knows where it stands."""

    table: str
    where: str
    line: int
    column: str
    value: str

    def error(self, expected: str) -> DatasetError:
        got = f"{self.column}={self.value!r}" if self.value else f"{self.column} is empty"
        return DatasetError(f"{self.table}, {self.where} {self.line}: {got}; expected {expected}")

    def text(self) -> str:
        if not self.value:
            raise self.error("a text")
        return self.value

    def path(self, folder: str) -> str:
        """Return the path or URL that the field means."""
        value = self.text()
        if "://" in value:
            return value
        if "://" in folder:
            scheme, _, rest = folder.partition("://")
            return f"{scheme}://{posixpath.normpath(posixpath.join(rest, value))}"
        return os.path.normpath(os.path.join(folder, os.path.expanduser(value)))

    def fold(self) -> int:
        try:
            number = float(self.value)
        except ValueError:
            number = math.nan
        if not number.is_integer() or number < 0:
            raise self.error("a whole number ≥ 0 in every row, or no such column")
        return int(number)

    def split(self) -> str:
        found = _SPLIT_OF.get(self.value.lower())
        if found is None:
            raise self.error("train, valid or test in every row, or no such column")
        return found

    def seconds(self, positive: bool) -> float:
        try:
            number = float(self.value)
        except ValueError:
            number = math.nan
        if not math.isfinite(number) or number < 0 or (positive and number == 0):
            raise self.error(f"seconds {'>' if positive else '≥'} 0")
        return number


def _read(path: str) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    try:
        data = read_bytes(path)
    except OSError as error:
        raise DatasetError(f"{path}: {error.strerror or error}") from error
    suffix = path.lower().rpartition(".")[2]
    if suffix == "parquet":
        return _read_parquet(path, data)
    if suffix not in ("csv", "tsv"):
        raise DatasetError(f"{path}: a table is a .csv, .tsv or .parquet file")
    return read_rows(path, data, "\t" if suffix == "tsv" else ",")


def _read_parquet(path: str, data: bytes) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    import pyarrow
    import pyarrow.parquet

    try:
        table = pyarrow.parquet.read_table(io.BytesIO(data))
    except (pyarrow.ArrowException, OSError) as error:
        raise DatasetError(f"{path}: not readable as parquet: {error}") from error
    columns = [column for column in table.column_names if column in (*REQUIRED, *OPTIONAL)]
    lists = [[_as_text(value) for value in table.column(column).to_pylist()] for column in columns]
    rows = [
        (line, dict(zip(columns, values, strict=True)))
        for line, values in enumerate(zip(*lists, strict=True), start=1)
    ]
    return list(table.column_names), rows


def _as_text(value: object) -> str:
    return "" if value is None or value != value else str(value).strip()


def _base(folder: str, paths: list[str]) -> str:
    """Return the folder that ids are relative to: the table's, or where files lie outside it, what
    all have in common.
    """
    local = [path for path in paths if "://" not in path]
    if "://" in folder or all(path.startswith(folder + os.sep) for path in local):
        return folder
    return os.path.commonpath([os.path.dirname(path) for path in local])


def _clip(
    table: str, where: str, line: int, row: Mapping[str, str], used: list[str], path: str, base: str
) -> Clip:
    def cell(column: str) -> _Cell:
        return _Cell(table, where, line, column, row[column])

    start = cell("start").seconds(positive=False) if "start" in used and row["start"] else 0.0
    duration = (
        cell("duration").seconds(positive=True) if "duration" in used and row["duration"] else None
    )
    excerpt = (
        ""
        if not start and duration is None
        else f"@{start:.10g}" + ("" if duration is None else f"+{duration:.10g}")
    )
    relative = _relative(path, base)
    return Clip(
        id=cell("id").text() if "id" in used else relative + excerpt,
        path=path,
        label=cell("label").text(),
        fold=cell("fold").fold() if "fold" in used else None,
        group=row["group"] if "group" in used else "",
        start=start,
        duration=duration,
        split=cell("split").split() if "split" in used else "",
    )


def _relative(path: str, base: str) -> str:
    """Return a path from ``base`` on, with forward slashes."""
    return (path[len(base) :].lstrip("/" + os.sep) if path.startswith(base) else path).replace(
        os.sep, "/"
    )


def _check_unique(table: str, where: str, lines: list[int], clips: list[Clip]) -> None:
    excerpts: dict[tuple[str, float, float | None], int] = {}
    ids: dict[str, int] = {}
    for line, clip in zip(lines, clips, strict=True):
        first = excerpts.setdefault((clip.path, clip.start, clip.duration), line)
        if first != line:
            raise DatasetError(
                f"{table}, {where} {line}: path={clip.path!r} is the same recording as in {where} {first}"
            )
        first = ids.setdefault(clip.id, line)
        if first != line:
            raise DatasetError(
                f"{table}, {where} {line}: id={clip.id!r} is already in {where} {first}; expected each id once"
            )


def _check_protocol(table: str, clips: list[Clip]) -> None:
    splits = {clip.split for clip in clips} - {""}
    for split in ("train", "test"):
        if splits and split not in splits:
            raise DatasetError(
                f"{table}: no row has split={split}; there are {', '.join(sorted(splits))}, expected train and test"
            )
    folds = {clip.fold for clip in clips}
    if len(folds) == 1 and None not in folds and not splits:
        raise DatasetError(
            f"{table}: every row has fold={clips[0].fold}; expected at least two folds, or no such column"
        )


corpus = registry.register(
    Corpus(
        load,
        {"description": "Recordings that a table lists with their labels, folds and excerpts."},
    )
)
