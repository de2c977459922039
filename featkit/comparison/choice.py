"""The best system of some results, as a model can be trained of it."""

from featkit.comparison.findings import Findings
from featkit.errors import ParameterError, listed
from featkit.results.fusion import FUSED
from featkit.results.scores import Score


def best(findings: Findings, dataset: str) -> Score:
    """Return a score of the run that a model of ``dataset`` is to be trained as.

    It is of the first complete system under the protocol ``nested`` and, of its runs under several
    seeds, of the one with the highest mean. Fusions of stored predictions cannot be trained and do
    not count.

    Raises
    ------
    ParameterError
        If there is none.
    """
    systems = [
        system
        for system in findings.members
        if (system.dataset, system.protocol) == (dataset, "nested")
        and system.complete
        and not system.classifier.startswith(FUSED)
    ]
    if not systems:
        names = sorted({system.dataset for system in findings.members})
        raise ParameterError(
            f"no system was measured on every fold of {dataset!r} under the protocol nested; the "
            f"results are of {listed(names)}"
        )
    run = max(systems[0].runs, key=_mean)
    return next(iter(run.values()))


def _mean(run: dict[str, Score]) -> float:
    return sum(score.accuracy or 0.0 for score in run.values()) / len(run)
