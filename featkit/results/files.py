"""Results on disk: one JSON line for each score, the predictions of every clip in a file beside it.

Each line states its ``format``. Format 2 writes notes as ``{"kind": …, "text": …}``. Lines without
a format are of format 1, which wrote notes as texts; they are read too (`format1`).
"""

import os
from collections.abc import Iterable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from filelock import FileLock

from featkit.errors import ParameterError
from featkit.results.format1 import note_from_text
from featkit.results.jsonlines import append_line, read_lines
from featkit.results.notes import Note
from featkit.results.scores import PER_CLIP, Cell, Score

FORMAT = 2


def append(path: str | os.PathLike[str], scores: Iterable[Score]) -> None:
    """Append scores to ``path`` and their predictions to ``path`` + ``.predictions``.

    Predictions are written first, and each line in one write under a lock. A result that can be
    read is therefore complete, and several processes may append to one file.
    """
    path = Path(path)
    for score in scores:
        clips = {"cell": list(score.cell)} | {name: getattr(score, name) for name in PER_CLIP}
        with FileLock(path.with_name(f".{path.name}.lock")):
            append_line(predictions_path(path), clips)
            append_line(path, {"format": FORMAT, **score.row()})


def predictions_path(path: str | os.PathLike[str]) -> Path:
    """Return where the per-clip predictions of the results at ``path`` are."""
    return Path(f"{os.fspath(path)}.predictions")


def read(path: str | os.PathLike[str]) -> list[Score]:
    """Return the scores at ``path``; the last one of each cell counts.

    Raises
    ------
    ParameterError
        If the file is missing, a line other than the last is not a result, or the file was written
        by a later version of featkit.
    """
    clips = _clips(predictions_path(path))
    return [replace(score, **clips.get(cell, {})) for cell, score in _scores(Path(path)).items()]


def done(path: str | os.PathLike[str]) -> dict[Cell, str]:
    """Return the cells at ``path`` that have a result without an error, each with its ``data``.

    There are none where the file does not exist.
    """
    path = Path(path)
    if not path.exists():
        return {}
    return {cell: score.data for cell, score in _scores(path).items() if not score.error}


def _scores(path: Path) -> dict[Cell, Score]:
    if not path.exists():
        raise ParameterError(f"no results at {path}")
    scores: dict[Cell, Score] = {}
    for number, row in read_lines(path):
        try:
            score = _score(row)
        except (KeyError, TypeError, ParameterError) as error:
            raise ParameterError(
                f"{path}, line {number}: not a result of featkit ({error})"
            ) from error
        scores[score.cell] = score
    return scores


def _score(row: dict[str, Any]) -> Score:
    """Return the score that a line of any format holds, without its clips."""
    version = row.get("format", 1)
    if version not in (1, FORMAT):
        raise ParameterError(f"format {version!r}; this version of featkit reads 1 to {FORMAT}")
    names = {item.name for item in fields(Score)}
    notes = row.get("notes", ())
    row["notes"] = tuple(note_from_text(n) if version == 1 else Note(**n) for n in notes)
    return Score(**{key: value for key, value in row.items() if key in names})


def _clips(path: Path) -> dict[Cell, dict[str, Any]]:
    """Return the per-clip fields of each cell."""
    clips: dict[Cell, dict[str, Any]] = {}
    for number, row in read_lines(path) if path.exists() else ():
        if "cell" not in row:
            raise ParameterError(
                f"{path}, line {number}: not the predictions of a result of featkit"
            )
        cell: Any = tuple(row["cell"])
        clips[cell] = {name: _frozen(row[name]) for name in PER_CLIP if name in row}
    return clips


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
