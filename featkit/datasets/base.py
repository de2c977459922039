"""What a dataset is: labelled clips and the protocol under which results may be compared."""

import dataclasses
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from featkit.errors import DatasetError
from featkit.naming.registry import Registry

Protocol = Literal["folds", "split", "none"]


@dataclass(frozen=True, slots=True)
class Clip:
    """One labelled excerpt of a recording.

    Attributes
    ----------
    id : str
        Unique in the dataset and stable from run to run, whatever the folder is mounted as.
    path : str
        The audio file: a path, or any URL that fsspec opens.
    label : str
        The class.
    fold : int or None
        Official fold, as the corpus numbers it.
    group : str
        What may never be split between training and test: source recording, song, speaker, city.
        Empty: the clip alone.
    start, duration : float, float or None
        Excerpt of the file in seconds; a duration of None reads to the end.
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
class Dataset:
    """Clips, where they came from, and how results on them are to be measured.

    Attributes
    ----------
    name : str
        What results are filed under, such as ``esc10``.
    clips : tuple of Clip
        In a stable order.
    root : str
        Folder (or URL) that the paths lie under; the store keeps paths relative to it.
    protocol : {"folds", "split", "none"}
        ``folds``: official folds; ``split``: the ``split`` of each clip; ``none``: folds are drawn
        at evaluation.
    about : mapping of str to str
        ``description``, ``licence``, ``citation``, ``homepage`` … where known.
    expected : mapping of str to int
        What the whole corpus counts, with the keys of `counts`; empty where nothing is known.
        Validation compares.
    remarks : tuple of str
        What the loader noticed and did not correct: parts that are not there, labels that
        contradict each other.
    """

    name: str
    clips: tuple[Clip, ...]
    root: str = ""
    protocol: Protocol = "none"
    about: Mapping[str, str] = field(default_factory=dict)
    expected: Mapping[str, int] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for clip in self.clips:
            if clip.id in seen:
                raise DatasetError(f"{self.name}: two clips have the id {clip.id!r}")
            seen.add(clip.id)
        if not self.clips:
            raise DatasetError(f"{self.name}: no clips found under {self.root!r}")

    @property
    def classes(self) -> tuple[str, ...]:
        """Sorted labels."""
        return tuple(sorted({clip.label for clip in self.clips}))

    def __len__(self) -> int:
        return len(self.clips)

    def head(self, count: int) -> "Dataset":
        """Return the dataset cut to its first ``count`` clips."""
        return dataclasses.replace(self, clips=self.clips[:count])


def counts(dataset: Dataset) -> dict[str, int]:
    """Return the numbers of ``clips`` and ``classes`` and, where there are any, of ``fold N``,
    ``train``, ``valid``, ``test``.
    """
    folds = Counter(clip.fold for clip in dataset.clips if clip.fold is not None)
    splits = Counter(clip.split for clip in dataset.clips if clip.split)
    found = {"clips": len(dataset), "classes": len(dataset.classes)}
    found |= {f"fold {fold}": folds[fold] for fold in sorted(folds)}
    return found | {split: splits[split] for split in ("train", "valid", "test") if split in splits}


@dataclass(frozen=True)
class Corpus:
    """A kind of dataset that featkit can load; the file that defines ``load`` gives it its name.

    Attributes
    ----------
    load : callable
        ``load(root) -> Dataset``; its docstring's first line describes the corpus. With
        ``generated`` it is ``load(variant, root)``, where both may be empty.
    about : mapping of str to str
        ``description``, ``licence``, ``citation`` and ``homepage``.
    expected : mapping of str to int
        What the whole corpus counts, with the keys of `counts`.
    generated : bool
        Whether featkit makes the recordings itself, so that no root has to be given.
    """

    load: Callable[..., Dataset]
    about: Mapping[str, str] = field(default_factory=dict)
    expected: Mapping[str, int] = field(default_factory=dict)
    generated: bool = False

    def __post_init__(self) -> None:
        # The registry files a part under its ``__module__`` and describes it by its ``__doc__``:
        # here, those of ``load``.
        for name in ("__module__", "__doc__"):
            object.__setattr__(self, name, getattr(self.load, name))

    def __call__(self, root: str) -> Dataset:
        """Return the dataset at ``root``, with what is known about the corpus."""
        made = self.load(root)
        about, expected = {**made.about, **self.about}, {**made.expected, **self.expected}
        return dataclasses.replace(made, about=about, expected=expected)


# One corpus per file: each registers one `Corpus`.
registry: Registry[Corpus] = Registry(
    "featkit.datasets",
    "dataset",
    hidden=("base", "layout", "lookup", "making", "sounds", "validation"),
)
