"""The clips of a store: read as columns, and brought up to date with a dataset."""

import os
from dataclasses import dataclass
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray

from featkit.datasets import Clip, Dataset
from featkit.errors import StoreError
from featkit.store import layout


@dataclass(frozen=True, eq=False)
class Index:
    """The clips of a store, one entry per row in each column.

    Attributes
    ----------
    columns : dict of ndarray
        ``id, path, label, group, split, fold, start, duration, active, content, size, mtime``.
    root : str
        What relative paths are relative to.
    """

    columns: dict[str, NDArray[Any]]
    root: str

    def __len__(self) -> int:
        return len(self.columns["id"])

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[name]

    def location(self, row: int) -> str:
        """Return where the audio of ``row`` lies."""
        path = str(self.columns["path"][row])
        return path if layout.is_remote(path) or os.path.isabs(path) else join(self.root, path)


def join(root: str, path: str) -> str:
    """Return ``path`` below ``root``, for folders and URLs."""
    return f"{root.rstrip('/')}/{path}" if layout.is_remote(root) else os.path.join(root, path)


def absolute(path: str) -> str:
    """Return ``path`` as it is from every working directory."""
    return path if not path or layout.is_remote(path) else os.path.abspath(path)


def relative(path: str, root: str) -> str:
    """Return ``path`` relative to ``root`` where it lies below it, absolute elsewhere."""
    path = absolute(path)
    start = root.rstrip("/") + "/"
    return path[len(start) :] if root and path.startswith(start) else path


def read(group: zarr.Group) -> Index:
    """Return the index of the store.

    Raises
    ------
    StoreError
        If a column is damaged.
    """
    n = int(group.attrs["clips"])
    block = int(group.attrs["shard_clips"])
    columns: dict[str, NDArray[Any]] = {}
    for name in (*layout.CLIP_TEXT, *layout.CLIP_NUMBERS):
        values, damaged = layout.read_rows(group[name], n, layout.INDEX_CHUNK)
        if damaged:
            raise StoreError(
                f"the clip column {name!r} is damaged; extract the dataset into a new store"
            )
        columns[name] = values.astype(object) if name in layout.CLIP_TEXT else values
    for name in layout.READ_FROM:
        values, _ = layout.read_rows(group[name], n, block)
        columns[name] = values.astype(object) if name == "content" else values
    return Index(columns, str(group.attrs.get("root", "")))


def check_same(group: zarr.Group, dataset: Dataset, index: Index) -> None:
    """Raise StoreError if the store was made from another dataset."""
    name = str(group.attrs["dataset"])
    if name != dataset.name:
        raise StoreError(
            f"the store holds the dataset {name!r}, not {dataset.name!r}; give another --store"
        )
    if len(index) and not {clip.id for clip in dataset.clips} & set(index["id"]):
        raise StoreError(
            f"the store holds another dataset called {name!r}: none of its {len(index)} clips is among the "
            f"{len(dataset)} of this one (first here: {dataset.clips[0].id!r}, first there: {index['id'][0]!r})"
        )


def sync(
    group: zarr.Group, dataset: Dataset, features: list[str], whole: bool
) -> NDArray[np.int64]:
    """Bring the store's clips up to date and return the row of each clip of ``dataset``.

    New clips are appended, changed labels, folds, groups, paths … are updated. Clips that a whole
    dataset no longer has become inactive. The row count is raised last, so that an interrupted
    update is made good by the next one.

    Parameters
    ----------
    features : list of str
        Keys of all features, whose per-clip arrays must grow too.
    whole : bool
        Whether ``dataset`` is the whole dataset rather than its first clips.
    """
    index = read(group)
    rows = {str(name): row for row, name in enumerate(index["id"])}
    n_old = len(index)
    root = absolute(dataset.root)
    for clip in dataset.clips:
        rows.setdefault(clip.id, len(rows))
    n = len(rows)
    updated = {
        name: _grow(index.columns[name], n) for name in (*layout.CLIP_TEXT, *layout.CLIP_NUMBERS)
    }
    if whole:
        updated["active"][:] = 0
    for clip in dataset.clips:
        for name, value in _columns(clip, root).items():
            updated[name][rows[clip.id]] = value
    grown = n > n_old
    for name, values in updated.items():
        array: Any = group[name]
        if array.shape[0] != n or not _equal(values, index.columns[name]):
            array.resize((n,))
            array[:] = values
    about = {"root": root, "protocol": dataset.protocol, "about": dict(dataset.about)}
    if any(group.attrs.get(key) != value for key, value in about.items()):
        group.attrs.update(about)
    resize(group, features, n)
    if grown:
        group.attrs["clips"] = n
    return np.array([rows[clip.id] for clip in dataset.clips], dtype=np.int64)


def resize(group: zarr.Group, features: list[str], n: int) -> None:
    """Give all per-block arrays and the arrays of ``features`` room for ``n`` clips."""
    sidecars = [f"{key}_{sidecar}" for key in features for sidecar in layout.SIDECARS]
    for name in (*layout.READ_FROM, *features, *sidecars):
        if name in group:
            array: Any = group[name]
            if array.shape[0] != n:
                array.resize((n, *array.shape[1:]))


def _columns(clip: Clip, root: str) -> dict[str, Any]:
    return {
        "id": clip.id,
        "path": relative(clip.path, root),
        "label": clip.label,
        "group": clip.group,
        "split": clip.split,
        "fold": -1 if clip.fold is None else clip.fold,
        "start": clip.start,
        "duration": np.nan if clip.duration is None else clip.duration,
        "active": 1,
    }


def _grow(values: NDArray[Any], n: int) -> NDArray[Any]:
    grown = np.zeros(n, dtype=values.dtype)
    if values.dtype == object:
        grown[:] = ""
    grown[: len(values)] = values
    return grown


def _equal(a: NDArray[Any], b: NDArray[Any]) -> bool:
    return bool(np.array_equal(a, b) if a.dtype == object else np.array_equal(a, b, equal_nan=True))
