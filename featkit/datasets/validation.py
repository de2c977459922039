"""What is wrong with a dataset before anything is computed from it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from featkit.audio import Signal, content_hash, decode, read_bytes
from featkit.datasets.base import Clip, Dataset, counts
from featkit.errors import AudioError


@dataclass(frozen=True)
class Duplicate:
    """Clips with the same audio bytes (and excerpt).

    Attributes
    ----------
    ids : tuple of str
        The clips.
    crosses_folds : bool
        Whether they are in more than one fold or split, so that a test clip is trained on.
    labels : tuple of str
        Their classes; more than one means that a label is wrong.
    """

    ids: tuple[str, ...]
    crosses_folds: bool
    labels: tuple[str, ...]


@dataclass(frozen=True)
class ValidationReport:
    """What `validate` found.

    Attributes
    ----------
    dataset : str
        Its name.
    missing : tuple of (id, path)
        Clips whose file is not there.
    unreadable : tuple of (id, path, reason)
        Clips whose file is no usable audio.
    durations : tuple of (id, expected, found)
        Excerpts for which the recording is too short, in seconds.
    duplicates : tuple of Duplicate
        Clips with the same bytes.
    misfolded : tuple of (group, parts)
        Groups in more than one fold or split.
    classes : mapping of str to int
        Clips in each class.
    unexpected : tuple of (what, expected, found)
        Numbers that differ from those of the whole corpus. For information: part of a corpus is
        allowed.
    remarks : tuple of str
        What the loader noticed. For information.
    columns_ignored : tuple of str
        Columns of the table that are not used. For information.
    warnings : tuple of str
        What may make results wrong, such as an unused column of speakers.
    """

    dataset: str
    missing: tuple[tuple[str, str], ...]
    unreadable: tuple[tuple[str, str, str], ...]
    durations: tuple[tuple[str, float, float], ...]
    duplicates: tuple[Duplicate, ...]
    misfolded: tuple[tuple[str, tuple[str, ...]], ...]
    classes: Mapping[str, int]
    unexpected: tuple[tuple[str, int, int], ...]
    remarks: tuple[str, ...]
    columns_ignored: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether no file is missing, unreadable, too short or duplicate and no group misfolded."""
        return not (
            self.missing or self.unreadable or self.durations or self.duplicates or self.misfolded
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the report as dictionaries and tuples, with ``ok``, as JSON takes them."""
        return {"ok": self.ok} | asdict(self)


def validate(
    dataset: Dataset, progress: Callable[[int, int], None] | None = None
) -> ValidationReport:
    """Return what is wrong with a dataset, after reading and decoding every clip.

    Parameters
    ----------
    dataset : Dataset
        What to check.
    progress : callable, optional
        Called with (clips done, clips in all).
    """
    missing, unreadable, durations = [], [], []
    same: dict[str, list[Clip]] = defaultdict(list)
    read: tuple[str, bytes] = ("", b"")
    for number, clip in enumerate(dataset.clips, start=1):
        try:
            # Excerpts of a long recording usually follow each other, and it is read only once.
            if read[0] != clip.path:
                read = (clip.path, read_bytes(clip.path))
            same[content_hash(read[1], clip.start, clip.duration)].append(clip)
            available = _available(read[1], clip)
            if available is not None and clip.duration is not None:
                durations.append((clip.id, clip.duration, available))
        except FileNotFoundError:
            missing.append((clip.id, clip.path))
        except (AudioError, OSError) as error:
            unreadable.append((clip.id, clip.path, str(error)))
        if progress is not None:
            progress(number, len(dataset))
    numbers = counts(dataset)
    return ValidationReport(
        dataset=dataset.name,
        missing=tuple(missing),
        unreadable=tuple(unreadable),
        durations=tuple(durations),
        duplicates=tuple(_duplicate(clips) for clips in same.values() if len(clips) > 1),
        misfolded=misfolded(dataset),
        classes=dict(sorted(Counter(clip.label for clip in dataset.clips).items())),
        unexpected=tuple(
            (what, expected, numbers.get(what, 0))
            for what, expected in dataset.expected.items()
            if numbers.get(what, 0) != expected
        ),
        remarks=dataset.remarks,
        columns_ignored=dataset.columns_ignored,
        warnings=dataset.warnings,
    )


def misfolded(dataset: Dataset) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return (group, its folds or splits) of every group that is in more than one."""
    parts: dict[str, set[str]] = defaultdict(set)
    for clip in dataset.clips:
        if clip.group:
            parts[clip.group].add(_part(clip))
    return tuple((group, tuple(sorted(of_it))) for group, of_it in parts.items() if len(of_it) > 1)


def _part(clip: Clip) -> str:
    fold = "" if clip.fold is None else f"fold {clip.fold}"
    return " ".join(filter(None, (clip.split, fold)))


def _available(data: bytes, clip: Clip) -> float | None:
    """Return None if the whole clip can be decoded, else the seconds that the recording has after
    the clip's start.
    """
    try:
        decode(data, clip.start, clip.duration)
    except AudioError:
        rest: Signal = decode(data, clip.start)
        if clip.duration is None or rest.duration >= clip.duration:
            raise
        return rest.duration
    return None


def _duplicate(clips: list[Clip]) -> Duplicate:
    labels = tuple(sorted({clip.label for clip in clips}))
    return Duplicate(
        tuple(clip.id for clip in clips), len({_part(clip) for clip in clips}) > 1, labels
    )
