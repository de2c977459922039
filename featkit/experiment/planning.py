"""An experiment, checked and laid out before any work: datasets, cells and outputs."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from featkit.classifiers.base import named
from featkit.comparison.labels import find
from featkit.comparison.pooling import pool
from featkit.datasets import TABLES, Dataset, Windows, get_dataset, windows_of
from featkit.errors import ParameterError, StoreError
from featkit.experiment.config import Experiment, Fusion, Systems
from featkit.extraction import as_rows, check_target, status
from featkit.features import texts
from featkit.results import Cell, Score, done
from featkit.store import Store
from featkit.store.recordings import recordings_at
from featkit.store.table import Table

NEVER_TOGETHER = "no dataset, protocol, way of making folds and classifier seed has all members"


@dataclass(frozen=True, eq=False)
class Corpus:
    """A dataset that takes part, its store, and the canonical texts of all features it needs."""

    dataset: Dataset
    store: str
    features: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Work:
    """One feature of one dataset with all classifiers of one item of ``systems``.

    ``test`` names another dataset or is empty.
    """

    dataset: str
    test: str
    feature: str
    systems: Systems

    @property
    def parts(self) -> list[str]:
        """What the stores must have: the feature, or those that it joins."""
        return texts(self.feature)


@dataclass(frozen=True, eq=False)
class Plan:
    """What an experiment will do.

    Attributes
    ----------
    experiment : Experiment
    corpora : dict of str to Corpus
        By the dataset's name.
    work : tuple of Work
        In the order in which it is done.
    cells : tuple of Cell
        Every result that is asked for, without fusions.
    """

    experiment: Experiment
    corpora: dict[str, Corpus]
    work: tuple[Work, ...]
    cells: tuple[Cell, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return what there is to do as plain data; ``done`` counts what is there already."""
        finished = done(self.experiment.results)
        datasets = {name: _standing(corpus) for name, corpus in self.corpora.items()}
        cells = {"cells": len(self.cells), "done": sum(cell in finished for cell in self.cells)}
        return {
            "datasets": datasets,
            "results": self.experiment.results,
            "report": self.experiment.report,
            **cells,
        }


def check(experiment: Experiment) -> Plan:
    """Return what an experiment will do, after all checks that are possible before any work.

    Nothing is written.

    Raises
    ------
    ParameterError, DatasetError, StoreError
        If a dataset is missing, two have the same name, folds cannot be made or ``only_folds`` are
        not among them, a group would leak, a fusion's member or the baseline is not a system of the
        experiment, or an output cannot be written.
    """
    for path in experiment.outputs:
        _check_output(path)
    done(experiment.results)  # Raises where the file is not one of results.
    loaded = _datasets(experiment)
    names = {text: dataset.name for text, dataset in loaded.items()}
    work = tuple(
        Work(names[text], names[block.test] if block.test else "", feature, block)
        for block in experiment.systems
        for text in dict.fromkeys(block.dataset or experiment.dataset)
        for feature in block.canonical()
    )
    corpora = {dataset.name: _corpus(experiment, dataset, work) for dataset in loaded.values()}
    blanks = [
        blank
        for block in experiment.systems
        for blank in _blanks(block, [w for w in work if w.systems is block], corpora)
    ]
    _check_references(experiment, blanks)
    return Plan(experiment, corpora, work, tuple(dict.fromkeys(blank.cell for blank in blanks)))


def _datasets(experiment: Experiment) -> dict[str, Dataset]:
    """Return the dataset of each text that the experiment has."""
    loaded: dict[str, Dataset] = {}
    by_name: dict[str, str] = {}
    for text in experiment.dataset_texts():
        dataset = _dataset(experiment, text)
        loaded[text] = dataset if experiment.limit is None else dataset.head(experiment.limit)
        other = by_name.setdefault(dataset.name, text)
        if other != text:
            raise ParameterError(
                f"{other!r} and {text!r} are both called {dataset.name!r}; "
                "their results could not be told apart"
            )
    if len(loaded) > 1 and "{dataset}" not in experiment.store:
        raise ParameterError(
            f"store={experiment.store!r}: a store holds one dataset and there are {len(loaded)} "
            f"({', '.join(by_name)}); write {{dataset}} where its name goes, "
            "such as stores/{dataset}.zarr"
        )
    return loaded


def _dataset(experiment: Experiment, text: str) -> Dataset:
    """Return the dataset of a text, a table with the columns that the experiment chooses."""
    if not text.lower().endswith(TABLES):
        return get_dataset(text)
    return get_dataset(
        text,
        label_column=experiment.label_column,
        group_column=experiment.group_column,
        fold_column=experiment.fold_column,
    )


def _corpus(experiment: Experiment, dataset: Dataset, work: tuple[Work, ...]) -> Corpus:
    path = experiment.store.replace("{dataset}", dataset.name)
    store = Store(path) if check_target(path, dataset) else None
    rows = as_rows(dataset, Windows.of(experiment.window, experiment.hop), store)
    features = dict.fromkeys(
        part for item in work if dataset.name in (item.dataset, item.test) for part in item.parts
    )
    return Corpus(rows, path, tuple(features))


def outline(dataset: Dataset) -> Table:
    """Return the table of a dataset without any feature: what folds are made from."""
    clips = dataset.clips
    return Table(
        X=np.zeros((len(clips), 1), dtype=np.float32),
        y=np.array([clip.label for clip in clips]),
        folds=np.array([-1 if clip.fold is None else clip.fold for clip in clips], dtype=np.int64),
        groups=np.array([clip.group or clip.id for clip in clips]),
        ids=np.array([clip.id for clip in clips]),
        recordings=recordings_at(clip.path for clip in clips),
        splits=np.array([clip.split for clip in clips]),
        dataset=dataset.name,
        protocol=dataset.protocol,
        windows=windows_of(dataset.about),
    )


def _blanks(block: Systems, work: list[Work], corpora: dict[str, Corpus]) -> Iterator[Score]:
    """Yield a score without a measurement for each cell of one item of ``systems``."""
    for dataset in dict.fromkeys(item.dataset for item in work):
        test = outline(corpora[work[0].test].dataset) if block.test else None
        runs = list(block.runs(outline(corpora[dataset].dataset), test))
        for item in work:
            if item.dataset == dataset:
                for run in runs:
                    yield from (
                        replace(run.blank(split), feature=item.feature)
                        for split in run.plan.measured
                    )


def _check_references(experiment: Experiment, blanks: list[Score]) -> None:
    """Raise where a fusion or the baseline names a system that is not there."""
    systems = {(blank.feature, blank.classifier) for blank in blanks}
    labels = "; ".join(sorted(f"{feature} + {classifier}" for feature, classifier in systems))
    for fusion in experiment.fuse:
        for feature, classifier in sorted(fusion.pairs() - systems):
            missing = f"{feature} + {classifier}"
            raise ParameterError(
                f"fuse {fusion.name!r}: {missing!r} is not among the systems: {labels}"
            )
        if len(fusion.pairs() or systems) < 2 and not fusion.across_seeds:
            raise ParameterError(
                f"fuse {fusion.name!r}: two members or more are needed; the systems: {labels}"
            )
        if not fusible(fusion, systems, blanks):
            raise ParameterError(f"fuse {fusion.name!r}: {NEVER_TOGETHER}; the systems: {labels}")
        if fusion.name in {feature for feature, _ in systems}:
            raise ParameterError(f"fuse {fusion.name!r}: a feature has this name; choose another")
    if experiment.baseline and experiment.baseline not in {
        fusion.name for fusion in experiment.fuse
    }:
        find(named(experiment.baseline), pool(blanks))


def fusible(
    fusion: Fusion, systems: set[tuple[str, str]], scores: Iterable[Score]
) -> list[list[Score]]:
    """Return the scores that a fusion combines, one list for each league (and seed) that all its
    members have.

    ``systems`` are (feature, classifier) of all systems of the experiment: the members of a fusion
    that names none.
    """
    members = fusion.pairs() or systems
    groups: dict[tuple[str, str, str, int | None], list[Score]] = {}
    for score in scores:
        if (score.feature, score.classifier) in members:
            seed = None if fusion.across_seeds else score.seed
            groups.setdefault((score.dataset, score.protocol, score.scheme, seed), []).append(score)
    return [
        group
        for group in groups.values()
        if {(score.feature, score.classifier) for score in group} == members
    ]


def _check_output(path: Path) -> None:
    """Raise where a file cannot be written; its folders are made later."""
    target = next(place for place in (path, *path.parents) if place.exists())
    if path.is_dir() or (target != path and not target.is_dir()) or not os.access(target, os.W_OK):
        kind = "file" if target == path else "folder"
        raise ParameterError(
            f"{str(path)!r} cannot be written: {str(target)!r} is not a writable {kind}"
        )


def _standing(corpus: Corpus) -> dict[str, Any]:
    """Return what the store of a corpus has of each feature."""
    try:
        done_of = {
            item["feature"]: item["done"]
            for item in status(Store(corpus.store))["features"].values()
        }
    except StoreError:
        done_of = {}
    clips = len(corpus.dataset)
    features = {
        text: {"done": min(clips, done_of.get(text, 0)), "clips": clips} for text in corpus.features
    }
    return {"store": corpus.store, "features": features}
