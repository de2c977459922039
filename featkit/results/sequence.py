"""Scores as one object: a list that shows itself, becomes a data frame and goes to disk."""

import os
from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Self, SupportsIndex, overload

from featkit.naming import display
from featkit.results import files
from featkit.results.pooling import POOLED, per_clip
from featkit.results.scores import PAPER_WEIGHTED, Score

if TYPE_CHECKING:
    import pandas as pd

Path = str | os.PathLike[str]
# (dataset, feature, classifier, protocol), and the intervention where there is one
SystemName = tuple[str, ...]


class Scores(list[Score]):
    """A list of `Score`, as `featkit.evaluate` returns it.

    Examples
    --------
    >>> scores = Scores.load("results.jsonl")                         # doctest: +SKIP
    >>> scores.to_frame().groupby("classifier").accuracy.mean()       # doctest: +SKIP
    """

    def __repr__(self) -> str:
        return f"Scores({self._summary()})"

    def _summary(self) -> str:
        systems = display.counted(len({score.cell[:4] for score in self}), "system")
        failed = sum(bool(score.error) for score in self)
        more = f", {failed} failed" if failed else ""
        return f"{display.counted(len(self), 'score')} of {systems}{more}"

    def _repr_html_(self) -> str:
        header = ("dataset", "feature", "classifier", "protocol", "accuracy %", "scores")
        clips = self.pooled()
        rows, pooled = (
            [
                (
                    *name[:3],
                    ", ".join(name[3:]),
                    "–" if mean is None else f"{100 * mean:.1f}",
                    count,
                )
                for name, (mean, count) in scores.means().items()
            ]
            for scores in (self, clips)
        )
        notes = dict.fromkeys(note.text for score in self for note in score.notes)
        errors = dict.fromkeys(f"Failed: {score.error}" for score in self if score.error)
        return display.page(
            f"Scores: {self._summary()}",
            display.table(header, rows),
            *([display.lines([f"{POOLED}:"]), display.table(header, pooled)] if pooled else []),
            display.lines([*notes, *errors]),
        )

    @overload
    def __getitem__(self, index: SupportsIndex) -> Score: ...
    @overload
    def __getitem__(self, index: slice) -> Self: ...
    def __getitem__(self, index: SupportsIndex | slice) -> Score | Self:
        """Return one score, or a slice as `Scores`."""
        return (
            type(self)(super().__getitem__(index))
            if isinstance(index, slice)
            else super().__getitem__(index)
        )

    def __add__(self, other: Iterable[Score]) -> Self:  # type: ignore[override]
        """Return the scores of both."""
        return type(self)([*self, *other])

    def means(self) -> dict[SystemName, tuple[float | None, int]]:
        """Return the mean accuracy and the number of scores of each system, failed ones left out;
        scores of changed recordings apart, by their intervention.

        Folds count equally; under ``paper-weighted`` by their number of clips. The mean is None
        where every score failed.
        """
        systems: dict[SystemName, list[Score]] = defaultdict(list)
        for score in self:
            systems[score.system].append(score)
        return {name: _mean(scores) for name, scores in systems.items()}

    def pooled(self) -> Self:
        """Return the scores of the clips that the rows are windows of (`featkit.results.pooled`).

        By mean probability; by vote, with a note, where a classifier gives none. There are none
        where the rows are whole clips.
        """
        return type(self)(per_clip(self))

    def to_frame(self) -> "pd.DataFrame":
        """Return one row for each score: every field but the per-clip ones, notes as texts."""
        import pandas as pd

        rows = [score.row() | {"notes": [note.text for note in score.notes]} for score in self]
        return pd.DataFrame(rows, columns=list(_blank().row()))

    def save(self, path: Path) -> None:
        """Append the scores to the results at ``path``, which later replace earlier ones of a cell.

        Raises
        ------
        ParameterError
            If the file holds anything but results.
        """
        files.append(path, self)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Return the scores at ``path``; the last one of each cell counts.

        Raises
        ------
        ParameterError
            As `featkit.results.read`.
        """
        return cls(files.read(path))


def _percent(fraction: float | None) -> str:
    return "–" if fraction is None else f"{100 * fraction:.1f}"


def _mean(scores: Iterable[Score]) -> tuple[float | None, int]:
    done = [(score, score.accuracy) for score in scores if score.accuracy is not None]
    if not done:
        return None, 0
    weights = [score.n_test if score.protocol == PAPER_WEIGHTED else 1 for score, _ in done]
    total = sum(accuracy * weight for (_, accuracy), weight in zip(done, weights, strict=True))
    return total / sum(weights), len(done)


def _blank() -> Score:
    return Score("", "", "", "", "")
