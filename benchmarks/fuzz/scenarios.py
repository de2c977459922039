"""The commands that `crashes` kills: what they start from, what mends them, what is looked at."""

import hashlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

STATS = "mfcc_stats:sr=8000,n_mfcc=4"
# Rows of several shards, with the small pieces of `preload`.
LONG = "logmel:sr=8000,n_fft=256,n_mels=20,hop_length=16"
BOTH = ("-f", STATS, "-f", LONG)
FORMATS = Path(__file__).parents[2] / "tests" / "store" / "formats"
State = dict[str, Any]
Mending = tuple[tuple[tuple[str, ...], tuple[int, ...]], ...]


def preload() -> None:
    """Import what commands need, so that forks have it, and make the pieces of rows small."""
    import importlib

    for name in (
        *(
            "featkit_cli.main",
            "featkit.extraction",
            "featkit.store.migration",
            "featkit.store.merging",
            "soxr",
        ),
        *("dask.threaded", "featkit.datasets.folder", "google_crc32c", "zarr.storage", "skops.io"),
        *("featkit.evaluation", "featkit.classifiers.knn", "featkit.bundle", "pandas", "tqdm"),
        *("featkit.comparison.overview", "featkit.report.formats.html", "soundfile", "filelock"),
        "featkit.store.merging",
    ):
        importlib.import_module(name)
    from featkit.audio import Signal
    from featkit.features import get_feature, lineage
    from featkit.store import documents

    documents.PIECE_BYTES, documents.SHARD_PIECES = 2048, 2
    for text in (STATS, LONG):
        lineage.fingerprint(get_feature(text))
        samples = np.linspace(-0.5, 0.5, 4000, dtype=np.float32)
        get_feature(text).compute([Signal(samples, 8000)])


@dataclass(frozen=True)
class Scenario:
    """One command.

    Attributes
    ----------
    name : str
    command : tuple of str
        Its words; ``{here}`` is the folder that is killed in, ``{place}`` holds the audio.
    prepare : callable
        ``prepare(place, base)`` fills the folder that it starts from.
    mending : tuple of (words, statuses)
        Commands that are run after the kill, and the statuses that they may end with.
    state : callable
        ``state(folder, place)`` returns what must be right, as JSON.
    check : callable
        ``check(before, now, after)`` yields what is wrong right after the kill.
    allowed : tuple of int
        Statuses of the undisturbed command.
    tidy : bool
        Whether no other files may be left after mending.
    """

    name: str
    command: tuple[str, ...]
    prepare: Callable[[Path, Path], None]
    mending: Mending
    state: Callable[[Path, Path], State]
    check: Callable[[State, State, State], Iterator[str]]
    allowed: tuple[int, ...] = (0,)
    tidy: bool = True


def write_audio(place: Path, clips: int = 3, seed: int = 0) -> Path:
    """Write ``clips`` clips of two classes and return their folder."""
    from featkit import audio

    for number in range(clips):
        folder = place / "audio" / "ab"[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        samples = 0.1 * np.random.default_rng([seed, number]).standard_normal(3000 + 500 * number)
        audio.write(folder / f"{number}.wav", samples.astype(np.float32), 8000)
    return place / "audio"


def fill(place: Path, store: Path, features: tuple[str, ...] = (STATS, LONG)) -> None:
    """Extract the audio into a store."""
    from featkit.extraction import extract

    extract(str(place / "audio"), features, store, shard_clips=2)


def rows(folder: Path, place: Path) -> State:
    """Return a hash of every valid row of clips in the dataset, the clips, and the damage."""
    from featkit.errors import StoreError
    from featkit.store import Store, verify
    from featkit.store.rows import read

    store = folder / "s"
    if not store.exists():
        return {}
    state: State = {}
    try:
        opened = Store(store, salvage=True)
        ids, active = opened.index()["id"], np.flatnonzero(opened.index()["active"])
        for shelf in opened.shelves():
            for row in active:
                try:
                    valid = read(shelf, np.array([row]))
                except StoreError:
                    state[f"{shelf.canonical} {ids[row]}"] = "error"
                    continue
                for value in valid.values:
                    digest = hashlib.blake2b(value.tobytes(), digest_size=8).hexdigest()
                    state[f"{shelf.canonical} {ids[row]}"] = digest
        state["damaged"] = [str(item["error"]) for item in verify(opened)["damaged"]]
    except StoreError as error:
        return {"error": str(error).replace(str(folder), "")}
    state["columns"] = [
        [str(opened.index()[name][row]) for name in ("id", "label", "active")]
        for row in range(len(ids))
    ]
    return state


def kept(before: State, now: State, after: State) -> Iterator[str]:
    """Yield rows that are wrong, or lost although the command keeps them."""
    for row, value in now.items():
        if row not in ("damaged", "columns", "error") and value not in (
            before.get(row),
            after.get(row),
        ):
            yield f"{row} is {value}: neither what it was nor what it becomes"
    for row, value in before.items():
        if row not in now and value == after.get(row) and row not in ("damaged", "columns"):
            yield f"{row} is lost"


def recomputed(before: State, now: State, after: State) -> Iterator[str]:
    """Yield rows that are wrong; they may be missing, since the command computes all of them."""
    yield from (text for text in kept(before, now, after) if not text.endswith("lost"))


def earlier_or_whole(before: State, now: State, after: State) -> Iterator[str]:
    """Yield nothing if the store is of the earlier format or whole."""
    if "error" in now and "store migrate" in now["error"]:
        return
    yield from kept(after, now, after)


def _store(command: tuple[str, ...], **more: Any) -> dict[str, Any]:
    """Return the fields of a scenario whose command may simply be run again."""
    prune = (("store", "prune", "{here}/s"), (0,))
    return {
        "command": command,
        "mending": ((command, (0,)), prune),
        "state": rows,
        "check": kept,
        **more,
    }


MERGE = ("store", "merge", "{here}/a", "{here}/b", "--out", "{here}/s")
EXTRACT = ("extract", "{place}/audio", *BOTH, "--store", "{here}/s", "--shard-clips", "2")
PRUNE = (("store", "prune", "{here}/s"), (0,))


def _nothing(place: Path, base: Path) -> None:
    write_audio(place)


def _apart(place: Path, base: Path) -> None:
    write_audio(place)
    fill(place, base / "a", (STATS,))
    fill(place, base / "b", (LONG,))


def _full(place: Path, base: Path) -> None:
    write_audio(place)
    fill(place, base / "s")


def _fewer(place: Path, base: Path) -> None:
    _full(place, base)
    write_audio(place, 5)


def _changed(place: Path, base: Path) -> None:
    _full(place, base)
    folder = place / "audio"
    shutil.copy(folder / "b" / "1.wav", folder / "a" / "2.wav")
    (folder / "a" / "0.wav").unlink()


def _left(place: Path, base: Path) -> None:
    _changed(place, base)
    fill(place, base / "s")


def _damaged(place: Path, base: Path) -> None:
    _full(place, base)
    for name in ("id/manifest", "zarr.json", "label/c/0"):
        (base / "s" / name).write_bytes(b"")
    next((base / "s").glob("mfcc*-????????/c/0/0")).unlink()
    block = next((base / "s").glob("logmel*-????????/c/1/0/0"))
    data = bytearray(block.read_bytes())
    data[20] ^= 1
    block.write_bytes(data)


def _earlier(number: int) -> Callable[[Path, Path], None]:
    def prepare(place: Path, base: Path) -> None:
        shutil.unpack_archive(FORMATS / f"format{number}.zip", place / "unpacked")
        shutil.move(place / "unpacked" / "s.zarr", base / "s")

    return prepare


def _for_learning(place: Path, base: Path) -> None:
    write_audio(place, 12)
    fill(place, place / "s", (STATS,))


def _measured(place: Path, base: Path) -> None:
    from crashes import command

    _for_learning(place, base)
    words = (*EVALUATE, "-c", "knn")
    status, text = command([word.format(here=base, place=place) for word in words])
    if status:
        raise RuntimeError(text)


def _results(folder: Path, place: Path) -> State:
    """Return what can be read of the results: cells, scores and predictions."""
    from featkit.results import read

    file = folder / "r.jsonl"
    if not file.exists():
        return {}
    return {
        str(score.cell): [score.accuracy, list(score.y_pred)]
        for score in sorted(read(file), key=lambda score: score.cell)
    }


def _bundle(folder: Path, place: Path) -> State:
    """Return what the bundle predicts, if there is one."""
    from featkit.bundle import Bundle

    if not (folder / "bundle").exists():
        return {}
    bundle = Bundle.load(folder / "bundle")
    paths = sorted((place / "audio").rglob("*.wav"))
    return {
        str(path.name): [one.label, one.error]
        for path, one in zip(paths, bundle.predict(paths), strict=True)
    }


def _files(folder: Path, place: Path) -> State:
    """Return the sizes of the visible files: pages and archives hold the time of day."""
    return {
        path.name: path.stat().st_size
        for path in sorted(folder.iterdir())
        if not path.name.startswith(".")
    }


def either(before: State, now: State, after: State) -> Iterator[str]:
    """Yield outputs that are neither as before nor as after."""
    for name, value in now.items():
        if value not in (before.get(name), after.get(name)):
            yield f"{name} is {value}: neither what it was nor what it becomes"
    for name in before.keys() - now.keys():
        yield f"{name} is lost"


EVALUATE = ("evaluate", "{place}/s", "-f", STATS, "--n-folds", "2", "--out", "{here}/r.jsonl")


def _output(command: tuple[str, ...], prepare: Any = _for_learning, **more: Any) -> dict[str, Any]:
    return {
        "command": command,
        "prepare": prepare,
        "mending": ((command, (0,)),),
        "state": _files,
        "check": either,
        # A process that is killed at once leaves its own hidden file.
        "tidy": False,
        **more,
    }


_ALL = (
    Scenario("new", prepare=_nothing, **_store(EXTRACT)),
    Scenario("append", prepare=_fewer, **_store(EXTRACT)),
    Scenario("changed", prepare=_changed, **_store(EXTRACT)),
    Scenario("overwrite", prepare=_full, **_store((*EXTRACT, "--overwrite"), check=recomputed)),
    Scenario("prune", prepare=_left, **_store(("store", "prune", "{here}/s"))),
    Scenario(
        "rm",
        prepare=_full,
        **_store(
            ("store", "rm", "{here}/s", "-f", LONG),
            # The feature may be removed already.
            mending=((("store", "rm", "{here}/s", "-f", LONG), (0, 2)), PRUNE),
        ),
    ),
    Scenario(
        "repair",
        prepare=_damaged,
        **_store(
            ("verify", "{here}/s", "--repair"),
            mending=((("verify", "{here}/s", "--repair"), (0, 1)), (EXTRACT, (0,)), PRUNE),
            allowed=(0, 1),
        ),
    ),
    # The new store may be there already.
    Scenario("merge", prepare=_apart, **_store(MERGE, mending=((MERGE, (0, 2)), PRUNE))),
    Scenario("verify", prepare=_full, **_store(("verify", "{here}/s"))),
    *(
        Scenario(
            f"migrate{number}",
            prepare=_earlier(number),
            **_store(("store", "migrate", "{here}/s"), check=earlier_or_whole),
        )
        for number in (1, 2)
    ),
    Scenario("evaluate", **_output((*EVALUATE, "-c", "knn"), state=_results)),
    Scenario("evaluate more", **_output((*EVALUATE, "-c", "logistic"), _measured, state=_results)),
    Scenario(
        "train",
        **_output(
            ("train", "{place}/s", "-f", STATS, "-c", "knn", "--out", "{here}/bundle"),
            mending=(
                # The bundle may be there already.
                (
                    ("train", "{place}/s", "-f", STATS, "-c", "knn", "--out", "{here}/bundle"),
                    (0, 2),
                ),
            ),
            state=_bundle,
        ),
    ),
    *(
        Scenario(
            f"export {suffix}",
            **_output(("export", "{place}/s", "-f", STATS, "--to", f"{{here}}/e.{suffix}")),
        )
        for suffix in ("csv", "npz", "parquet")
    ),
    Scenario(
        "compare",
        **_output(
            (
                *("compare", "{here}/r.jsonl", "--html", "{here}/p.html", "--csv", "{here}/t.csv"),
                *("--markdown", "{here}/t.md", "--latex", "{here}/t.tex"),
            ),
            _measured,
        ),
    ),
)
SCENARIOS = {scenario.name: scenario for scenario in _ALL}
