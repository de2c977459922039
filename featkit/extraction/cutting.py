"""The windows of an extraction: those that are asked for, or those that the store holds already."""

import numpy as np

from featkit.datasets import Dataset, Windows, cut, windows_of
from featkit.datasets.windows import Spans
from featkit.errors import StoreError
from featkit.extraction.plan import file_stamps
from featkit.naming.windowed import clip_of
from featkit.store import Store


def as_rows(dataset: Dataset, windows: Windows | None, store: Store | None) -> Dataset:
    """Return the dataset whose clips are the rows of a store: as it is, or cut into windows.

    Without a request, a store that holds windows goes on with them. Files that are as they were
    when the store was filled, or that are out of reach, are not opened.

    Parameters
    ----------
    dataset : Dataset
        Of clips, or of windows that somebody has cut.
    windows : Windows, optional
        What is asked for.
    store : Store, optional
        What there is.

    Raises
    ------
    StoreError
        If the store holds something else.
    """
    ready = windows_of(dataset.about)
    asked = windows or ready
    if store is not None and store.n_clips:
        if asked not in (None, store.windows):
            raise StoreError(
                f"{store.path!r} holds {store.windows or 'whole clips'}, not {asked}; "
                "a store keeps one way of cutting: give another --store"
            )
        asked = store.windows
    if asked is None or asked == ready:
        return dataset
    return cut(dataset, asked, _known(dataset, store) if store is not None else None)


def _known(dataset: Dataset, store: Store) -> dict[str, Spans]:
    """Return the windows of a store that still hold, by the id of the clip."""
    index, stamps = store.index(), _stamps(store)
    spans: dict[str, list[tuple[float, float | None]]] = {}
    then: dict[str, set[tuple[int, int] | None]] = {}
    for row in np.flatnonzero(index["active"] == 1).tolist():
        clip, length = clip_of(str(index["id"][row])), float(index["duration"][row])
        span = (float(index["start"][row]), None if np.isnan(length) else length)
        spans.setdefault(clip, []).append(span)
        then.setdefault(clip, set()).add(stamps.get(row))
    clips = [clip for clip in dataset.clips if clip.id in spans]
    now = file_stamps(clip.path for clip in clips)
    # The bounds of an excerpt may have changed without its file.
    return {
        clip.id: spans[clip.id]
        for clip in clips
        if now[clip.path] is None
        or (then[clip.id] == {now[clip.path]} and not clip.start and clip.duration is None)
    }


def _stamps(store: Store) -> dict[int, tuple[int, int]]:
    """Return size and time of change of the file of each row that some feature has."""
    stamps: dict[int, tuple[int, int]] = {}
    for shelf in store.shelves():
        entries = shelf.entries()
        for row in np.flatnonzero(entries["size"]).tolist():
            stamps[row] = int(entries["size"][row]), int(entries["mtime"][row])
    return stamps
