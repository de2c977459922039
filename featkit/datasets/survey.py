"""What a dataset holds, from its clips and the headers of its files; nothing is decoded."""

import statistics
from collections import Counter
from collections.abc import Callable
from typing import Any

from featkit.audio import Header, header
from featkit.audio.recording import Recording
from featkit.datasets.base import Dataset
from featkit.errors import AudioError


def survey(dataset: Dataset, progress: Callable[[int, int], None] | None = None) -> dict[str, Any]:
    """Return the numbers of a dataset, as ``featkit datasets show`` prints them.

    ``clips``, ``groups`` (not counting clips without one) and ``files`` are numbers; ``classes``,
    ``folds`` and ``splits`` map values to numbers of clips, ``rates`` (Hz) and ``channels`` to
    numbers of files; ``durations`` holds ``shortest``, ``median``, ``longest`` and ``total``
    of the clips in seconds; ``unreadable`` counts files whose header cannot be read, and ``remote``
    those behind URLs, which are not opened.

    Parameters
    ----------
    dataset : Dataset
        What to look at.
    progress : callable, optional
        Called with (files done, files in all).
    """
    paths = list(dict.fromkeys(clip.path for clip in dataset.clips))
    headers: dict[str, Header | None] = {}
    for number, path in enumerate(paths, start=1):
        headers[path] = None if _is_remote(path) else _header(path)
        if progress is not None:
            progress(number, len(paths))
    durations = []
    for clip in dataset.clips:
        entry = headers[clip.path]
        if clip.duration is not None:
            durations.append(clip.duration)
        elif entry is not None:
            durations.append(max(0.0, entry.frames / entry.sr - clip.start))
    readable = [entry for entry in headers.values() if entry is not None]
    remote = sum(map(_is_remote, paths))
    return {
        "clips": len(dataset),
        "groups": len({clip.group for clip in dataset.clips} - {""}),
        "files": len(paths),
        "classes": _counted([clip.label for clip in dataset.clips]),
        "folds": _counted([clip.fold for clip in dataset.clips if clip.fold is not None]),
        "splits": _counted([clip.split for clip in dataset.clips if clip.split]),
        "durations": _spread(durations),
        "rates": _counted([entry.sr for entry in readable]),
        "channels": _counted([entry.channels for entry in readable]),
        "unreadable": len(paths) - remote - len(readable),
        "remote": remote,
    }


def _is_remote(path: str) -> bool:
    return "://" in path.removeprefix("file://")


def _header(path: str) -> Header | None:
    try:
        with Recording(path.removeprefix("file://")) as data:
            return header(data)
    except (AudioError, OSError):
        return None


def _counted(values: list[Any]) -> dict[str, int]:
    counted = Counter(values)
    return {str(value): counted[value] for value in sorted(counted)}


def _spread(durations: list[float]) -> dict[str, float]:
    if not durations:
        return {}
    return {
        "shortest": round(min(durations), 3),
        "median": round(statistics.median(durations), 3),
        "longest": round(max(durations), 3),
        "total": round(sum(durations), 3),
    }
