"""Fill a store: check everything first, then bring clips, features and rows up to date."""

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from featkit.datasets import Dataset, get_dataset
from featkit.errors import MissingDependencyError, ParameterError, StoreError
from featkit.extraction import executors as schedulers
from featkit.extraction import plan
from featkit.extraction.result import Counts, Report
from featkit.extraction.task import DEVICES, Failure, Outcome, Task
from featkit.features import Feature, Joined, get_feature, lineage
from featkit.naming import spec
from featkit.store import Store, layout
from featkit.store.index import absolute, check_same, sync
from featkit.store.shelf import Shelf

Progress = Callable[[Outcome], None]


def resolve_features(features: Sequence[str | Feature]) -> list[Feature]:
    """Return the features that the texts describe, seed ranges expanded and joined ones taken
    apart, each once.

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
    made = (get_feature(text) if isinstance(text, str) else text for text in texts)
    found = {
        part.key: part
        for feature in made
        for part in (feature.parts if isinstance(feature, Joined) else (feature,))
    }
    if not found:
        raise ParameterError("no feature was asked for; name at least one, such as mfcc_stats")
    return list(found.values())


def extract(
    dataset: Dataset | str,
    features: Sequence[str | Feature] | str,
    store: str | os.PathLike[str],
    *,
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
    wanted = resolve_features([features] if isinstance(features, (str, Feature)) else features)
    whole = get_dataset(dataset) if isinstance(dataset, str) else dataset
    path = absolute(os.fspath(store))
    _check(jobs=jobs, device=device, limit=limit, dtype=dtype, shard_clips=shard_clips)
    for feature in wanted:
        _ = feature.shape  # Loads what is outside of featkit, before anything is written.
    chosen = whole if limit is None else whole.head(limit)
    exists = check_target(path, whole)
    schedulers.check(scheduler)
    target = Store(path, "r+") if exists else _created(path, whole, shard_clips)
    with layout.writer_lock(path):
        keys = target.keys()
        rows = sync(target.group, chosen, keys, whole=limit is None)
        shelves = {feature.key: target.ensure(feature, dtype) for feature in wanted}
        if accept_code:
            _accept_code(target, shelves, wanted)
        tasks = plan.make_tasks(
            target, rows, wanted, device=device, rehash=rehash, overwrite=overwrite
        )
        outcomes: list[Outcome] = []
        shown = progress(sum(int(task.look.sum()) for task in tasks)) if progress else None

        def on_done(outcome: Outcome) -> None:
            outcomes.append(outcome)
            if shown:
                shown(outcome)

        schedulers.run(
            tasks, jobs=jobs, scheduler=scheduler, on_done=on_done, on_lost=_lost(target)
        )
        for shelf in shelves.values():
            shelf.fit_frames(len(target))
    return _report(path, wanted, outcomes, len(chosen), time.perf_counter() - begun)


def _check(
    *, jobs: int, device: str, limit: int | None, dtype: str, shard_clips: int | None
) -> None:
    if jobs < 1:
        raise ParameterError(f"jobs={jobs}: at least 1 is needed")
    if device not in DEVICES:
        raise ParameterError(f"device={device!r} is not one of {', '.join(DEVICES)}")
    if limit is not None and limit < 1:
        raise ParameterError(f"limit={limit}: at least 1 is needed")
    if dtype not in ("float32", "float16"):
        raise ParameterError(f"dtype={dtype!r} is not one of float32, float16")
    if shard_clips is not None and shard_clips < 1:
        raise ParameterError(f"shard_clips={shard_clips}: at least 1 is needed")
    check_device(device)


def check_device(device: str) -> None:
    """Raise where torch finds no GPU for ``device="cuda"``."""
    if device == "cuda":
        import torch

        if not torch.cuda.is_available():
            raise MissingDependencyError(
                "--device cuda: torch finds no CUDA GPU here; use --device cpu"
            )


def check_target(path: str, dataset: Dataset) -> bool:
    """Return whether the store exists; raise StoreError if it cannot be made or is not this
    dataset's.
    """
    if layout.is_remote(path):
        try:
            found = Store(path)
        except StoreError as error:
            if "no store at" in str(error):
                return False
            raise
        check_same(found.group, dataset, found.index())
        return True
    place = Path(path)
    if place.is_dir() and any(place.iterdir()):
        if not (place / "zarr.json").exists():
            raise StoreError(
                f"{path!r} is a folder with other files in it; give a new folder, or a store, as --store"
            )
        found = Store(path)
        check_same(found.group, dataset, found.index())
        if not os.access(path, os.W_OK):
            raise StoreError(f"{path!r} is not writable")
        return True
    if place.exists() and not place.is_dir():
        raise StoreError(f"{path!r} is a file; a store is a folder")
    parent = next(folder for folder in place.parents if folder.exists())
    if not parent.is_dir() or not os.access(parent, os.W_OK):
        raise StoreError(f"{path!r} cannot be written: {str(parent)!r} is not a writable folder")
    return False


def _created(path: str, dataset: Dataset, shard_clips: int | None) -> Store:
    try:
        return Store.create(path, dataset, shard_clips)
    except OSError as error:
        raise StoreError(f"{path!r} cannot be written: {error.strerror or error}") from error


def _accept_code(store: Store, shelves: dict[str, Shelf], features: Sequence[Feature]) -> None:
    n = len(store)
    for feature in features:
        shelf = shelves[feature.key]
        code = lineage.fingerprint(feature)
        made = shelf.column("status", n) == layout.DONE
        other = np.flatnonzero(made & (shelf.column("identity", n)[:, 1] != code))
        if len(other):
            shelf.accept_code(other, code)


def _lost(store: Store) -> Callable[[Task, Exception], Outcome]:
    """Return what gives the outcome of a task whose workers died: its rows stay missing, and the
    report names them.
    """

    def outcome(task: Task, error: Exception) -> Outcome:
        looked = [int(i) for i in np.flatnonzero(task.look)]
        reason = f"the worker died while it computed this block of {len(looked)} clips ({type(error).__name__})"
        lines = tuple(
            Failure(task.first + i, task.sources[i].id, task.sources[i].path, "worker", reason)
            for i in looked
        )
        return Outcome(
            task.block,
            len(looked),
            {},
            {due.feature.key: len(looked) for due in task.features},
            lines,
        )

    return outcome


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
