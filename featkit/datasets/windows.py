"""A dataset whose clips are windows of another's clips.

Lengths come from the headers of the files; where a header states none, its frames are counted.
Nothing is decoded.
"""

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from typing import TypeAlias

from featkit.audio import Header, header, part
from featkit.audio.windows import Windows
from featkit.datasets.base import Clip, Dataset
from featkit.errors import AudioError, ParameterError
from featkit.naming.windowed import window_id

# Key of ``about``.
WINDOWS = "featkit_windows"
# Start and length in seconds of each window of a clip; a length of None: to the end.
Spans: TypeAlias = Sequence[tuple[float, float | None]]


def windows_of(about: Mapping[str, object]) -> Windows | None:
    """Return how the clips of a dataset were cut, as ``about`` states it; None for whole clips."""
    text = about.get(WINDOWS)
    return Windows.read(json.loads(text)) if isinstance(text, str) else None


def cut(dataset: Dataset, windows: Windows, known: Mapping[str, Spans] | None = None) -> Dataset:
    """Return the dataset of the windows of every clip.

    A window keeps label, fold and split of its clip. Its group is the clip's, or the clip itself,
    so that no way of making folds tears a clip apart. Its id is the clip's with the seconds in the
    file: ``dog/7.wav@0.5-1.5``. The last window ends with the clip (`Windows.spans`); a clip that
    is not longer than a window is one, whatever its length. A clip that cannot be read stays whole,
    so that an extraction names the failure.

    Parameters
    ----------
    dataset : Dataset
    windows : Windows
    known : mapping of str to sequence of (float, float or None), optional
        The windows of clips whose files need not be opened, by the clip's id.

    Raises
    ------
    ParameterError
        If the clips are windows already.
    """
    if windows_of(dataset.about) is not None:
        raise ParameterError(f"{dataset.name}: its clips are {windows_of(dataset.about)} already")
    known = known or {}
    unknown = {clip.path for clip in dataset.clips if clip.id not in known}
    headers = _headers(sorted(unknown))
    clips = [
        replace(
            clip,
            id=window_id(clip.id, start, None if length is None else start + length),
            group=clip.group or clip.id,
            start=start,
            duration=length,
        )
        for clip in dataset.clips
        for start, length in known.get(clip.id) or _spans(clip, windows, headers[clip.path])
    ]
    about = {**dataset.about, WINDOWS: json.dumps(asdict(windows))}
    return replace(dataset, clips=tuple(clips), about=about, expected={})


def _headers(paths: Sequence[str]) -> dict[str, Header | None]:
    """Return the header of each file; None where it cannot be read."""
    if any("://" in path for path in paths):
        with ThreadPoolExecutor(16) as pool:
            return dict(zip(paths, pool.map(_header, paths), strict=True))
    return {path: _header(path) for path in paths}


def _header(path: str) -> Header | None:
    try:
        # Asked for as for an excerpt: a local file is not read whole.
        with part(path, duration=1.0) as data:
            return header(data)
    except (AudioError, OSError):
        return None


def _spans(clip: Clip, windows: Windows, entry: Header | None) -> Spans:
    """Return the windows of one clip; those of an excerpt lie within it."""
    whole = (clip.start, clip.duration)
    if entry is None:
        return [whole]
    first = round(clip.start * entry.sr)
    left = entry.frames - first
    total = left if clip.duration is None else min(round(clip.duration * entry.sr), left)
    spans = windows.spans(total, entry.sr)
    # A decoder refuses an excerpt of which more is missing.
    short = clip.duration is not None and clip.duration * entry.sr - left > 0.05 * entry.sr
    if short or spans[0][1] is None:
        return [whole]
    return [(first / entry.sr + at, length) for at, length in spans]
