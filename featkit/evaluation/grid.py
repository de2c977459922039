"""Many evaluations into one file of results: what was requested, what is there already, what is
still to run.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from featkit.errors import FeatkitError, ParameterError
from featkit.evaluation.folding import PRESCRIBED, Folding
from featkit.evaluation.preparing import Protocol, Run, prepare
from featkit.evaluation.running import perform
from featkit.naming import spec
from featkit.results import files
from featkit.results.scores import Cell, Score
from featkit.store.table import Table

# () -> (rows to learn from, rows of another corpus to test on or None) and, where there are any,
# those of its test clips by intervention; called when its turn comes, so that one table is held.
Source = Callable[[], tuple[Table, Table | None] | tuple[Table, Table | None, Mapping[str, Table]]]
# (title of the system, its cells, those still to run) -> what is called with each new score
Progress = Callable[[str, int, int], Callable[[Score], None]]


@dataclass(frozen=True, kw_only=True)
class Grid:
    """What is measured on one table: every classifier with every seed under every protocol.

    Attributes
    ----------
    classifiers : tuple of str
        ``name:key=value,…``.
    seeds : int
        Seeds of each classifier, 0 … seeds − 1; a classifier with a seed in its text runs with that
        one only.
    protocol : tuple of {"nested", "paper", "paper-weighted"}
    folding : Folding

    Raises
    ------
    ParameterError
        If there are fewer seeds than 1 or more than 10,000.
    """

    classifiers: tuple[str, ...]
    seeds: int = 1
    protocol: tuple[Protocol, ...] = ("nested",)
    folding: Folding = PRESCRIBED

    def __post_init__(self) -> None:
        if not 1 <= self.seeds <= spec.MOST_SEEDS:
            raise ParameterError(f"seeds={self.seeds} is not between 1 and {spec.MOST_SEEDS}")

    def runs(
        self,
        table: Table,
        test: Table | None = None,
        interventions: Mapping[str, Table] | None = None,
    ) -> Iterator[Run]:
        """Yield one checked run for each classifier, protocol and seed.

        Raises
        ------
        ParameterError, DatasetError
            As `prepare`.
        """
        for classifier in self.classifiers:
            seeds = 1 if "seed" in spec.parse(classifier)[1] else self.seeds
            for protocol in dict.fromkeys(self.protocol):
                for seed in range(seeds):
                    yield prepare(
                        table,
                        classifier,
                        protocol=protocol,
                        seed=seed,
                        folding=self.folding,
                        test=test,
                        interventions=interventions,
                    )


@dataclass(frozen=True)
class Measured:
    """What was requested and what was new.

    Attributes
    ----------
    cells : tuple of Cell
        Everything that was requested.
    computed : tuple of Score
        What was computed now, failures included; everything else was there.
    """

    cells: tuple[Cell, ...]
    computed: tuple[Score, ...]

    @property
    def failed(self) -> tuple[Score, ...]:
        """Scores that name a failure."""
        return tuple(score for score in self.computed if score.error)


def measure(
    work: Iterable[tuple[Source, Grid]],
    results: str | os.PathLike[str],
    *,
    n_jobs: int = 1,
    progress: Progress | None = None,
    on_error: Callable[[FeatkitError], None] | None = None,
) -> Measured:
    """Append to ``results`` what it lacks of some grids, score by score.

    A process that is killed loses the folds that it was computing; the next call with the same
    arguments runs only those. Cells that failed run again.

    Parameters
    ----------
    work : iterable of (source, grid)
    results : path
        JSON lines; see `featkit.results.append`.
    n_jobs : int
        Processes over folds.
    progress : callable, optional
        Called for each system with its title, the number of its cells and how many of them are
        still to run; what it returns is called with each new score.
    on_error : callable, optional
        Called with the reason where a table cannot be evaluated as asked; the others go on. By
        default that is raised.

    Raises
    ------
    ParameterError, DatasetError, StoreError
        If a table cannot be evaluated as asked and there is no ``on_error``; what was measured
        before is kept.
    """
    done = files.done(results)
    cells: dict[Cell, None] = {}
    computed: list[Score] = []
    for source, grid in work:
        try:
            for run in grid.runs(*source()):
                _check_same(run, results, done)
                cells |= dict.fromkeys(run.cells)
                computed += _perform(run, results, done, n_jobs, progress)
        except FeatkitError as error:
            if on_error is None:
                raise
            on_error(error)
    return Measured(tuple(cells), tuple(computed))


def _check_same(run: Run, results: str | os.PathLike[str], done: dict[Cell, str]) -> None:
    """Raise where ``results`` holds the same cells of another dataset with the same name.

    It is taken for another dataset where no clip is in both.
    """
    cells = {run.blank(split).cell for split in run.plan.measured}
    if all(done.get(cell, run.data) == run.data for cell in cells):
        return
    clips = {name for score in files.read(results) if score.cell in cells for name in score.ids}
    if clips and clips.isdisjoint(run.table.ids.tolist()):
        raise ParameterError(
            f"{os.fspath(results)} holds results of another dataset that is also called "
            f"{run.table.dataset!r}: it shares no clip with this one, and they would be taken for "
            "each other; write to another file"
        )


def _perform(
    run: Run,
    results: str | os.PathLike[str],
    done: dict[Cell, str],
    n_jobs: int,
    progress: Progress | None,
) -> list[Score]:
    title = f"{run.table.dataset}: {run.table.feature} + {run.label}"
    parts = 1 + len(run.changed)
    left = parts * len(run.missing(done))
    step = progress(title, len(run.cells), left) if progress else None

    def keep(score: Score) -> None:
        files.append(results, [score])
        if not score.error:
            done[score.cell] = score.data
        if step:
            step(score)

    return perform(run, n_jobs=n_jobs, done=done, on_score=keep)
