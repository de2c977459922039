"""The clips of a store as a dataset, so that more can be extracted without the original."""

from typing import cast

import numpy as np
from numpy.typing import NDArray

from featkit.datasets import Clip, Dataset
from featkit.datasets.base import Protocol
from featkit.store.store import Store


def dataset_of(store: Store, ids: NDArray[np.str_] | None = None) -> Dataset:
    """Return the dataset whose clips a store lists.

    Parameters
    ----------
    store : Store
    ids : ndarray of str, optional
        The clips to take; by default all that the dataset still has.
    """
    index = store.index()
    rows = np.flatnonzero(index["active"] == 1)
    if ids is not None:
        rows = rows[np.isin(index["id"][rows].astype(str), ids)]
    clips = [
        Clip(
            id=str(index["id"][row]),
            path=index.location(row),
            label=str(index["label"][row]),
            fold=int(index["fold"][row]) if index["fold"][row] >= 0 else None,
            group=str(index["group"][row]),
            start=float(index["start"][row]),
            duration=_optional(index["duration"][row]),
            split=str(index["split"][row]),
        )
        for row in rows.tolist()
    ]
    protocol = cast(Protocol, store.manifest.protocol)
    return Dataset(store.dataset, tuple(clips), index.root, protocol, about=store.about)


def _optional(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
