"""A `Run`: one evaluation, checked before anything is computed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import blake2b
from typing import Any, Literal, get_args

import numpy as np

from featkit.classifiers.contract import Estimator, TriesCandidates, offers, takes_arrays
from featkit.errors import DatasetError, FeatkitError, ParameterError, listed
from featkit.evaluation.copies import with_copies
from featkit.evaluation.estimators import adapted, origins, resolve
from featkit.evaluation.fitting import Samples
from featkit.evaluation.folding import PRESCRIBED, Folding
from featkit.evaluation.intervening import Changed, aligned
from featkit.evaluation.splits import Plan, Rows, Split
from featkit.naming.plugins import FAULTS, reason, shown
from featkit.results.notes import Note
from featkit.results.scores import Cell, Score
from featkit.store.joining import join
from featkit.store.table import Table

Protocol = Literal["nested", "paper", "paper-weighted"]


@dataclass(frozen=True, eq=False)
class TestPart:
    """What one score is about: positions of test clips in the table, and the score without a
    measurement.
    """

    rows: Rows
    blank: Score


@dataclass(frozen=True, eq=False)
class Run:
    """One classifier on one table under one protocol.

    Attributes
    ----------
    table : Table
        Every row that takes part.
    estimator : scikit-learn estimator
        Unfitted, with its seed set.
    plan : Plan
    label : str
        What results call the classifier.
    protocol : {"nested", "paper", "paper-weighted"}
    seed : int
    notes : tuple of Note
        What every score must carry.
    changed : mapping of str to Changed
        The test clips after each intervention.
    """

    table: Table
    estimator: Any
    plan: Plan
    label: str
    protocol: str
    seed: int
    notes: tuple[Note, ...]
    changed: Mapping[str, Changed] = field(default_factory=dict)

    @property
    def cells(self) -> list[Cell]:
        """The cells of the folds to measure, in order; after each those of its interventions."""
        return [part.blank.cell for split in self.plan.measured for part in self.parts(split)]

    def missing(self, done: Mapping[Cell, str]) -> list[Split]:
        """Return the folds to measure that have no result for this very data in ``done``.

        Parameters
        ----------
        done : mapping of cell to str
            From `featkit.results.done`.
        """
        return [
            split
            for split in self.plan.measured
            if any(done.get(part.blank.cell) != part.blank.data for part in self.parts(split))
        ]

    def parts(self, split: Split) -> list["TestPart"]:
        """Return what a model is tested on: the clips as they are, and after each intervention."""
        blank = self.blank(split)
        return [
            TestPart(split.test, blank),
            *(self._changed(text, split, blank) for text in self.changed),
        ]

    def _changed(self, text: str, split: Split, blank: Score) -> "TestPart":
        changed = self.changed[text]
        rows = changed.has(split.test)
        gone = len(split.test) - len(rows)
        note = Note("missing", f"{gone} test clips have no valid row after {text}")
        return TestPart(
            rows,
            replace(
                blank,
                intervention=text,
                n_test=len(rows),
                data=changed.data(self.data),
                notes=(*blank.notes, *([note] if gone else [])),
            ),
        )

    def inputs(self, part: "TestPart") -> Any:
        """Return what the estimator sees of a part of the test clips."""
        if not part.blank.intervention:
            return self.samples.at(part.rows)[0]
        changed = self.changed[part.blank.intervention]
        return changed.at(part.rows, takes_arrays(self.estimator))

    def blank(self, split: Split) -> Score:
        """Return the score of a fold before anything was measured."""
        cut, windows = self.table.windows, dict[str, Any]()
        if cut is not None:
            n_clips = len(np.unique(self.table.clips[split.train]))
            windows = {"window": cut.window, "hop": cut.hop, "n_train_clips": n_clips}
        return Score(
            self.table.dataset,
            self.table.feature,
            self.label,
            self.protocol,
            split.name,
            self.seed,
            self.plan.scheme,
            n_train=len(self._clips(split.train)),
            n_test=len(split.test),
            notes=self.notes,
            data=self.data,
            **windows,
        )

    def _clips(self, rows: Rows) -> Rows:
        """Return those of some rows that are not copies: tests rest on how many clips there are."""
        return rows[self.table.copy[rows] == 0] if len(self.table.copy) else rows

    def about(self, score: Score, rows: Rows) -> Score:
        """Return a score with the test clips that it is about, given as positions."""
        if score.error:
            return score
        table = self.table.select(rows)
        return replace(
            score,
            ids=tuple(map(str, table.ids.tolist())),
            groups=tuple(map(str, table.groups.tolist())),
            y_true=tuple(map(str, table.y.tolist())),
            classes=tuple(map(str, self.table.classes.tolist())),
        )

    @cached_property
    def data(self) -> str:
        """16 hex digits of the table and of the files and code that the classifier's parameters
        only name.
        """
        named = list(origins(self.estimator, self.label))
        if not named:
            return self.table.fingerprint
        text = " ".join([self.table.fingerprint, *named])
        return blake2b(text.encode(), digest_size=8).hexdigest()

    @cached_property
    def samples(self) -> Samples:
        """What the estimator sees: rows in their own shape or as vectors, and labels.

        Raises
        ------
        DatasetError
            If a row holds NaN or infinite values; the message names its clip.
        """
        table = self.table
        X = table.X if takes_arrays(self.estimator) else table.vectors()
        bad = [name for name, row in zip(table.ids, X, strict=True) if not np.isfinite(row).all()]
        if bad:
            raise DatasetError(
                f"{table.dataset}, {table.feature}: rows with NaN or infinite values: {listed(bad)}"
            )
        clips = table.clip_of if len(table.copy) else None
        return Samples(X, table.y, clips, table.ids)


def prepare(
    table: Table,
    classifier: str | Estimator,
    *,
    protocol: Protocol = "nested",
    seed: int = 0,
    folding: Folding = PRESCRIBED,
    test: Table | None = None,
    interventions: Mapping[str, Table] | None = None,
) -> Run:
    """Return what `evaluate` with the same arguments would run; ``.cells`` lists it.

    Raises
    ------
    ParameterError, DatasetError
        As `evaluate`, but for rows that are not finite: no row is looked at.
    """
    if interventions and protocol != "nested":
        raise ParameterError(f"protocol={protocol!r}: interventions need protocol='nested'")
    if interventions and table.vote:
        raise ParameterError(
            f"{table.feature} averages over copies (tta=true), of which there are none of changed "
            "recordings"
        )
    if protocol not in get_args(Protocol):
        raise ParameterError(f"protocol={protocol!r} is not one of {', '.join(get_args(Protocol))}")
    if table.vote and protocol != "nested":
        raise ParameterError(
            f"{table.feature} averages over copies (tta=true), which protocol={protocol!r} cannot: "
            "it has labels of candidates, no probabilities"
        )
    if test is not None:
        table, folding = join(table, test), folding.between(test)
    try:
        estimator, label, seed = resolve(classifier, seed)
        estimator = adapted(estimator, table)
    except FeatkitError:
        raise
    except FAULTS as error:
        raise ParameterError(f"{shown(classifier)} cannot be used: {reason(error)}") from error
    plan = with_copies(folding.plan(table.originals), table)
    notes = plan.notes + _notes(table, estimator, protocol)
    changed = aligned(table, plan, interventions or {})
    return Run(table, estimator, plan, label, protocol, seed, notes, changed)


def _notes(table: Table, estimator: Any, protocol: Protocol) -> tuple[Note, ...]:
    """Return what a reader must know of the rows and of how hyper-parameters are selected."""
    notes = [Note("dataset", warning) for warning in table.warnings]
    if table.n_missing:
        text = f"{table.n_missing} clips of the dataset have no valid row and are left out"
        notes.append(Note("missing", text))
    if table.pooling == "mean_std" and not takes_arrays(estimator):
        text = "rows of different length: mean and standard deviation over time"
        notes.append(Note("pooled", text))
    if protocol != "nested" and offers(estimator, TriesCandidates):
        notes.append(Note("optimistic", "optimistic: selected on the test folds"))
    elif protocol != "nested":
        notes.append(Note("unselected", "nothing to select: plain cross-validation"))
    return tuple(notes)
