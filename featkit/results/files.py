"""Results on disk: one JSON line for each score; in a file beside it the predictions of every clip
and the curves of nets, in another the inner predictions.

Each line states its ``format``. Format 3 is of changed recordings (``intervention``): an earlier
featkit, which would take it for the score of the recordings as they are, refuses it. Format 2
writes notes as ``{"kind": …, "text": …}``. Lines without a format are of format 1, which wrote
notes as texts; they are read too (`format1`).
"""

import os
from collections.abc import Iterable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from filelock import FileLock

from featkit.errors import ParameterError
from featkit.results.checking import check_values, contradiction
from featkit.results.format1 import note_from_text
from featkit.results.inner import append_inner
from featkit.results.jsonlines import append_line, read_lines
from featkit.results.notes import Note
from featkit.results.pooling import summary
from featkit.results.scores import APART, PER_CLIP, PER_EPOCH, Cell, Score

FORMAT, CHANGED_FORMAT = 2, 3


def append(path: str | os.PathLike[str], scores: Iterable[Score]) -> None:
    """Append scores to ``path``, their predictions to ``path`` + ``.predictions``, and what a stack
    learns from to ``path`` + ``.inner``.

    Predictions are written first, and each line in one write under a lock. A result that can be
    read is therefore complete, and several processes may append to one file.

    Raises
    ------
    ParameterError
        If one of the files holds anything but results; both are left as they are.
    """
    path = Path(path)
    for score in scores:
        clips = {"cell": list(score.cell)} | {name: getattr(score, name) for name in PER_CLIP}
        clips |= {name: value for name in PER_EPOCH if (value := getattr(score, name))}
        with FileLock(path.with_name(f".{path.name}.lock")):
            append_line(predictions_path(path), clips, "cell")
            if score.inner is not None:
                append_inner(path, score, score.inner)
            append_line(path, {"format": _format(score), **line(score)}, "dataset")


def line(score: Score) -> dict[str, Any]:
    """Return what a line of results holds: `Score.row` and, where the rows are windows, the metrics
    of the clips as ``per_clip``, which reading computes anew. Only the score of changed recordings
    names its intervention.
    """
    clips, row = summary(score), score.row()
    if not score.intervention:
        del row["intervention"]
    return {**row, **({"per_clip": clips} if clips else {})}


def _format(score: Score) -> int:
    return CHANGED_FORMAT if score.intervention else FORMAT


def predictions_path(path: str | os.PathLike[str]) -> Path:
    """Return where the per-clip predictions of the results at ``path`` are."""
    return Path(f"{os.fspath(path)}.predictions")


def read(path: str | os.PathLike[str]) -> list[Score]:
    """Return the scores at ``path``; the last one of each cell counts.

    Raises
    ------
    ParameterError
        If the file is missing, a line other than a torn last one is not a result, a value is
        outside its range, a result contradicts its own predictions, or the file was written by a
        later version of featkit; the message names file and line.
    """
    path = Path(path)
    clips = _clips(predictions_path(path))
    return [
        _complete(path, number, score, clips.get(cell, []))
        for cell, (number, score) in _scores(path).items()
    ]


def done(path: str | os.PathLike[str]) -> dict[Cell, str]:
    """Return the cells at ``path`` that have a result without an error, each with its ``data``.

    There are none where the file does not exist.

    Raises
    ------
    ParameterError
        As `read`, but for predictions that contradict: they are not looked at.
    """
    path = Path(path)
    if not path.exists():
        return {}
    return {cell: score.data for cell, (_, score) in _scores(path).items() if not score.error}


def _scores(path: Path) -> dict[Cell, tuple[int, Score]]:
    """Return the line number and the score of each cell, without its clips."""
    if not path.exists():
        raise ParameterError(f"no results at {path}")
    scores: dict[Cell, tuple[int, Score]] = {}
    for number, row in read_lines(path, "dataset"):
        try:
            score = _score(row)
        except (KeyError, TypeError, ParameterError) as error:
            raise ParameterError(
                f"{path}, line {number}: not a result of featkit ({error})"
            ) from error
        scores[score.cell] = number, score
    return scores


def _score(row: dict[str, Any]) -> Score:
    """Return the score that a line of any format holds, without its clips."""
    version = row.get("format", 1)
    if isinstance(version, int) and version > CHANGED_FORMAT:
        needs = row.get("needs", "that wrote it")
        raise ParameterError(
            f"format {version}; this version of featkit reads 1 to {CHANGED_FORMAT}: "
            f"it needs the version {needs}, or a later one"
        )
    if version not in (1, FORMAT, CHANGED_FORMAT):
        raise ParameterError(
            f"format {version!r}; this version of featkit reads 1 to {CHANGED_FORMAT}"
        )
    check_values(row)
    names = {item.name for item in fields(Score)} - set(APART)
    notes = row.get("notes", ())
    row["notes"] = tuple(note_from_text(n) if version == 1 else Note(**n) for n in notes)
    # Before curves had a field of their own, those of a watched net were among its parameters.
    params = dict(row.get("params", {}))
    curves = tuple(params.pop("curves", ()))
    values = {key: value for key, value in row.items() if key in names}
    return Score(**(values | {"params": params, "curves": curves}))


def _clips(path: Path) -> dict[Cell, list[dict[str, Any]]]:
    """Return the fields of clips and epochs of each cell, as often as they were written."""
    clips: dict[Cell, list[dict[str, Any]]] = {}
    for number, row in read_lines(path, "cell") if path.exists() else ():
        cell = row["cell"]
        if not isinstance(cell, list) or not all(isinstance(part, (str, int)) for part in cell):
            raise ParameterError(
                f"{path}, line {number}: not the predictions of a result of featkit"
            )
        named = PER_CLIP + PER_EPOCH
        fields_of = {name: _frozen(row[name]) for name in named if name in row}
        clips.setdefault(tuple(cell), []).append(fields_of)
    return clips


def _complete(path: Path, number: int, score: Score, written: list[dict[str, Any]]) -> Score:
    """Return a score with its predictions: the last ones written that agree with it.

    Predictions are written first, so those of a process that was killed in between are later than
    the score.
    """
    why = ""
    for clips in reversed(written):
        why = contradiction(score, clips)
        if not why:
            return replace(score, **clips)
    if why:
        raise ParameterError(
            f"{path}, line {number}: the result contradicts its own predictions: {why}"
        )
    return score


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
