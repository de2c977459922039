"""Runs a planned experiment: fills stores, measures and fuses systems, writes a report.

Whatever is there is kept.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from featkit.classifiers.base import named
from featkit.comparison.overview import Comparison, compare
from featkit.errors import FeatkitError
from featkit.evaluation import measure
from featkit.evaluation.grid import Measured, Progress, Source
from featkit.experiment.config import Experiment, Fusion
from featkit.experiment.planning import NEVER_TOGETHER, Corpus, Plan, Work, fusible
from featkit.extraction import Report, extract
from featkit.report.specimens import from_stores
from featkit.results import Score, append, fuse, read
from featkit.results.inner import with_inner
from featkit.store import Store
from featkit.store.table import Table
from featkit.store.whole import write_text

Extraction = Callable[[int], Callable[[Any], None]]


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a run of an experiment did and found.

    Attributes
    ----------
    plan : Plan
    extracted : tuple of Report
        One for each extraction.
    computed, fused : tuple of Score
        What was new; empty where a finished run is repeated.
    problems : tuple of str
        What could not be done, and why.
    comparison : Comparison or None
        Of everything that the experiment asks for, from this run and earlier ones; None without any
        result.
    written : tuple of str
        The files of the report.
    """

    plan: Plan
    extracted: tuple[Report, ...]
    computed: tuple[Score, ...]
    fused: tuple[Score, ...]
    problems: tuple[str, ...]
    comparison: Comparison | None
    written: tuple[str, ...]

    @property
    def failed(self) -> tuple[Score, ...]:
        """Scores of this run that name a failure."""
        return tuple(score for score in self.computed if score.error)

    @property
    def failures(self) -> int:
        """Number of clips, cells and steps that failed."""
        return (
            len(self.failed)
            + len(self.problems)
            + sum(len(report.failures) for report in self.extracted)
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the outcome as plain data, as ``featkit run --json`` prints it."""
        comparison = self.comparison.to_dict() if self.comparison else {"systems": [], "tests": []}
        counts = {
            "computed": len(self.computed),
            "fused": len(self.fused),
            "failed": len(self.failed),
        }
        extracted = [report.to_dict() for report in self.extracted]
        files = {"results": self.plan.experiment.results, "report": list(self.written)}
        problems = {"problems": list(self.problems)}
        return {**files, "extracted": extracted, **counts, **problems, **comparison}


def run(
    plan: Plan,
    *,
    extraction: Callable[[str], Extraction] | None = None,
    progress: Progress | None = None,
    command: str = "",
) -> Outcome:
    """Do what a plan says and is not done yet, and return the outcome.

    The items of ``systems`` are done one after the other: extracted, then measured. Killed at any
    moment and run again, it goes on where it was: rows are complete or absent in the store, and
    results are appended fold by fold. A table that cannot be evaluated, or a fusion whose member
    failed, is a problem of the outcome and stops nothing else.

    Parameters
    ----------
    plan : Plan
        From `planning.check`.
    extraction : callable, optional
        Called with the name of each dataset; gives the ``progress`` of `featkit.extract`.
    progress : callable, optional
        ``progress`` of `featkit.evaluation.measure`.
    command : str
        What the report names as the way to make it again.

    Raises
    ------
    StoreError
        If a store is in use by another process.
    """
    experiment = plan.experiment
    for path in experiment.outputs:
        path.parent.mkdir(parents=True, exist_ok=True)
    problems: list[str] = []
    extracted: list[Report] = []
    measured: list[Measured] = []
    ready: set[tuple[str, str]] = set()
    for systems in experiment.systems:
        work = [item for item in plan.work if item.systems is systems]
        extracted += _extracted(plan, work, ready, extraction)
        measured.append(
            measure(
                [(_source(plan, item), systems) for item in work],
                experiment.results,
                n_jobs=experiment.jobs,
                progress=progress,
                on_error=lambda error: problems.append(str(error)),
            )
        )
    return _concluded(plan, extracted, measured, problems, command)


def _concluded(
    plan: Plan, extracted: list[Report], measured: list[Measured], problems: list[str], command: str
) -> Outcome:
    """Return the outcome, after everything that rests on stored results: fusions, comparison,
    report.
    """
    experiment = plan.experiment
    cells = {cell for part in measured for cell in part.cells}
    computed = tuple(score for part in measured for score in part.computed)
    stored = (
        {score.cell: score for score in read(experiment.results)}
        if Path(experiment.results).exists()
        else {}
    )
    scores = [score for cell, score in stored.items() if cell in cells]
    if any(fusion.rule.startswith("stack") for fusion in experiment.fuse):
        scores = with_inner(scores, experiment.results)
    fused = [
        score for fusion in experiment.fuse for score in _fused(fusion, plan, scores, problems)
    ]
    new = tuple(score for score in fused if stored.get(score.cell) != score)
    append(experiment.results, new)
    comparison = _compared([*scores, *fused], experiment, problems)
    written = _written(plan, comparison, command) if comparison else ()
    return Outcome(plan, tuple(extracted), computed, new, tuple(problems), comparison, written)


def _extracted(
    plan: Plan,
    work: list[Work],
    ready: set[tuple[str, str]],
    progress: Callable[[str], Extraction] | None,
) -> list[Report]:
    """Bring what some work needs up to date in the stores, each feature once in a run.

    ``ready`` collects what is up to date.
    """
    experiment, reports = plan.experiment, []
    options: dict[str, Any] = {
        "jobs": experiment.jobs,
        "device": experiment.device,
        "dtype": experiment.dtype,
        "limit": experiment.limit,
        "scheduler": experiment.scheduler or None,
    }
    for name, corpus in plan.corpora.items():
        needed = dict.fromkeys(
            part for item in work if name in (item.dataset, item.test) for part in item.parts
        )
        features = [feature for feature in needed if (name, feature) not in ready]
        if features:
            bar = progress(corpus.dataset.name) if progress else None
            reports.append(extract(corpus.dataset, features, corpus.store, progress=bar, **options))
            ready |= {(name, feature) for feature in features}
    return reports


def _source(plan: Plan, item: Work) -> Source:
    """Return what reads the tables of one piece of work when its turn comes."""

    def tables() -> tuple[Table, Table | None]:
        train = _table(plan.corpora[item.dataset], item.feature)
        return train, (_table(plan.corpora[item.test], item.feature) if item.test else None)

    return tables


def _table(corpus: Corpus, feature: str) -> Table:
    """Return the rows of the corpus's own clips; a store may hold more than the first clips that a
    trial needs.
    """
    table = Store(corpus.store).table(feature)
    clips = [clip.id for clip in corpus.dataset.clips]
    own = table.select(np.isin(table.ids, clips))
    return replace(own, n_missing=len(clips) - len(own.originals))


def _fused(fusion: Fusion, plan: Plan, scores: list[Score], problems: list[str]) -> list[Score]:
    """Return the scores of one fusion; what cannot be fused is a problem."""
    groups = fusible(fusion, {(cell[1], cell[2]) for cell in plan.cells}, scores)
    if not groups:
        problems.append(f"fuse {fusion.name!r}: {NEVER_TOGETHER}")
    fused: list[Score] = []
    for group in groups:
        try:
            fused += fuse(group, fusion.rule, across_seeds=fusion.across_seeds)
        except FeatkitError as error:
            problems.append(f"fuse {fusion.name!r}: {error}")
    return [replace(score, feature=fusion.name) for score in fused]


def _compared(
    scores: list[Score], experiment: Experiment, problems: list[str]
) -> Comparison | None:
    if not scores:
        return None
    try:
        baseline = named(experiment.baseline) or None
        return compare(scores, baseline=baseline, all_pairs=experiment.all_pairs)
    except FeatkitError as error:
        problems.append(f"baseline: {error}")
        return compare(scores)


def _written(plan: Plan, comparison: Comparison, command: str) -> tuple[str, ...]:
    """Write the pages of the report, HTML with pictures and Markdown; return their paths."""
    experiment = plan.experiment
    for path in experiment.pages:
        if path.suffix == ".html":
            stores = [Store(corpus.store) for corpus in plan.corpora.values()]
            specimens = from_stores(stores, experiment.audio)
            write_text(path, comparison.to_html(command=command, specimens=specimens))
        else:
            write_text(path, comparison.to_markdown())
    return tuple(map(str, experiment.pages))
