"""Where the clips of a store come from, and what has changed there since they were extracted.

A store keeps, with what is known about its dataset, how it was loaded and the loader's warnings. So
what is computed from the store can say later what no longer holds.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from featkit.datasets import Clip, Dataset, get_dataset, registry, windows_of
from featkit.errors import FeatkitError, listed
from featkit.naming.windowed import clip_of
from featkit.store.index import Index

# Keys of ``about``.
SOURCE, WARNINGS = "featkit_source", "featkit_warnings"


def remembered(dataset: Dataset) -> Dataset:
    """Return a dataset whose ``about`` says how to load it again and what its loader warned of.

    A dataset that was made from what a store lists keeps what that store was told.
    """
    told = dict.fromkeys((*warnings(dataset.about), *dataset.warnings))
    about = {WARNINGS: json.dumps(list(told))}
    if dataset.source is not None:
        columns = dict(dataset.source.columns)
        about[SOURCE] = json.dumps({"text": dataset.source.text, "columns": columns})
    return replace(dataset, about={**dataset.about, **about})


def warnings(about: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what the loader of a store's dataset warned of."""
    texts = _parsed(about.get(WARNINGS))
    return tuple(map(str, texts)) if isinstance(texts, list) else ()


def changes(about: Mapping[str, Any], index: Index) -> tuple[str, ...]:
    """Return what the dataset on disk says differently from a store: other labels, groups, folds or
    splits, and clips that are gone.

    A dataset that is no longer where it was, that featkit makes itself, or that only code outside
    featkit can load, says nothing.
    """
    source = _parsed(about.get(SOURCE))
    if not isinstance(source, dict) or _is_generated(str(source.get("text"))):
        return ()
    columns = {f"{field}_column": name for field, name in source.get("columns", {}).items()}
    try:
        now = {clip.id: clip for clip in get_dataset(str(source.get("text")), **columns).clips}
    except FeatkitError:
        return ()
    rows = np.flatnonzero(index["active"] == 1)
    ids = [str(name) for name in index["id"][rows]]
    if windows_of(about) is not None:
        ids = [clip_of(name) for name in ids]
        now = {name: replace(clip, group=clip.group or name) for name, clip in now.items()}
    there = {name: row for name, row in zip(ids, rows, strict=True) if name in now}
    other = {
        f"have another {name} now": [
            clip for clip, row in there.items() if index[name][row] != _entry(now[clip], name)
        ]
        for name in ("label", "group", "fold", "split")
    }
    other["are no longer there"] = [name for name in dict.fromkeys(ids) if name not in there]
    return tuple(
        f"{len(clips)} clips {what}: {listed(clips)}" for what, clips in other.items() if clips
    )


def _entry(clip: Clip, name: str) -> Any:
    """Return what a store has in one column of a clip."""
    value = getattr(clip, name)
    return -1 if value is None else value


def _is_generated(text: str) -> bool:
    name = text.partition(":")[0]
    return name in registry.names() and registry.get(name).generated


def _parsed(text: Any) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return None
