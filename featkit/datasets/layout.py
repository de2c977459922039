"""What loaders share: reading a corpus's lists, finding its audio files, and telling part of a
corpus from lost files.
"""

import csv
import io
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from featkit.audio import EXTENSIONS
from featkit.datasets.base import Clip
from featkit.errors import DatasetError

Row = Mapping[str, str]


def audio_files(folder: Path, recursive: bool = False) -> Iterator[Path]:
    """Yield the audio files of a folder in sorted order, without hidden files and folders."""
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            if recursive:
                yield from audio_files(entry, recursive=True)
        elif entry.suffix.lower() in EXTENSIONS:
            yield entry


def by_stem(folder: Path, recursive: bool = False) -> dict[str, Path]:
    """Return the audio files of a folder by name without suffix, so that a corpus may have been
    converted to another format.
    """
    return {path.stem: path for path in audio_files(folder, recursive)}


def find(root: str, choices: Sequence[str], corpus: str) -> Path:
    """Return the first of the relative paths ``choices`` that exists under ``root``.

    Raises
    ------
    DatasetError
        If none does; the message names them and what is there instead.
    """
    for choice in choices:
        path = Path(root, choice)
        if path.exists():
            return path
    if not os.path.isdir(root):
        raise DatasetError(f"{corpus}: {root!r} is not a folder")
    there = sorted(os.listdir(root))
    shown = ", ".join(there[:8]) + (", …" if len(there) > 8 else "") if there else "nothing"
    raise DatasetError(
        f"{corpus}: {' or '.join(choices)} is missing under {root!r}, where there is {shown}"
    )


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
                continue
            if len(values) != len(header):
                raise DatasetError(
                    f"{path}, line {reader.line_num}: {len(values)} fields, "
                    f"the header has {len(header)}"
                )
            rows.append((reader.line_num, dict(zip(header, values, strict=True))))
    except csv.Error as error:
        raise DatasetError(f"{path}, line {reader.line_num}: {error}") from error
    if not header:
        raise DatasetError(f"{path}: the file is empty")
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise DatasetError(f"{path}, line 1: the column {twice[0]!r} appears twice")
    return header, rows


def official_rows(path: Path, columns: Collection[str], delimiter: str = ",") -> list[Row]:
    """Return the rows of a corpus's own list, in which no field of ``columns`` may be empty."""
    header, rows = read_rows(path, path.read_bytes(), delimiter)
    for column in columns:
        if column not in header:
            raise DatasetError(
                f"{path}: the column {column!r} is missing; there are {', '.join(header)}"
            )
        for line, row in rows:
            if not row[column]:
                raise DatasetError(f"{path}, line {line}: {column} is empty")
    if not rows:
        raise DatasetError(f"{path}: the table has no rows")
    return [row for _, row in rows]


def whole_number(value: str, path: Path, column: str) -> int:
    """Return a field of a corpus's own list as an integer."""
    try:
        return int(value)
    except ValueError:
        raise DatasetError(f"{path}: {column}={value!r} is not a whole number") from None


def keep_available(
    clips: Iterable[Clip], available: Collection[str]
) -> tuple[tuple[Clip, ...], tuple[str, ...]]:
    """Return the clips of a corpus, or of the part of it that is present, and remarks about the
    rest.

    ``available`` holds the ids whose audio file exists. Classes and folds without a single file are
    taken to be another part of the corpus and left out. If at least half of the other files are
    present, the absent ones count as lost: their clips stay, so that validation names them and
    extraction lists them as failures. If fewer are present, this is a sample, and only their clips
    are returned. Either way a remark gives the number.
    """
    listed = list(clips)
    here = [clip for clip in listed if clip.id in available]
    labels, folds = {clip.label for clip in here}, {(clip.fold, clip.split) for clip in here}
    part = [clip for clip in listed if clip.label in labels and (clip.fold, clip.split) in folds]
    lost = len(part) - len(here)
    sample = lost > len(here)
    remarks = []
    if len(part) < len(listed):
        missing = len({clip.label for clip in listed} - labels)
        remarks.append(
            f"part of the corpus: {len(listed) - len(part)} listed clips are in classes "
            f"({missing}) or folds without any file"
        )
    if sample:
        remarks.append(
            f"a sample of the corpus: {lost} of {len(part)} listed files are absent and left out"
        )
    elif lost:
        remarks.append(
            f"{lost} of {len(part)} listed files are absent; extraction will list them as failures"
        )
    return tuple(here if sample else part), tuple(remarks)
