"""Fill a store: check everything first, then bring clips, features and rows up to date."""

import os
import time
import warnings
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from featkit.datasets import Dataset, Windows, get_dataset
from featkit.errors import ParameterError
from featkit.extraction import executors, plan
from featkit.extraction.cutting import as_rows
from featkit.extraction.result import Counts, Report
from featkit.extraction.target import check_feature, check_options, check_target
from featkit.extraction.task import Failure, Outcome, Task
from featkit.features import Feature, get_feature, lineage
from featkit.naming import loaded, spec
from featkit.store import Shelf, Store, layout
from featkit.store.changes import ensure, publish, update
from featkit.store.index import absolute
from featkit.store.records import DONE
from featkit.store.source import remembered
from featkit.store.writing import set_code

Progress = Callable[[Outcome], None]


def resolve_features(features: Sequence[str | Feature]) -> list[Feature]:
    """Return the features that the texts describe, seed ranges expanded and what is put together
    taken apart, each once.

    Raises
    ------
    ParameterError
        If there is none, or one is unknown.
    """
    texts = [
        text
        for item in features
        for text in (spec.expand_ranges(item) if isinstance(item, str) else [item])
    ]
    features_of_texts = (get_feature(text) if isinstance(text, str) else text for text in texts)
    by_key = {
        part.key: part
        for feature in features_of_texts
        for part in (feature.parts if feature.virtual else (feature,))
    }
    if not by_key:
        raise ParameterError("no feature to extract; name at least one, such as mfcc_stats")
    return list(by_key.values())


def extract(
    dataset: Dataset | str,
    features: Sequence[str | Feature] | str,
    store: str | os.PathLike[str],
    *,
    window: float | None = None,
    hop: float | None = None,
    jobs: int = 1,
    scheduler: str | None = None,
    device: str = "cpu",
    limit: int | None = None,
    rehash: bool = False,
    overwrite: bool = False,
    accept_code: bool = False,
    dtype: str = "float32",
    shard_clips: int | None = None,
    progress: Callable[[int], Progress] | None = None,
) -> Report:
    """Bring ``features`` of ``dataset`` up to date in ``store`` and return what was done.

    Only rows that are missing, failed or stale are computed: a row is stale when its audio, the
    feature's code, or the shard that held it has changed. Bad files go to the ledger and cost no
    other clip.

    Parameters
    ----------
    dataset : Dataset or str
        As `get_dataset` takes it.
    features : sequence of str or Feature, or str
        ``name:key=value,…``; ``seed=0-2`` stands for three.
    store : path or URL
        Made if it is not there.
    window, hop : float, optional
        Seconds: make rows of windows of the clips (`featkit.datasets.cut`); a hop is ``window`` by
        default. A store that holds windows goes on with them without being told.
    jobs : int
        Workers on this machine.
    scheduler : str, optional
        ``threads``, ``processes`` or the address of a Dask scheduler; by default threads, or
        processes for large jobs.
    device : {"cpu", "cuda"}
        Where features are computed; decoding is always on CPUs.
    limit : int, optional
        Only the dataset's first clips.
    rehash : bool
        Read all audio again instead of trusting size and time of the files.
    overwrite : bool
        Compute all rows again.
    accept_code : bool
        Keep rows that an earlier version of the feature's code made.
    dtype : {"float32", "float16"}
        Type on disk of features that the store does not have yet.
    shard_clips : int, optional
        Clips in one shard of a new store: the unit of work and of repair.
    progress : callable, optional
        Called with the number of clips to look at; what it returns is called with each task's
        outcome.

    Raises
    ------
    ParameterError, DatasetError, StoreError
        Before anything is written, if an argument is not allowed.
    SchedulerError
        If the Dask scheduler is lost; the rows that were done by then are kept.
    """
    begun = time.perf_counter()
    resolved = resolve_features([features] if isinstance(features, (str, Feature)) else features)
    whole = remembered(_loaded(dataset) if isinstance(dataset, str) else dataset)
    asked = Windows.of(window, hop)
    path = absolute(os.fspath(store))
    check_options(jobs=jobs, device=device, limit=limit, dtype=dtype, shard_clips=shard_clips)
    for feature in resolved:
        check_feature(feature)
        loaded.check(type(feature).__module__)
    chosen = whole if limit is None else whole.head(limit)
    exists = check_target(path, whole)
    executors.check(scheduler)
    existing = Store(path, "r+") if exists else None
    chosen = as_rows(chosen, asked, existing)
    target = existing
    if target is None:
        target = Store.create(path, chosen, shard_clips, tuple(resolved))
    with layout.writer_lock(path):
        target.reload()
        rows = update(target, chosen, whole=limit is None)
        shelves = {feature.key: ensure(target, feature, dtype) for feature in resolved}
        if accept_code:
            _accept_code(shelves, resolved)
        tasks = plan.make_tasks(
            target, rows, resolved, device=device, rehash=rehash, overwrite=overwrite
        )
        outcomes: list[Outcome] = []
        shown = progress(sum(int(task.look.sum()) for task in tasks)) if progress else None

        def on_done(outcome: Outcome) -> None:
            outcomes.append(outcome)
            if shown:
                shown(outcome)

        executors.run(tasks, jobs=jobs, scheduler=scheduler, on_done=on_done, on_lost=_lost)
        publish(target)
    return _report(path, resolved, outcomes, len(chosen), time.perf_counter() - begun)


def _loaded(text: str) -> Dataset:
    """Return the dataset that a text stands for, after a warning of columns that are not used."""
    dataset = get_dataset(text)
    for warning in dataset.warnings:
        warnings.warn(f"{dataset.name}: {warning}", stacklevel=3)
    return dataset


def _accept_code(shelves: Mapping[str, Shelf], features: Sequence[Feature]) -> None:
    for feature in features:
        shelf = shelves[feature.key]
        code = lineage.fingerprint(feature)
        entries = shelf.entries()
        other = np.flatnonzero((entries["status"] == DONE) & (entries["code"] != code))
        set_code(shelf, other, code)


def _lost(task: Task, error: Exception) -> Outcome:
    """Return the outcome of a task whose workers died: its rows stay missing and are reported."""
    looked = [int(i) for i in np.flatnonzero(task.look)]
    reason = (
        f"the worker died while it computed this block of {len(looked)} clips "
        f"({type(error).__name__})"
    )
    lines = tuple(
        Failure(task.first + i, task.sources[i].id, task.sources[i].path, "worker", reason)
        for i in looked
    )
    return Outcome(
        block=task.block,
        n_looked=len(looked),
        failed={due.feature.key: len(looked) for due in task.features},
        failures=lines,
    )


def _report(
    path: str, features: Sequence[Feature], outcomes: Sequence[Outcome], clips: int, seconds: float
) -> Report:
    counts = {}
    for feature in features:
        computed = sum(outcome.computed.get(feature.key, 0) for outcome in outcomes)
        failed = sum(outcome.failed.get(feature.key, 0) for outcome in outcomes)
        counts[feature.key] = Counts(
            feature.canonical, computed, max(0, clips - computed - failed), failed
        )
    failures = sorted(
        (line for outcome in outcomes for line in outcome.failures),
        key=lambda line: (line.row, line.stage),
    )
    audio_seconds = sum(outcome.audio_seconds for outcome in outcomes)
    return Report(path, counts, tuple(failures), seconds, audio_seconds, clips)
