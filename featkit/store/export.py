"""A table as a file for other programs: parquet, csv or npz."""

import os
from pathlib import Path

import numpy as np

from featkit.errors import ParameterError
from featkit.store.table import Table

SUFFIXES = (".parquet", ".csv", ".npz")


def export(table: Table, path: str | os.PathLike[str]) -> None:
    """Write ``table`` to ``path`` in the format of its suffix.

    ``.npz`` keeps the rows' own shape (X, y, folds, groups, ids); ``.csv`` and ``.parquet`` hold
    one column per value of `Table.vectors`: rows flattened, or mean and standard deviation over
    time, as the feature declares. Written aside, then renamed.

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
    aside = target.with_name(f".{target.stem}.partial{target.suffix}")
    columns = {"id": table.ids, "label": table.y, "fold": table.folds, "group": table.groups}
    if target.suffix == ".npz":
        if table.ragged:
            raise ParameterError(
                f"{table.feature}: rows differ in length, which npz cannot hold; "
                "take .parquet or .csv, which hold vectors"
            )
        np.savez_compressed(
            aside, X=table.X, y=table.y, folds=table.folds, groups=table.groups, ids=table.ids
        )
    else:
        import pandas as pd

        X = table.vectors()
        values = {f"x{column}": X[:, column] for column in range(X.shape[1])}
        frame = pd.DataFrame({**columns, **values})
        if target.suffix == ".csv":
            frame.to_csv(aside, index=False)
        else:
            frame.to_parquet(aside, index=False)
    os.replace(aside, target)
