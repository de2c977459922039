"""What an experiment is: frozen dataclasses that a YAML file fills key by key, without guessing."""

import dataclasses
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, Literal

from featkit.classifiers import make_classifier
from featkit.classifiers.base import identity
from featkit.datasets import TABLES, Windows
from featkit.datasets import registry as corpora
from featkit.errors import ParameterError
from featkit.evaluation import PRESCRIBED, Folding, Grid
from featkit.experiment import document
from featkit.experiment.schema import build
from featkit.features import get_feature
from featkit.naming import spec
from featkit.results.fusion import Rule


def _part(make: Callable[[str], object]) -> Callable[[str], None]:
    """Return a check of a text ``name:key=value,…``, seed ranges expanded."""

    def check(text: str) -> None:
        if "=" in text.partition(":")[0]:
            raise ParameterError(
                f"{text!r} has no name; inside [ ] a comma ends an item: "
                "quote the text, or write one per line"
            )
        for each in spec.expand_ranges(text):
            make(each)

    return check


@dataclass(frozen=True, kw_only=True)
class Systems(Grid):
    """A cross product: every feature with every classifier, measured in one way.

    Attributes
    ----------
    features, classifiers : tuple of str
        ``name:key=value,…``; ``seed=0-2`` stands for three.
    folding : Folding
        In a file its fields stand among those of the item: ``folds``, ``n_folds``, ….
    dataset : tuple of str
        Where to measure; empty for all datasets of the experiment.
    test : str
        Train on each dataset and test on this one.
    """

    features: tuple[str, ...] = field(metadata={"check": _part(get_feature)})
    classifiers: tuple[str, ...] = field(metadata={"check": _part(make_classifier)})
    folding: Folding = field(default=PRESCRIBED, metadata={"inline": True})
    dataset: tuple[str, ...] = ()
    test: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("features", "classifiers", "protocol"):
            if not getattr(self, name):
                raise ParameterError(f"{name} is empty; name at least one")
        expanded = tuple(text for item in self.classifiers for text in spec.expand_ranges(item))
        object.__setattr__(self, "classifiers", expanded)

    def canonical(self) -> list[str]:
        """Return the canonical text of each feature, each once."""
        texts = [text for item in self.features for text in spec.expand_ranges(item)]
        return list(dict.fromkeys(get_feature(text).canonical for text in texts))


@dataclass(frozen=True, kw_only=True)
class Fusion:
    """One more system, from the stored predictions of others: see `featkit.results.fuse`.

    Attributes
    ----------
    name : str
        What results call it, in the place of the feature.
    members : tuple of str
        ``FEATURE + CLASSIFIER`` as they are written under ``systems``; empty for all.
    rule : {"mean", "vote", "product", "stack", "stack_product"}
    across_seeds : bool
        Fuse all classifier seeds into one, instead of one result for each seed that all members
        have.
    """

    name: str
    members: tuple[str, ...] = ()
    rule: Rule = "mean"
    across_seeds: bool = False

    def pairs(self) -> set[tuple[str, str]]:
        """Return (canonical feature, classifier) of each member, as results name them.

        Raises
        ------
        ParameterError
            If a member is not ``FEATURE + CLASSIFIER``.
        """
        pairs = set()
        for member in self.members:
            feature, sign, classifier = member.partition(" + ")
            if not sign:
                raise ParameterError(f"{member!r} is not 'FEATURE + CLASSIFIER'")
            for text in spec.expand_ranges(feature.strip()):
                pairs |= {
                    (get_feature(text).canonical, identity(each))
                    for each in spec.expand_ranges(classifier.strip())
                }
        return pairs


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """Datasets, systems, and where everything goes. Paths are absolute once `load` has read them
    from a file.

    Attributes
    ----------
    dataset : tuple of str
        As `get_dataset` takes them.
    store : str
        Path or URL; ``{dataset}`` stands for the dataset's name, and must be there where there are
        several datasets.
    results : str
        Results, JSON lines.
    report : str
        The HTML page, with pictures of clips; a Markdown file is written beside it. Empty for none.
    audio : bool
        Embed the recordings of those clips in the page, up to 1 MB each.
    systems : tuple of Systems
    fuse : tuple of Fusion
    baseline : str
        The system that all others are tested against, as `compare` takes it; empty for the best.
    all_pairs : bool
        Test every pair of systems instead.
    jobs : int
        Workers of the extraction, processes of the evaluation.
    device : {"cpu", "cuda"}
        Where features are computed.
    scheduler : str
        As `extract` takes it; empty for its default.
    dtype : {"float32", "float16"}
        Type on disk of new features.
    limit : int or None
        Only the first clips of each dataset: for a trial.
    window, hop : float or None
        Seconds, as in `featkit.extract`: rows are windows of the clips.
    label_column, group_column, fold_column : str
        Columns of the datasets that are tables, to use instead of ``label``, ``group`` and
        ``fold``.
    """

    dataset: tuple[str, ...]
    store: str
    results: str
    systems: tuple[Systems, ...]
    report: str = ""
    audio: bool = True
    fuse: tuple[Fusion, ...] = ()
    baseline: str = ""
    all_pairs: bool = False
    jobs: int = 1
    device: Literal["cpu", "cuda"] = "cpu"
    scheduler: str = ""
    dtype: Literal["float32", "float16"] = "float32"
    limit: int | None = None
    window: float | None = None
    hop: float | None = None
    label_column: str = ""
    group_column: str = ""
    fold_column: str = ""

    def __post_init__(self) -> None:
        if self.jobs < 1 or (self.limit is not None and self.limit < 1):
            raise ParameterError(f"jobs={self.jobs}, limit={self.limit}: at least 1 is needed")
        Windows.of(self.window, self.hop)
        if self.baseline and self.all_pairs:
            raise ParameterError("baseline and all_pairs: true exclude each other")
        if not self.dataset or not self.systems:
            raise ParameterError("dataset and systems may not be empty")
        columns = {
            f"{use}_column": getattr(self, f"{use}_column") for use in ("label", "group", "fold")
        }
        chosen = [f"{name}={column}" for name, column in columns.items() if column]
        if chosen and not any(text.lower().endswith(TABLES) for text in self.dataset_texts()):
            raise ParameterError(
                f"{', '.join(chosen)}: no dataset is a table ({', '.join(TABLES)}), so that there "
                "are no columns to choose"
            )
        names = [fusion.name for fusion in self.fuse]
        if len(set(names)) < len(names):
            raise ParameterError(f"two fusions have one name: {', '.join(names)}")
        named = [
            *map(str, self.outputs),
            f"{self.results}.predictions",
            f"{self.results}.inner",
            self.store,
        ]
        places = [os.path.abspath(place) for place in named if place]
        if len(set(places)) < len(places):
            raise ParameterError(
                f"results={self.results}, report={self.report} and store={self.store} "
                "name one file twice"
            )

    @property
    def pages(self) -> tuple[Path, ...]:
        """The files of the report: HTML, and Markdown beside it; none without a report."""
        stem = self.report.removesuffix(".html").removesuffix(".md")
        return tuple(Path(f"{stem}.{suffix}") for suffix in ("html", "md") if stem)

    @property
    def outputs(self) -> tuple[Path, ...]:
        """All files that are written, but for the stores."""
        return (Path(self.results), *self.pages)

    def dataset_texts(self) -> list[str]:
        """Return every dataset that is named somewhere, each once."""
        blocks = [(*(block.dataset or self.dataset), block.test) for block in self.systems]
        return [text for text in dict.fromkeys([*self.dataset, *chain(*blocks)]) if text]


def load(file: str | os.PathLike[str], changes: Sequence[str] = ()) -> Experiment:
    """Return the experiment that a YAML file describes; its relative paths start from the file's
    folder.

    Parameters
    ----------
    file : path
    changes : sequence of str
        ``key=value`` that go before the file's, such as ``limit=40`` or ``systems.0.seeds=3``.

    Raises
    ------
    ParameterError
        For an unknown key, a value of the wrong type, an unknown feature or classifier; the message
        says where.
    """
    data, place = document.read(file, changes)
    written = build(Experiment, data, place)
    folder = Path(file).resolve().parent
    blocks = tuple(
        dataclasses.replace(
            block,
            dataset=tuple(_dataset_from(text, folder) for text in block.dataset),
            test=block.test and _dataset_from(block.test, folder),
        )
        for block in written.systems
    )
    datasets = tuple(_dataset_from(text, folder) for text in written.dataset)
    paths: dict[str, Any] = {
        name: _path_from(getattr(written, name), folder) for name in ("store", "results", "report")
    }
    return dataclasses.replace(written, dataset=datasets, systems=blocks, **paths)


def _path_from(text: str, folder: Path) -> str:
    return text if not text or "://" in text else str(folder / Path(text).expanduser())


def _dataset_from(text: str, folder: Path) -> str:
    """Return a dataset's text with the path in it, if it has one, made absolute."""
    name, colon, root = text.partition(":")
    if name in corpora.names():
        rooted = colon and root and not corpora.get(name).generated
        return f"{name}:{_path_from(root, folder)}" if rooted else text
    module, attribute, root = (*text.split(":", 2), "", "")[:3]
    if attribute.isidentifier() and all(part.isidentifier() for part in module.split(".")):
        return f"{module}:{attribute}:{_path_from(root, folder)}" if root else text
    path = _path_from(text, folder)
    return path if os.path.exists(path) or os.sep in text else text
