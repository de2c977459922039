"""Which recording a clip is cut from: what may be on one side of a split only."""

import os
from collections.abc import Iterable
from functools import cache

import numpy as np
from numpy.typing import NDArray


def recordings_at(locations: Iterable[str]) -> NDArray[np.str_]:
    """Return the name of the recording at each location: URLs as they are, paths absolute and
    without symbolic links, so that two stores name one file alike.
    """
    one = cache(os.path.realpath)
    return np.array([place if "://" in place else one(place) for place in locations], dtype=str)


def connected(columns: Iterable[NDArray[np.str_]], n: int) -> NDArray[np.int64]:
    """Return a number for each of ``n`` rows, equal for rows that a chain of equal entries of the
    columns connects.

    Empty entries are unknown and equal nothing; so do columns without any entries.
    """
    # Here, since an extraction does not need them and they take a tenth of a second.
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    edges = [_codes(column) for column in columns if len(column)]
    rows = np.arange(n)
    offsets = np.cumsum([n] + [int(codes.max()) + 1 for codes in edges if n])
    to = [codes + offset for codes, offset in zip(edges, offsets, strict=False)]
    places = (np.tile(rows, len(edges)), np.concatenate([rows[:0], *to]))
    graph = coo_array((np.ones(len(places[0])), places), shape=(offsets[-1], offsets[-1]))
    labels = connected_components(graph, directed=False)[1].astype(np.int64)
    return in_order(labels[:n])


def in_order(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the values numbered by where each is first seen: 0, 1, ….

    >>> in_order(np.array([7, 3, 7, 9]))
    array([0, 1, 0, 2])
    """
    _, first, codes = np.unique(values, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[codes].astype(np.int64)


def _codes(names: NDArray[np.str_]) -> NDArray[np.int64]:
    """Return a number for each name, and one of its own for each empty name."""
    codes = np.unique(names, return_inverse=True)[1].astype(np.int64)
    empty = np.flatnonzero(names == "")
    codes[empty] = codes.max(initial=0) + 1 + np.arange(len(empty))
    return codes
