"""Several tables as one: two corpora, one to train on and one to test on; features of one dataset
side by side.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from featkit.errors import ParameterError, listed
from featkit.store.table import Table


def join(table: Table, test: Table) -> Table:
    """Return one table of both corpora, all rows of ``table`` in split ``train`` and all of
    ``test`` in split ``test``.

    Groups of differently named corpora are kept apart, since equal names there mean nothing.

    Raises
    ------
    ParameterError
        If the features, their pooling or the windows differ, a table has copies, or ``test`` has a
        label that ``table`` lacks.
    """
    if len(table.copy) or len(test.copy):
        raise ParameterError(
            f"{table.feature}: copies are for the folds of one corpus, not for another to test on"
        )
    same = table.feature == test.feature and table.pooling == test.pooling
    if not same or (table.spec and test.spec and table.spec != test.spec):
        raise ParameterError(
            f"the corpora hold different features: {table.feature!r} and {test.feature!r}"
        )
    if table.windows != test.windows:
        rows = (f"{part.dataset}: {part.windows or 'whole clips'}" for part in (table, test))
        raise ParameterError(f"the corpora are cut differently: {'; '.join(rows)}")
    unknown = sorted(set(test.y.tolist()) - set(table.y.tolist()))
    if unknown:
        raise ParameterError(
            f"{test.dataset} has labels that {table.dataset} lacks: {listed(unknown)}"
        )
    both = (table, test)
    values: Any = [row for part in both for row in part.X]
    if not table.ragged and not test.ragged and np.shape(table.X)[1:] == np.shape(test.X)[1:]:
        values = np.concatenate([table.X, test.X])

    def column(name: str) -> NDArray[np.str_]:
        columns = [getattr(part, name) for part in both]
        return np.concatenate(
            [
                values if len(values) else np.full(len(part), "", dtype=str)
                for part, values in zip(both, columns, strict=True)
            ]
        )

    return Table(
        X=values,
        y=np.concatenate([table.y, test.y]),
        folds=np.concatenate([table.folds, test.folds]),
        groups=np.array(
            [f"{part.dataset}/{group}" for part in both for group in part.groups], dtype=str
        ),
        ids=np.concatenate([table.ids, test.ids]),
        contents=column("contents"),
        files=column("files"),
        recordings=column("recordings"),
        duplicates=column("duplicates"),
        splits=np.array(["train"] * len(table) + ["test"] * len(test)),
        dataset=f"{table.dataset}→{test.dataset}",
        feature=table.feature,
        protocol="split",
        spec=table.spec,
        n_missing=table.n_missing + test.n_missing,
        blocks=table.blocks,
        pooling=table.pooling,
        dims=table.dims,
        warnings=tuple(dict.fromkeys(table.warnings + test.warnings)),
        windows=table.windows,
    )


def side_by_side(tables: Sequence[Table], feature: str, spec: dict[str, Any]) -> Table:
    """Return one table of several features of one dataset: the vectors of the clips that all of
    them have.

    Parameters
    ----------
    tables : sequence of Table
    feature, spec
        Of the result.

    Raises
    ------
    ParameterError
        If no clip is in all tables.
    """
    common = reduce(np.intersect1d, [table.ids for table in tables])
    if not len(common):
        raise ParameterError(f"no clip has a valid row of each of {feature}")
    cut = [table.select(np.isin(table.ids, common)) for table in tables]
    parts = [table.vectors() for table in cut]
    return replace(
        cut[0],
        X=np.concatenate(parts, axis=1),
        feature=feature,
        spec=spec,
        n_missing=tables[0].n_missing + len(tables[0]) - len(common),
        blocks=tuple(part.shape[1] for part in parts),
        pooling="flatten",
        dims=("feature",),
    )
