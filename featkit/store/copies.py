"""A table whose clips are followed by altered copies of them, to train on."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from featkit.errors import StoreError
from featkit.features import Feature
from featkit.features.copies import Copies
from featkit.store.table import Table


def with_copies(copies: Copies, table_of: Callable[[Feature], Table]) -> Table:
    """Return the table of a feature with copies: first all clips, then all rows of each copy.

    A copy has the id, label, group, fold and recording of its clip, and its number in ``copy``.
    Copies that could not be computed are left out, and those of clips without a row.

    Parameters
    ----------
    copies : Copies
    table_of : callable
        Gives the table of a stored or joined feature.

    Raises
    ------
    StoreError
        If a copy was made from another recording than its clip.
    """
    table = table_of(copies.feature)
    row_of = {str(name): row for row, name in enumerate(table.ids)}
    rows, owners, numbers = [table.X], [np.arange(len(table))], [np.zeros(len(table), dtype=int)]
    for number, feature in enumerate(copies.altered, 1):
        part = table_of(feature)
        part = part.select(np.isin(part.ids, table.ids))
        owner = np.array([row_of[str(name)] for name in part.ids], dtype=np.int64)
        if (table.contents[owner] != part.contents).any():
            raise StoreError(
                f"{table.feature} and {part.feature} were computed from different recordings: "
                "extract both again"
            )
        rows.append(part.X)
        owners.append(owner)
        numbers.append(np.full(len(part), number))
    owner = np.concatenate(owners)
    return replace(
        table.select(owner),
        X=_stacked(rows),
        copy=np.concatenate(numbers).astype(np.int64),
        vote=bool(copies.tta),
        feature=copies.canonical,
        spec=copies.spec,
    )


def _stacked(parts: list[Any]) -> Any:
    """Return the rows of all parts: an array where all have one shape, else a list."""
    shapes = {np.shape(row) for part in parts for row in part}
    if len(shapes) == 1:
        stacked: NDArray[Any] = np.concatenate([np.asarray(part) for part in parts])
        return stacked
    return [row for part in parts for row in part]
