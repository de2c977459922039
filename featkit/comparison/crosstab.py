"""Systems × datasets: one row for each system under one protocol, one column for each dataset."""

from dataclasses import dataclass

import numpy as np

from featkit.comparison.findings import Findings
from featkit.comparison.systems import System


@dataclass(frozen=True, eq=False)
class Crosstab:
    """The systems of a comparison by dataset.

    Attributes
    ----------
    columns : tuple of str
        Datasets, with their scheme where a dataset has several.
    rows : tuple of dict of str to System
        For each system and protocol, its results by column. Best mean place over its columns
        first, places being counted within a dataset, scheme and protocol; honest protocols before
        optimistic ones.
    """

    columns: tuple[str, ...]
    rows: tuple[dict[str, System], ...]

    def best(self, column: str, protocol: str) -> float | None:
        """Return the highest mean of the complete systems of a column under one protocol."""
        cells = [row[column] for row in self.rows if column in row]
        return max(
            (
                system.mean
                for system in cells
                if system.mean is not None and system.complete and system.protocol == protocol
            ),
            default=None,
        )


def crosstab(findings: Findings) -> Crosstab:
    """Return the systems of a comparison by dataset."""
    schemes: dict[str, set[str]] = {}
    for system in findings.members:
        schemes.setdefault(system.dataset, set()).add(system.scheme)

    def column(system: System) -> str:
        several = len(schemes[system.dataset]) > 1
        return f"{system.dataset}, {system.scheme}" if several else system.dataset

    rows: dict[tuple[str, str], dict[str, System]] = {}
    places: dict[tuple[str, str], list[int]] = {}
    for system, entry in zip(findings.members, findings.systems, strict=True):
        key = (system.label, system.protocol)
        rows.setdefault(key, {})[column(system)] = system
        if entry["rank"] is not None:
            places.setdefault(key, []).append(entry["rank"])

    def order(key: tuple[str, str]) -> tuple[bool, str, bool, float, str]:
        optimistic = next(iter(rows[key].values())).optimistic
        mean = float(np.mean(places[key])) if key in places else 0.0
        return (optimistic, key[1], key not in places, mean, key[0])

    columns = tuple(dict.fromkeys(column(system) for system in findings.members))
    return Crosstab(columns, tuple(rows[key] for key in sorted(rows, key=order)))
