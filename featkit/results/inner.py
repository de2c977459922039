"""Inner predictions: what models that saw neither a clip nor the test fold say of the training
clips.

They are in a file beside the results, of which a stack learns its weights and no one else reads.
"""

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from featkit.errors import ParameterError
from featkit.results.jsonlines import append_line, read_lines
from featkit.results.scores import Cell, Inner, Score

DECIMALS = 6


def inner_path(path: str | os.PathLike[str]) -> Path:
    """Return where the inner predictions of the results at ``path`` are."""
    return Path(f"{os.fspath(path)}.inner")


def append_inner(path: Path, score: Score, inner: Inner) -> None:
    """Append the inner predictions of a score; the caller holds the lock of ``path``."""
    row = {
        "cell": list(score.cell),
        "data": score.data,
        "classes": list(score.classes),
        "ids": list(inner.ids),
        "y_true": list(inner.y_true),
        "probabilities": np.round(inner.probabilities, DECIMALS).tolist(),
    }
    append_line(inner_path(path), row, "cell")


def with_inner(scores: Iterable[Score], path: str | os.PathLike[str]) -> list[Score]:
    """Return scores with the inner predictions that are stored beside the results at ``path``.

    Scores without any, and those of other data than the stored ones, stay as they are.

    Raises
    ------
    ParameterError
        If a line of the file is not what `append_inner` writes.
    """
    place = inner_path(path)
    stored: dict[tuple[Cell, str], Inner] = {}
    for number, row in read_lines(place, "cell") if place.exists() else ():
        try:
            cell, inner = _inner(row)
        except (KeyError, TypeError, ValueError) as error:
            raise ParameterError(
                f"{place}, line {number}: no inner predictions ({error})"
            ) from error
        stored[cell, str(row["data"])] = inner
    return [
        replace(score, inner=stored.get((score.cell, score.data), score.inner)) for score in scores
    ]


def _inner(row: dict[str, Any]) -> tuple[Cell, Inner]:
    ids, y_true = tuple(map(str, row["ids"])), tuple(map(str, row["y_true"]))
    values = np.array(row["probabilities"], dtype=np.float64)
    shape = (len(ids), len(row["classes"]))
    if values.shape != shape or len(y_true) != len(ids):
        raise ValueError(f"shape {values.shape} instead of {shape}")
    if not ((values >= 0) & (values <= 1)).all():
        raise ValueError("a probability outside 0–1")
    cell: Cell = tuple(row["cell"])
    return cell, Inner(ids, y_true, values)
