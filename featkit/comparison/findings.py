"""Everything that a comparison found, and the table of formats that show it as a page."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from featkit.comparison.ranking import Ranking
from featkit.comparison.systems import System
from featkit.naming.registry import Registry


@dataclass(frozen=True, eq=False)
class Findings:
    """What a comparison found.

    Attributes
    ----------
    systems : list of dict
        ``dataset, feature, classifier, protocol, mean, std, ci95, n_runs, rank`` and more, best
        first within a league. ``std`` is over what ``std_over`` says; ``rank`` is None for a system
        with missing folds.
    tests : list of dict
        Tests of two systems: ``a, b, test, difference, p, p_adjusted`` and more. ``ci95`` is the
        interval of the difference, in the tests over folds. `family` says which pairs were tested;
        ``p_adjusted`` counts these alone.
    variance : list of dict
        One-way analyses of variance over the runs of a league: ``systems, test, p, p_adjusted`` and
        more.
    rankings : list of Ranking
        Friedman's test over folds and over datasets.
    failures : list of dict
        Cells that failed, with their error.
    interventions : list of dict
        What changes of the test recordings cost each system
        (`featkit.comparison.interventions.interventions`).
    notes : list of str
        What must be said about the leagues.
    members : list of System
        In the order of ``systems``.
    baseline : str or None
        Label of the system that all others are tested against, if one was named.
    all_pairs : bool
        Whether every pair of a league was tested.
    """

    systems: list[dict[str, Any]]
    tests: list[dict[str, Any]]
    variance: list[dict[str, Any]]
    rankings: list[Ranking]
    failures: list[dict[str, Any]]
    notes: list[str]
    members: list[System] = field(repr=False)
    interventions: list[dict[str, Any]] = field(default_factory=list)
    baseline: str | None = None
    all_pairs: bool = False

    @property
    def family(self) -> str:
        """Which pairs were tested, and count in the adjustment."""
        if self.baseline is not None:
            return f"every system against the baseline {self.baseline}"
        if self.all_pairs:
            return "every pair of systems of a dataset and protocol"
        return "every system against the best of its dataset and protocol"


class Page(Protocol):
    """Makes one page of findings; ``command`` is what reproduces it.

    ``specimens(dataset, clip id)`` pictures a clip, such as
    `featkit.report.specimens.from_stores` of the stores that the clips come from.
    """

    def __call__(self, findings: Findings, command: str = "", specimens: Any = None) -> str:
        """Return the page."""


# The report draws and stands above the comparison, which only knows the names of its formats: each
# file of featkit/report/formats/ registers one Page.
PAGES: Registry[Page] = Registry("featkit.report.formats", "page format")
