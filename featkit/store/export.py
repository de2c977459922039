"""A table as a file for other programs: parquet, csv or npz."""

import os
from pathlib import Path

import numpy as np

from featkit.errors import ParameterError
from featkit.naming.showing import inert
from featkit.store.table import Table
from featkit.store.whole import whole

SUFFIXES = (".parquet", ".csv", ".npz")


def export(table: Table, path: str | os.PathLike[str]) -> None:
    """Write ``table`` to ``path`` in the format of its suffix.

    ``.npz`` keeps the rows' own shape (X, y, folds, groups, ids); ``.csv`` and ``.parquet`` hold
    one column per value of `Table.vectors`: rows flattened, or mean and standard deviation over
    time, as the feature declares. Texts of a ``.csv`` that a spreadsheet would take for formulas
    get an apostrophe in front. The file is written whole or not at all.

    Raises
    ------
    ParameterError
        For another suffix, or an ``.npz`` of rows that differ in length.
    """
    target = Path(path)
    if target.suffix not in SUFFIXES:
        raise ParameterError(f"{str(target)!r}: the suffix must be one of {', '.join(SUFFIXES)}")
    if not target.parent.is_dir():
        raise ParameterError(f"{str(target)!r}: there is no folder {str(target.parent)!r}")
    if target.suffix == ".npz" and table.ragged:
        raise ParameterError(
            f"{table.feature}: rows differ in length, which npz cannot hold; "
            "take .parquet or .csv, which hold vectors"
        )
    with whole(target) as place:
        if target.suffix == ".npz":
            np.savez_compressed(
                place, X=table.X, y=table.y, folds=table.folds, groups=table.groups, ids=table.ids
            )
        else:
            _write_frame(table, place)


def _write_frame(table: Table, place: Path) -> None:
    """Write a table with one column for each value of a row, in the format of the suffix."""
    frame = table.to_frame()
    if place.suffix == ".csv":
        for name in ("id", "label", "group"):
            frame[name] = frame[name].map(inert)
        frame.to_csv(place, index=False)
    else:
        frame.to_parquet(place, index=False)
