"""What loaders share: reading a corpus's lists, finding its audio files, and telling part of a
corpus from lost files.
"""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from featkit.audio import EXTENSIONS, read_bytes
from featkit.datasets.base import Clip
from featkit.datasets.rows import read_rows
from featkit.errors import DatasetError

Row = Mapping[str, str]


def audio_files(
    folder: Path, recursive: bool = False, above: tuple[Path, ...] = ()
) -> Iterator[Path]:
    """Yield the audio files of a folder in sorted order, without hidden files and folders.

    Links to folders are followed unless they lead into, or to what contains, the folder itself or
    those of ``above`` (real paths): their recordings would be found twice, or for ever.
    """
    above = (*above, folder.resolve())
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            if recursive and not is_loop(entry, above):
                yield from audio_files(entry, True, above)
        elif entry.suffix.lower() in EXTENSIONS:
            yield entry


def is_loop(entry: Path, above: Iterable[Path]) -> bool:
    """Return whether ``entry`` is a link into one of the folders ``above``, or to what contains
    one.
    """
    if not entry.is_symlink():
        return False
    target = entry.resolve()
    return any(target.is_relative_to(top) or top.is_relative_to(target) for top in above)


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


def official_rows(path: Path, columns: Collection[str], delimiter: str = ",") -> list[Row]:
    """Return the rows of a corpus's own list, in which no field of ``columns`` may be empty."""
    header, rows = read_rows(path, read_bytes(str(path)), delimiter)
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
