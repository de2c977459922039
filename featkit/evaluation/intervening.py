"""Test clips of which the recordings were changed, beside a table of the recordings as they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any

import numpy as np

from featkit.errors import ParameterError
from featkit.evaluation.splits import Plan, Rows
from featkit.store.table import Table


@dataclass(frozen=True, eq=False)
class Changed:
    """The rows of one intervention, by the position of their clips in the evaluated table.

    Attributes
    ----------
    table : Table
        Of the changed recordings.
    place : ndarray of int
        For each row of the evaluated table its row in ``table``; −1 where there is none.
    """

    table: Table
    place: Rows

    def has(self, rows: Rows) -> Rows:
        """Return those rows of the evaluated table that this one has too."""
        return rows[self.place[rows] >= 0]

    def at(self, rows: Rows, arrays: bool) -> Any:
        """Return what an estimator sees of some rows of the evaluated table.

        Parameters
        ----------
        rows : ndarray of int
        arrays : bool
            Whether it takes rows in their own shape instead of vectors.
        """
        places = self.place[rows]
        if not arrays:
            return self._vectors[places]
        return [self.table.X[at] for at in places] if self.table.ragged else self.table.X[places]

    @cached_property
    def _vectors(self) -> Any:
        return self.table.vectors()

    def data(self, data: str) -> str:
        """Return 16 hex digits of these rows and of the ``data`` that was learned from."""
        return blake2b(f"{data} {self.table.fingerprint}".encode(), digest_size=8).hexdigest()


def aligned(table: Table, plan: Plan, changes: Mapping[str, Table]) -> dict[str, Changed]:
    """Return the rows of each intervention beside those of a table.

    Raises
    ------
    ParameterError
        If a table of changed recordings shares no test clip with ``table``, or its rows become
        vectors in another way.
    """
    tested = plan.tested
    ids = table.ids.tolist()
    beside = {}
    for text, changed in changes.items():
        where = {name: at for at, name in enumerate(changed.ids.tolist())}
        place = np.full(len(table), -1, dtype=np.int64)
        place[tested] = [where.get(ids[row], -1) for row in tested]
        if (place < 0).all() or changed.pooling != table.pooling:
            raise ParameterError(
                f"{text}: the rows of changed recordings, {changed.feature}, are not of the test "
                f"clips of {table.dataset}, {table.feature}"
            )
        beside[text] = Changed(changed, place)
    return beside
