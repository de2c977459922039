"""`Folding`: how a table is divided for an evaluation, as the user asks for it."""

from dataclasses import dataclass, replace
from typing import Literal, get_args

from featkit.errors import ParameterError, listed
from featkit.evaluation import schemes
from featkit.evaluation.leakage import guard
from featkit.evaluation.splits import Plan
from featkit.store.table import Table

Folds = Literal["auto", "official", "rotating", "split", "drawn", "groups"]
# What "auto" stands for, by what the dataset prescribes.
_PRESCRIBED: dict[str, Folds] = {"folds": "official", "split": "split", "none": "drawn"}


@dataclass(frozen=True)
class Folding:
    """How the folds of an evaluation are made, and which of them are measured.

    Attributes
    ----------
    folds : {"auto", "official", "rotating", "split", "drawn", "groups"}
        ``auto`` follows what the dataset prescribes. ``official`` leaves out one official fold at a
        time. ``rotating`` does so too, but selects on the fold before it and trains on the rest.
        ``split`` trains on ``train``, selects on ``valid`` and tests on ``test``. ``drawn`` draws
        stratified folds that keep groups and recordings whole. ``groups`` leaves out one group at
        a time (one speaker, one city).
    n_folds, fold_seed : int
        Number (2 or more) and seed (0 or more) of the drawn folds.
    only_folds : sequence of str
        Names of the test folds to measure; empty for all. Every model is the same as in a run of
        all folds.
    allow_leakage : bool
        Run although a group or a recording is on both sides, and note it in every score.

    Raises
    ------
    ParameterError
        If a value is outside its range.
    """

    folds: Folds = "auto"
    n_folds: int = 5
    fold_seed: int = 0
    only_folds: tuple[str, ...] = ()
    allow_leakage: bool = False

    def __post_init__(self) -> None:
        if self.folds not in get_args(Folds):
            raise ParameterError(f"folds={self.folds!r} is not one of {', '.join(get_args(Folds))}")
        for name, value, least in (
            ("n_folds", self.n_folds, 2),
            ("fold_seed", self.fold_seed, 0),
        ):
            if value < least:
                raise ParameterError(f"{name}={value}: at least {least} is needed")
        if isinstance(self.only_folds, str):
            raise ParameterError(
                f"only_folds={self.only_folds!r} is one text; give a sequence of names"
            )
        object.__setattr__(self, "only_folds", tuple(self.only_folds))

    def plan(self, table: Table) -> Plan:
        """Return the outer and inner folds of a table.

        Raises
        ------
        ParameterError
            If the table cannot be divided in this way or has no fold of a name in ``only_folds``;
            the message names the clips or classes that prevent it.
        DatasetError
            If the folds leak and ``allow_leakage`` is false.
        """
        if len(table.classes) < 2:
            raise ParameterError(
                f"{table.dataset}: one class only ({listed(table.classes)}); nothing to tell apart"
            )
        plan = self._divide(table)
        names = [split.name for split in plan.splits]
        unknown = [name for name in self.only_folds if name not in names]
        if unknown:
            raise ParameterError(
                f"{table.dataset}, {plan.scheme}: no fold is called {listed(unknown)}; "
                f"there are: {listed(names, 12)}"
            )
        notes = plan.notes + guard(table, plan, self.allow_leakage)
        return replace(plan, notes=notes, only=self.only_folds)

    def between(self, test: Table) -> "Folding":
        """Return the folding of two corpora of which ``test`` is the whole test part.

        Raises
        ------
        ParameterError
            If other folds are asked for.
        """
        if self.folds not in ("auto", "split"):
            raise ParameterError(
                f"folds={self.folds!r} together with another corpus to test on: "
                f"all of {test.dataset} is the test part"
            )
        return replace(self, folds="split")

    def _divide(self, table: Table) -> Plan:
        folds = self.folds if self.folds != "auto" else _PRESCRIBED.get(table.protocol)
        if folds is None:
            raise ParameterError(
                f"{table.dataset}: protocol={table.protocol!r} is not one of "
                f"{', '.join(_PRESCRIBED)}; say which folds to make"
            )
        if folds == "drawn":
            return schemes.drawn(table, self.n_folds, self.fold_seed)
        if folds == "groups":
            return schemes.leave_group_out(table)
        if folds == "rotating":
            return schemes.rotating(table)
        return schemes.official(table) if folds == "official" else schemes.train_test(table)


# The folds that the dataset prescribes, all of them, without leakage.
PRESCRIBED = Folding()
