"""The clips of a store: read as columns, and brought up to date with a dataset."""

import os
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from featkit.datasets import Clip, Dataset, windows_of
from featkit.errors import DatasetError, StoreError
from featkit.naming.windowed import clip_of
from featkit.store import documents
from featkit.store.manifest import Manifest
from featkit.store.objects import is_remote


@dataclass(frozen=True, eq=False)
class Index:
    """The clips of a store, one entry per row in each column.

    Attributes
    ----------
    columns : dict of ndarray
        ``id, path, label, group, split, fold, start, duration, active``.
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
        return path if is_remote(path) or os.path.isabs(path) else join(self.root, path)


def join(root: str, path: str) -> str:
    """Return ``path`` below ``root``, for folders and URLs."""
    return f"{root.rstrip('/')}/{path}" if is_remote(root) else os.path.join(root, path)


def absolute(path: str) -> str:
    """Return ``path`` as it is from every working directory."""
    return path if not path or is_remote(path) else os.path.abspath(path)


def relative(path: str, root: str) -> str:
    """Return ``path`` relative to ``root`` where it lies below it, absolute elsewhere."""
    path = absolute(path)
    start = root.rstrip("/") + "/"
    return path[len(start) :] if root and path.startswith(start) else path


def of(manifest: Manifest) -> Index:
    """Return the clips that a manifest lists."""
    columns = {
        name: np.array(
            manifest.columns[name], dtype=object if name in documents.CLIP_TEXT else dtype
        )
        for name, dtype in documents.COLUMNS.items()
    }
    return Index(columns, manifest.root)


def check_same(manifest: Manifest, dataset: Dataset) -> None:
    """Raise StoreError if the store was made from another dataset."""
    name, ids = manifest.dataset, manifest.columns["id"]
    if windows_of(manifest.about) is not None and windows_of(dataset.about) is None:
        ids = [clip_of(window) for window in ids]
    if name != dataset.name:
        raise StoreError(
            f"the store holds the dataset {name!r}, not {dataset.name!r}; give another --store"
        )
    if ids and not {clip.id for clip in dataset.clips} & set(ids):
        raise StoreError(
            f"the store holds another dataset called {name!r}: none of its {len(ids)} clips is "
            f"among the {len(dataset)} of this one (first here: {dataset.clips[0].id!r}, first "
            f"there: {ids[0]!r})"
        )


def updated(
    manifest: Manifest, dataset: Dataset, whole: bool
) -> tuple[Manifest, NDArray[np.int64]]:
    """Return the manifest with the clips of ``dataset``, and the row of each of them.

    New clips are appended; changed labels, folds, groups, paths … are updated. Clips that a whole
    dataset no longer has become inactive.

    Parameters
    ----------
    whole : bool
        Whether ``dataset`` is the whole dataset rather than its first clips.

    Raises
    ------
    DatasetError
        If a clip has a fold that does not fit into 32 bits.
    """
    root = absolute(dataset.root)
    columns = {name: list(values) for name, values in manifest.columns.items()}
    rows = {str(name): row for row, name in enumerate(columns["id"])}
    if whole:
        columns["active"] = [0] * len(rows)
    elif windows_of(dataset.about) is not None:
        # A file that has changed may have other windows now.
        clips = {clip_of(window.id) for window in dataset.clips}
        states = zip(columns["id"], columns["active"], strict=True)
        columns["active"] = [0 if clip_of(name) in clips else state for name, state in states]
    for clip in dataset.clips:
        row = rows.setdefault(clip.id, len(rows))
        for name, value in _entry(clip, root).items():
            if row == len(columns[name]):
                columns[name].append(value)
            else:
                columns[name][row] = value
    manifest = replace(
        manifest,
        columns=columns,
        root=root,
        protocol=dataset.protocol,
        about=dict(dataset.about),
    )
    numbers = np.array([rows[clip.id] for clip in dataset.clips], dtype=np.int64)
    return with_documents(manifest), numbers


def with_documents(manifest: Manifest, longest: dict[str, int] | None = None) -> Manifest:
    """Return the manifest with documents that fit its clips and features.

    ``longest`` gives the frames of the longest row of features whose rows differ in length.
    """
    texts = {
        "": documents.of_group(
            manifest.dataset,
            manifest.shard_clips,
            uid=manifest.uid,
            clips=len(manifest),
            root=manifest.root,
            protocol=manifest.protocol,
            about=manifest.about,
        )
    }
    names = {**documents.COLUMNS, "content": "str"}
    for key, attributes in manifest.features.items():
        names[f"{key}_status"] = documents.SIDECARS["status"]
        frames: tuple[int, ...] = ()
        if documents.is_ragged(attributes["stored_shape"]):
            names[f"{key}_length"] = documents.SIDECARS["length"]
            frames = ((longest or {}).get(key, manifest.documents[key]["shape"][1]),)
        texts[key] = documents.resized(manifest.documents[key], (len(manifest), *frames))
    for name, dtype in names.items():
        document = manifest.documents.get(name) or documents.of_column(dtype)
        texts[name] = documents.resized(document, (len(manifest),))
    if manifest.published:
        texts[""] = documents.consolidated(texts)
    return replace(manifest, documents=texts)


def _entry(clip: Clip, root: str) -> dict[str, Any]:
    fold = -1 if clip.fold is None else int(clip.fold)
    if not -(2**31) <= fold < 2**31:
        raise DatasetError(f"{clip.id!r} has fold={fold}; a fold is a number of 32 bits")
    return {
        "id": clip.id,
        "path": relative(clip.path, root),
        "label": clip.label,
        "group": clip.group,
        "split": clip.split,
        "fold": fold,
        "start": float(clip.start),
        "duration": float("nan") if clip.duration is None else float(clip.duration),
        "active": 1,
    }
