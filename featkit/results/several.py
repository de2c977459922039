"""Results of several files together, where one name must mean one dataset."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from featkit.errors import ParameterError, listed
from featkit.results.files import read
from featkit.results.scores import Cell, Score

Path = str | os.PathLike[str]


@dataclass(frozen=True)
class Several:
    """What several files hold.

    Attributes
    ----------
    scores : tuple of Score
        In the order of the files; the last one of each cell counts.
    warnings : tuple of str
        Results of one file that are replaced by different ones of another.
    """

    scores: tuple[Score, ...]
    warnings: tuple[str, ...]


@dataclass
class _Seen:
    """What is known of a dataset, and which file says so."""

    classes: dict[tuple[str, ...], str] = field(default_factory=dict)
    labels: dict[str, tuple[str, str]] = field(default_factory=dict)
    folds: dict[tuple[str, str], tuple[set[str], str]] = field(default_factory=dict)


def read_all(paths: Sequence[Path]) -> Several:
    """Return the scores of all files.

    Raises
    ------
    ParameterError
        If a file cannot be read (`read`), or two datasets have one name: their classes differ, a
        clip has two labels, or a fold of one shares no clip with that of the other. The message
        names both files.
    """
    named = [os.fspath(path) for path in paths]
    scores = [(score, path) for path in named for score in read(path)]
    check_datasets(scores)
    cells: dict[Cell, tuple[Score, str]] = {}
    replaced: dict[tuple[str, str], int] = {}
    for score, path in scores:
        earlier, place = cells.get(score.cell, (score, path))
        if (earlier.data, earlier.y_pred) != (score.data, score.y_pred) and place != path:
            replaced[place, path] = replaced.get((place, path), 0) + 1
        cells[score.cell] = score, path
    warnings = tuple(
        f"{count} results of {old!r} are replaced by other results of the same systems and folds "
        f"in {new!r}"
        for (old, new), count in replaced.items()
    )
    return Several(tuple(score for score, _ in cells.values()), warnings)


def check_datasets(scores: Iterable[tuple[Score, str]]) -> None:
    """Raise ParameterError if scores are of different datasets of one name, as `read_all` does.

    Parameters
    ----------
    scores : iterable of (Score, str)
        Each with the file that it is from, or an empty text.
    """
    seen: dict[str, _Seen] = {}
    for score, path in scores:
        if score.ids and not score.error:
            _compare(seen.setdefault(score.dataset, _Seen()), score, path)


def _compare(seen: _Seen, score: Score, path: str) -> None:
    """Note what a score says of its dataset; raise where that contradicts what is known."""
    seen.classes.setdefault(score.classes, path)
    if len(seen.classes) > 1:
        other, place = next(iter(seen.classes.items()))
        differing = sorted(set(other) ^ set(score.classes))
        _refuse(score, place, path, f"one lacks the classes {listed(differing)}")
    for name, label in zip(score.ids, score.y_true, strict=True):
        before, place = seen.labels.setdefault(name, (label, path))
        if before != label:
            _refuse(score, place, path, f"the clip {name!r} is labelled {before!r} and {label!r}")
    clips, place = seen.folds.setdefault((score.scheme, score.fold), (set(score.ids), path))
    if clips.isdisjoint(score.ids):
        _refuse(score, place, path, f"fold {score.fold} shares no clip: {_first(clips, score.ids)}")


def _first(clips: Iterable[str], others: Iterable[str]) -> str:
    return f"{min(clips)!r} … there, {min(others)!r} … here"


def _refuse(score: Score, place: str, path: str, why: str) -> None:
    files = f"{place!r} and {path!r} hold" if place != path else f"{path!r} holds"
    where = files if path else "there are"
    raise ParameterError(
        f"{where} results of different datasets that are both called {score.dataset!r}: "
        f"{why}. "
        "They would be taken for each other: compare them one at a time, or, where labels were "
        "corrected, evaluate all systems anew"
    )
