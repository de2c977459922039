"""Rows of tables as text: delimited files and parquet, within limits."""

import csv
import io
import os
from collections import Counter
from collections.abc import Callable, Collection, Mapping

from featkit.errors import DatasetError

Rows = list[tuple[int, dict[str, str]]]

MOST_ROWS, MOST_COLUMNS = 10_000_000, 10_000
# Rows times columns, each of which is a Python object.
MOST_CELLS = 100_000_000


def read_rows(
    path: str | os.PathLike[str], data: bytes, delimiter: str = ","
) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """Return the columns and the (line, fields) of a delimited text with a header, all as stripped
    text.

    Lines are numbered as in an editor, the header being line 1; empty lines are left out.

    Raises
    ------
    DatasetError
        If the text is empty or not UTF-8, a column appears twice, or a line has more or fewer
        fields than the header.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DatasetError(
            f"{path}: not UTF-8 text (byte {error.start} is {data[error.start]:#04x})"
        ) from error
    nul = text.find("\0")
    if nul >= 0:
        raise DatasetError(f"{path}, line {text.count(chr(10), 0, nul) + 1}: a NUL character")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    header: list[str] = []
    rows: list[tuple[int, dict[str, str]]] = []
    try:
        for fields in reader:
            values = [field.strip() for field in fields]
            if not any(values):
                continue
            if not header:
                header = values
                _check_header(path, header)
                continue
            if len(values) != len(header):
                raise DatasetError(
                    f"{path}, line {reader.line_num}: {len(values)} fields, "
                    f"the header has {len(header)}"
                )
            rows.append((reader.line_num, dict(zip(header, values, strict=True))))
            check_size(path, len(rows), len(header))
    except csv.Error as error:
        raise DatasetError(f"{path}, line {reader.line_num}: {error}") from error
    if not header:
        raise DatasetError(f"{path}: the file is empty")
    return header, rows


def _check_header(path: str | os.PathLike[str], header: Collection[str]) -> None:
    check_size(path, 0, len(header))
    twice = [name for name, count in Counter(header).items() if count > 1]
    if twice:
        raise DatasetError(f"{path}, line 1: the column {twice[0]!r} appears twice")


def check_size(path: str | os.PathLike[str], rows: int, columns: int) -> None:
    """Raise DatasetError if a table is too large to be a list of recordings."""
    if rows > MOST_ROWS or columns > MOST_COLUMNS or rows * columns > MOST_CELLS:
        raise DatasetError(
            f"{path}: more than {MOST_ROWS} rows, {MOST_COLUMNS} columns or {MOST_CELLS} cells"
        )


def parquet(path: str, data: bytes) -> tuple[list[str], Callable[[Mapping[str, str]], Rows]]:
    """Return the columns of a parquet file, and a function that reads its rows.

    The function takes the column of each field, and gives the number of each row, from 1, and its
    text by field.

    Raises
    ------
    DatasetError
        If the bytes are not parquet, or the table is too large.
    """
    import pyarrow
    import pyarrow.parquet

    try:
        file = pyarrow.parquet.ParquetFile(io.BytesIO(data))
        header = list(file.schema_arrow.names)
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path}: not readable as parquet: {error}") from error
    check_size(path, file.metadata.num_rows, len(header))
    _check_header(path, header)

    def read(names: Mapping[str, str]) -> Rows:
        rows: Rows = []
        try:
            for batch in file.iter_batches(10_000, columns=list(names.values())):
                check_size(path, len(rows) + batch.num_rows, len(names))
                fields = [map(_as_text, batch[column].to_pylist()) for column in names.values()]
                for values in zip(*fields, strict=True):
                    rows.append((len(rows) + 1, dict(zip(names, values, strict=True))))
        except (pyarrow.ArrowException, OSError, ValueError, OverflowError) as error:
            raise DatasetError(f"{path}: not readable as parquet: {error}") from error
        return rows

    return header, read


def _as_text(value: object) -> str:
    return "" if value is None or value != value else str(value).strip()
