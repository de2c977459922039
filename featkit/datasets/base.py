"""What a dataset is: labelled clips and the protocol under which results may be compared."""

import dataclasses
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from featkit.datasets.columns import sources
from featkit.datasets.texts import check_text
from featkit.errors import DatasetError
from featkit.naming import display

Protocol = Literal["folds", "split", "none"]

# Stores keep folds in 32 bits.
LARGEST_FOLD = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Clip:
    """One labelled excerpt of a recording.

    Attributes
    ----------
    id : str
        Unique in the dataset and stable from run to run, wherever the folder is mounted.
    path : str
        The audio file: a path, or any URL that fsspec opens.
    label : str
        The class.
    fold : int or None
        Official fold, as the corpus numbers it; at most `LARGEST_FOLD`.
    group : str
        What may never be split between training and test: source recording, song, speaker, city.
        If empty, the clip is a group of its own.
    start, duration : float, float or None
        Excerpt of the file in seconds; with a duration of None, to the end.
    split : str
        ``train``, ``valid``, ``test`` or empty.
    """

    id: str
    path: str
    label: str
    fold: int | None = None
    group: str = ""
    start: float = 0.0
    duration: float | None = None
    split: str = ""


@dataclass(frozen=True)
class Source:
    """How a dataset is loaded again.

    Attributes
    ----------
    text : str
        What `get_dataset` takes, a path in it absolute.
    columns : mapping of str to str
        The columns of a table that were chosen, by what they hold: label, group, fold.
    """

    text: str
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Dataset:
    """Clips, where they came from, and how results on them are to be measured.

    Attributes
    ----------
    name : str
        What results are filed under, such as ``esc10``.
    clips : tuple of Clip
        In a stable order.
    root : str
        Folder (or URL) that contains the files; the store keeps paths relative to it.
    protocol : {"folds", "split", "none"}
        ``folds``: official folds; ``split``: the ``split`` of each clip; ``none``: folds are drawn
        at evaluation.
    about : mapping of str to str
        ``description``, ``licence``, ``citation``, ``homepage`` … where known.
    expected : mapping of str to int
        The numbers of the whole corpus, with the keys of `counts`; empty where nothing is known.
        Validation compares them.
    remarks : tuple of str
        What the loader noticed and did not correct: absent parts, labels that contradict each
        other.
    columns_ignored : tuple of str
        Columns of the table that are not used.
    group_column : str
        The table's column that groups come from; empty without one.
    source : Source or None
        How `get_dataset` loaded it; None for a dataset that code made. Equality leaves it out.
    """

    name: str
    clips: tuple[Clip, ...]
    root: str = ""
    protocol: Protocol = "none"
    about: Mapping[str, str] = field(default_factory=dict)
    expected: Mapping[str, int] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    columns_ignored: tuple[str, ...] = ()
    group_column: str = ""
    source: Source | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if not self.clips:
            raise DatasetError(f"{self.name!r}: there are no clips under {self.root!r}")
        check_text(f"the name of the dataset at {self.root!r}", [self.name])
        for field_name in ("id", "path", "label", "group", "split"):
            texts = [getattr(clip, field_name) for clip in self.clips]
            check_text(f"{self.name}: {field_name}", texts)
        _check_numbers(self.name, self.clips)
        seen: set[str] = set()
        for clip in self.clips:
            if clip.id in seen:
                raise DatasetError(f"{self.name}: two clips have the id {clip.id!r}")
            seen.add(clip.id)

    @property
    def classes(self) -> tuple[str, ...]:
        """Sorted labels."""
        return tuple(sorted({clip.label for clip in self.clips}))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What may make results on this dataset wrong; every result should repeat it."""
        if self.group_column:
            return ()
        return tuple(
            f"the column {column!r} is ignored: clips that share it may be in both training and "
            f"test, and results too good; --group-column {column} keeps them together"
            for column in sources(self.columns_ignored)
        )

    def __len__(self) -> int:
        return len(self.clips)

    def __repr__(self) -> str:
        clips = display.counted(len(self), "clip")
        classes = display.counted(len(self.classes), "class", "classes")
        return f"Dataset({self.name!r}, {clips}, {classes}, protocol={self.protocol!r})"

    def _repr_html_(self) -> str:
        per_class = Counter(clip.label for clip in self.clips)
        numbers = counts(self)
        facts = {
            **numbers,
            "groups": len({clip.group for clip in self.clips} - {""}),
            "protocol": self.protocol,
            "root": display.place(self.root),
        }
        return display.page(
            f"Dataset {self.name}",
            display.lines(f"Warning: {warning}" for warning in self.warnings),
            display.facts(facts),
            display.table(("class", "clips"), sorted(per_class.items())),
        )

    def head(self, count: int) -> "Dataset":
        """Return the dataset cut to its first ``count`` clips."""
        return dataclasses.replace(self, clips=self.clips[:count])


def _check_numbers(name: str, clips: Sequence[Clip]) -> None:
    for clip in clips:
        fold, length = clip.fold, clip.duration
        if fold is not None and not -LARGEST_FOLD <= fold <= LARGEST_FOLD:
            raise DatasetError(f"{name}: fold={fold} of {clip.id!r} is not within 32 bits")
        if not 0 <= clip.start < math.inf or not (length is None or 0 < length < math.inf):
            raise DatasetError(
                f"{name}: start={clip.start}, duration={length} of {clip.id!r}; expected seconds, "
                "a start ≥ 0 and a duration > 0"
            )


def counts(dataset: Dataset) -> dict[str, int]:
    """Return the numbers of ``clips`` and ``classes`` and, if there are any, of ``fold N``,
    ``train``, ``valid``, ``test``.
    """
    folds = Counter(clip.fold for clip in dataset.clips if clip.fold is not None)
    splits = Counter(clip.split for clip in dataset.clips if clip.split)
    numbers = {"clips": len(dataset), "classes": len(dataset.classes)}
    numbers |= {f"fold {fold}": folds[fold] for fold in sorted(folds)}
    return numbers | {
        split: splits[split] for split in ("train", "valid", "test") if split in splits
    }
