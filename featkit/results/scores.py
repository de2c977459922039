"""Results: one `Score` per system and fold, kept as JSON lines with the predictions of every clip
beside them.
"""

import io
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from filelock import FileLock

from featkit.errors import ParameterError

Cell = tuple[str, str, str, str, str, int]


@dataclass(frozen=True)
class Score:
    """How one system did on one fold.

    Attributes
    ----------
    dataset, feature, classifier : str
        What was measured: the feature's canonical text, the classifier's text as given.
    protocol : {"nested", "paper", "paper-weighted"}
        ``paper`` selects on the test folds and is optimistic.
    fold : str
        Name of the test fold.
    seed : int
        Seed of the classifier.
    scheme : str
        How the folds were made, such as ``official folds``; results of different schemes are never
        pooled.
    accuracy, macro_accuracy, macro_f1, log_loss : float or None
        Shares in 0–1; log loss in nats, None where the classifier gives no probabilities.
    n_train, n_test : int
        Clips.
    params : dict
        Hyper-parameters that were selected; with ``watch`` of a net also ``numbers``
        (`featkit.training.curves.numbers`).
    fit_seconds, predict_seconds : float
        Wall-clock seconds.
    model_bytes : int
        Size of the fitted model's arrays.
    data : str
        `scoring.Run.data` of what was learned from: a cell is done only for the same data, weights
        files and outside nets.
    notes : tuple of str
        What a reader of the number must know, such as leakage that was allowed.
    error : str
        Why the cell failed; empty where it did not.
    classes : tuple of str
        Sorted labels of the dataset.
    ids, groups, y_true, y_pred : tuple of str
        One entry for each test clip.
    probabilities : tuple of tuple of float, or None
        Rows as ``ids``, columns as ``classes``.
    """

    dataset: str
    feature: str
    classifier: str
    protocol: str
    fold: str
    seed: int = 0
    scheme: str = ""
    accuracy: float | None = None
    macro_accuracy: float | None = None
    macro_f1: float | None = None
    log_loss: float | None = None
    n_train: int = 0
    n_test: int = 0
    params: dict[str, Any] = field(default_factory=dict)
    fit_seconds: float = 0.0
    predict_seconds: float = 0.0
    model_bytes: int = 0
    data: str = ""
    notes: tuple[str, ...] = ()
    error: str = ""
    classes: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    y_true: tuple[str, ...] = ()
    y_pred: tuple[str, ...] = ()
    probabilities: tuple[tuple[float, ...], ...] | None = None

    @property
    def cell(self) -> Cell:
        """What identifies this result: (dataset, feature, classifier, protocol, fold, seed)."""
        return (self.dataset, self.feature, self.classifier, self.protocol, self.fold, self.seed)

    @property
    def optimistic(self) -> bool:
        """Whether hyper-parameters were selected on the test folds."""
        return self.protocol in PAPER_PROTOCOLS

    @property
    def leaky(self) -> bool:
        """Whether training and test clips were allowed to share a group or a recording."""
        return any(note.startswith(LEAKAGE) for note in self.notes)

    def row(self) -> dict[str, Any]:
        """Return what one line of the results holds: every field but the per-clip ones."""
        return {
            item.name: getattr(self, item.name)
            for item in fields(self)
            if item.name not in _PER_CLIP
        }


LEAKAGE = "leakage allowed"
PAPER_WEIGHTED = "paper-weighted"
# Protocols that select hyper-parameters on the test folds.
PAPER_PROTOCOLS = ("paper", PAPER_WEIGHTED)
_PER_CLIP = ("classes", "ids", "groups", "y_true", "y_pred", "probabilities")


def append(path: str | os.PathLike[str], scores: Iterable[Score]) -> None:
    """Append scores to ``path`` (JSON lines) and their per-clip predictions to ``path`` +
    ``.predictions``.

    Predictions are written first and every line in one write under a lock, so a result that can be
    read is whole, and several processes may append to one file. The torn line of a writer that was
    killed is cut off.
    """
    path = Path(path)
    for score in scores:
        clips = {"cell": list(score.cell)} | {name: getattr(score, name) for name in _PER_CLIP}
        with FileLock(path.with_name(f".{path.name}.lock")):
            _append_line(predictions_path(path), clips)
            _append_line(path, score.row())


def predictions_path(path: str | os.PathLike[str]) -> Path:
    """Return where the per-clip predictions of the results at ``path`` lie."""
    return Path(f"{os.fspath(path)}.predictions")


def read(path: str | os.PathLike[str]) -> list[Score]:
    """Return the scores at ``path``; the last one of each cell counts, a torn last line is left
    out.

    Raises
    ------
    ParameterError
        If the file is missing or a line other than the last is not a result.
    """
    clips: dict[Cell, dict[str, Any]] = {}
    for number, row in _lines(predictions_path(path), required=False):
        if "cell" not in row:
            raise ParameterError(
                f"{predictions_path(path)}, line {number}: not the predictions of a result of featkit"
            )
        clips[tuple(row.pop("cell"))] = {
            key: _freeze(value) for key, value in row.items() if key in _PER_CLIP
        }
    return [replace(score, **clips.get(cell, {})) for cell, score in _scores(path).items()]


def done(path: str | os.PathLike[str]) -> dict[Cell, str]:
    """Return the cells at ``path`` that have a result without an error, each with its ``data``;
    none without the file.
    """
    return (
        {cell: score.data for cell, score in _scores(path).items() if not score.error}
        if Path(path).exists()
        else {}
    )


def _scores(path: str | os.PathLike[str]) -> dict[Cell, Score]:
    known = {item.name for item in fields(Score)}
    scores: dict[Cell, Score] = {}
    for number, row in _lines(Path(path), required=True):
        try:
            row["notes"] = tuple(row.get("notes", ()))
            score = Score(**{key: value for key, value in row.items() if key in known})
        except TypeError as error:
            raise ParameterError(
                f"{path}, line {number}: not a result of featkit ({error})"
            ) from error
        scores[score.cell] = score
    return scores


def _freeze(value: Any) -> Any:
    return tuple(_freeze(item) for item in value) if isinstance(value, list) else value


def _append_line(path: Path, row: dict[str, Any]) -> None:
    data = (json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n").encode()
    with open(path, "a+b", buffering=0) as file:
        _cut_torn_line(file)
        file.write(data)


def _cut_torn_line(file: io.FileIO) -> None:
    """Truncate ``file`` after its last line end, searched backwards in blocks, unless what follows
    is a whole line.
    """
    end = size = file.seek(0, os.SEEK_END)
    while end:
        start = max(0, end - 65536)
        file.seek(start)
        newline = file.read(end - start).rfind(b"\n")
        if newline >= 0:
            end = start + newline + 1
            break
        end = start
    if end == size:
        return
    file.seek(end)
    try:
        json.loads(file.read())
    except ValueError:
        file.truncate(end)
    else:
        file.write(b"\n")  # Whole but for its line end, as an editor may leave it.


def _lines(path: Path, required: bool) -> Iterator[tuple[int, dict[str, Any]]]:
    if not path.exists():
        if required:
            raise ParameterError(f"no results at {path}")
        return
    lines = [
        line
        for line in path.read_text(encoding="utf-8", errors="replace").split("\n")
        if line.strip()
    ]
    for number, line in enumerate(lines, start=1):
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            if number == len(lines):
                return
            raise ParameterError(f"{path}, line {number}: not JSON ({error})") from error
        if not isinstance(row, dict):
            raise ParameterError(
                f"{path}, line {number}: not a result of featkit but {type(row).__name__}"
            )
        yield number, row
