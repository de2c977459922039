"""Comparison: what a set of scores says about the systems behind it.

Systems are ranked and tested within a league: one dataset, one protocol, one way of making folds.
Numbers of different leagues never meet in a test, so an optimistic ``paper`` result cannot win
against an honest one.
"""

import os
import pathlib
import warnings
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from typing import Any

from featkit.comparison.findings import PAGES, Findings
from featkit.comparison.interventions import interventions
from featkit.comparison.labels import find
from featkit.comparison.pairs import adjusted, contrast, shared
from featkit.comparison.pooling import pool
from featkit.comparison.ranking import places, rankings, variance_tests
from featkit.comparison.systems import League, System
from featkit.comparison.text.csv import confusion_csv, folds_csv, systems_csv
from featkit.comparison.text.latex import latex
from featkit.comparison.text.markdown import markdown
from featkit.comparison.text.notebook import notebook
from featkit.comparison.text.plain import as_dict
from featkit.comparison.text.terminal import terminal
from featkit.errors import ParameterError
from featkit.naming import display
from featkit.results import Score, read_all
from featkit.results.pooling import per_clip
from featkit.results.several import check_datasets

Path = str | os.PathLike[str]
_METRICS = ("macro_accuracy", "macro_f1", "log_loss")


class Comparison(Findings):
    """What a set of scores says about its systems; `Findings` lists the attributes."""

    def __repr__(self) -> str:
        datasets = display.counted(len({row["dataset"] for row in self.systems}), "dataset")
        return f"Comparison({display.counted(len(self.systems), 'system')} on {datasets})"

    def __str__(self) -> str:
        """The ranking, as ``featkit compare`` prints it."""
        return terminal(self)

    def _repr_html_(self) -> str:
        return notebook(self)

    def to_dict(self) -> dict[str, Any]:
        """Return everything in types that JSON has."""
        return as_dict(self)

    def to_markdown(self) -> str:
        """Return the comparison as Markdown tables."""
        return markdown(self)

    def to_latex(self) -> str:
        """Return the comparison as LaTeX tables (package booktabs)."""
        return latex(self)

    def to_csv(self) -> str:
        """Return a header and one row for each system, as comma-separated values."""
        return systems_csv(self)

    def folds_csv(self) -> str:
        """Return a header and one row for each system, seed and fold."""
        return folds_csv(self)

    def confusion_csv(self) -> str:
        """Return a header and one row for each system, true and predicted class, with its count."""
        return confusion_csv(self)

    def to_html(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        command: str = "",
        specimens: Callable[[str, str], Any] | None = None,
    ) -> str:
        """Return the report as one HTML page that needs nothing else, and write it to ``path``.

        Parameters
        ----------
        path : path-like, optional
            Where to write the page; without it nothing is written.
        command : str
            What reproduces the page; shown at its end.
        specimens : callable, optional
            ``specimens(dataset, clip id)`` pictures a clip, such as
            `featkit.report.specimens.from_stores` of the stores that the clips come from.
        """
        page = PAGES.get("html")(self, command, specimens)
        if path is not None:
            pathlib.Path(path).write_text(page, encoding="utf-8")
        return page


def compare(
    scores: Path | Iterable[Score | Path], *, baseline: str | None = None, all_pairs: bool = False
) -> Comparison:
    """Return the comparison of all systems in some scores.

    Parameters
    ----------
    scores : iterable of Score, or path or iterable of paths of results
        Of any datasets, protocols and seeds; the last score of a cell counts. Results of one file
        that replace others of an earlier file are named in a warning. Those of windows are compared
        twice: by window, and pooled per clip (`featkit.results.pooled`).
    baseline : str, optional
        The system that all others are tested against: ``feature + classifier``, or one of the two
        where it is unique. By default they are tested against the best of their league.
    all_pairs : bool
        Test every pair of a league instead. The more tests, the larger the adjusted p-values.

    Raises
    ------
    ParameterError
        If there are no scores, a file cannot be read (`featkit.results.read_all`), no system, or
        more than one, is called ``baseline``, ``all_pairs`` is given with a baseline, or two
        datasets have one name: their classes differ, a clip has two labels, or a fold of one shares
        no clip with that of the other.
    """
    if all_pairs and baseline is not None:
        raise ParameterError(f"baseline={baseline!r} and all_pairs=True: choose one of the two")
    everything = _scores(scores)
    check_datasets((score, "") for score in everything)
    measured = list({score.cell: score for score in everything}.values())
    measured += per_clip(measured)
    leagues: dict[League, list[System]] = {}
    for system in pool(measured):
        leagues.setdefault(system.league, []).append(system)
    if not leagues:
        raise ParameterError("no results to compare")
    everyone = [system for league in leagues.values() for system in league]
    base = None if baseline is None else find(baseline, everyone)
    rows, members, tests, variance, notes = [], [], [], [], []
    for _, league in sorted(leagues.items()):
        ordered = sorted(
            league, key=lambda system: (not system.complete, -(system.mean or 0.0), system.label)
        )
        members += ordered
        rows += [_row(system, rank) for system, rank in zip(ordered, places(ordered), strict=True)]
        tests += [test for a, b in _pairs(ordered, base, all_pairs) for test in contrast(a, b)]
        variance += variance_tests(ordered)
        notes += _notes(ordered, base)
    return Comparison(
        systems=rows,
        tests=adjusted(tests),
        variance=adjusted(variance),
        rankings=rankings(members),
        failures=[_failure(score) for system in members for score in system.failed]
        + [_failure(score) for score in measured if score.error and score.intervention],
        notes=notes,
        members=members,
        interventions=interventions(measured),
        baseline=base,
        all_pairs=all_pairs,
    )


def _scores(scores: Path | Iterable[Score | Path]) -> list[Score]:
    """Return scores as they are, and those of files."""
    items = [scores] if isinstance(scores, str | os.PathLike) else list(scores)
    files = [item for item in items if not isinstance(item, Score)]
    together = read_all(files)
    for warning in together.warnings:
        warnings.warn(warning, stacklevel=3)
    return [*(item for item in items if isinstance(item, Score)), *together.scores]


def _pairs(
    systems: Sequence[System], base: str | None, all_pairs: bool
) -> list[tuple[System, System]]:
    """Return the pairs of complete systems to test, the better one or the baseline first."""
    complete = [system for system in systems if system.complete]
    if all_pairs:
        return list(combinations(complete, 2))
    if base is None:
        return [(complete[0], other) for other in complete[1:]]
    first = [system for system in complete if system.label == base]
    return [(system, other) for system in first for other in complete if other is not system]


def _row(system: System, rank: int | None) -> dict[str, Any]:
    """Return a system as one row of a comparison."""
    (std, over), (ci95, method) = system.spread, system.interval
    names = ("dataset", "feature", "classifier", "protocol", "scheme")
    return (
        {name: getattr(system, name) for name in names}
        | {"mean": system.mean, "std": std, "std_over": over}
        | {"ci95": list(ci95) if ci95 else None, "ci95_method": method}
        | {"n_runs": len(system.runs), "n_folds": len(system.fold_means)}
        | {"n_failed": len(system.failed), "rank": rank}
        | {name: system.average(name) for name in (*_METRICS, "fit_seconds", "model_bytes")}
        | {"marks": list(system.marks), "notes": list(system.notes)}
    )


def _failure(score: Score) -> dict[str, Any]:
    names = ("dataset", "feature", "classifier", "protocol", "fold", "seed", "error")
    after = f", {score.intervention}" if score.intervention else ""
    return {name: getattr(score, name) for name in names} | {"fold": f"{score.fold}{after}"}


def _notes(systems: Sequence[System], base: str | None) -> list[str]:
    """Return what must be said about one league."""
    first = systems[0]
    notes = []
    if first.optimistic:
        notes.append("optimistic, because hyper-parameters were selected on the test folds")
    for system in systems:
        if any(len({score.data for score in run.values()}) > 1 for run in system.runs):
            notes.append(
                f"{system.label} was measured on different states of the data; evaluate it again"
            )
        unshared = shared(first, system).unshared
        if unshared:
            notes.append(
                f"{system.label} and {first.label} were tested on different clips"
                f" ({unshared} differ)"
            )
    if base is not None and all(system.label != base or not system.complete for system in systems):
        notes.append("the baseline has no complete result here, so nothing is tested against it")
    incomplete = [system.label for system in systems if not system.complete]
    if incomplete:
        notes.append(f"not ranked, because folds are missing: {', '.join(incomplete)}")
    return [f"{first.dataset}, {first.protocol}: {note}" for note in notes]
