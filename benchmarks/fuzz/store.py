"""Damage to a store: every object, bit by bit, cut, deleted, emptied, swapped with another, or
replaced by its own earlier version or by that of another store.

    python benchmarks/fuzz/store.py --cases 500 --seed 0

For each case: no table, plan or ledger may change without an error, ``verify`` must find the
damage, and ``verify --repair`` and ``extract`` must restore all that the dataset still has, bit for
bit. Prints one JSON object; exit status 1 if a case fails.
"""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from featkit import audio
from featkit.errors import FeatkitError
from featkit.extraction import extract, failures, status
from featkit.store import Store, documents, repair, verify

FEATURES = ("mfcc_stats:sr=8000,n_mfcc=4", "logmel:sr=8000,n_fft=256,n_mels=8,hop_length=64")
KINDS = ("flip", "cut", "delete", "empty", "swap", "older", "foreign")
CLIPS, SHARD_CLIPS = 8, 3


class Bench:
    """A whole store, what it says, and a copy to damage."""

    def __init__(self, place: Path) -> None:
        self.audio, self.whole, self.hurt = place / "audio", place / "whole.zarr", place / "s.zarr"
        self.write_audio(CLIPS - 1, seed=1)
        # Small pieces, so that the rows of longer clips take several shards.
        sizes = documents.PIECE_BYTES, documents.SHARD_PIECES
        documents.PIECE_BYTES, documents.SHARD_PIECES = 512, 2
        try:
            self.fill(self.whole)
            self.older = objects(self.whole)
            self.write_audio(CLIPS, seed=2)
            self.fill(place / "foreign.zarr")
            self.foreign = objects(place / "foreign.zarr")
            self.write_audio(CLIPS, seed=0)
            self.fill(self.whole)
        finally:
            documents.PIECE_BYTES, documents.SHARD_PIECES = sizes
        self.objects = objects(self.whole)
        self.truth = observed(self.whole)
        self.arrays = arrays(self.whole)

    def write_audio(self, clips: int, seed: int) -> None:
        """Write noise of different lengths, and one file that is no audio."""
        for number in range(clips):
            folder = self.audio / "ab"[number % 2]
            folder.mkdir(parents=True, exist_ok=True)
            rng = np.random.default_rng([number, seed])
            samples = 0.1 * rng.standard_normal(800 + 900 * number)
            audio.write(folder / f"{number}.wav", samples.astype(np.float32), 8000)
        (self.audio / "a" / "6.wav").write_bytes(b"no audio")

    def fill(self, store: Path) -> None:
        """Bring a store up to date with the audio."""
        extract(str(self.audio), FEATURES, store, shard_clips=SHARD_CLIPS)

    def damage(self, kind: str, rng: np.random.Generator) -> str:
        """Damage a fresh copy of the store in one way; return what was done, or nothing."""
        shutil.rmtree(self.hurt, ignore_errors=True)
        shutil.copytree(self.whole, self.hurt)
        instead = {"older": self.older, "foreign": self.foreign}.get(kind, {})
        names = sorted(
            name
            for name, data in self.objects.items()
            if not instead or instead.get(name, data) != data
        )
        name, other = (names[pick] for pick in rng.choice(len(names), 2, replace=False))
        data, file = self.objects[name], self.hurt / name
        if kind == "delete":
            file.unlink()
        elif kind == "swap":
            file.write_bytes(self.objects[other])
            (self.hurt / other).write_bytes(data)
            if data == self.objects[other]:
                return ""
            name = f"{name} with {other}"
        elif instead:
            file.write_bytes(instead[name])
        else:
            place = int(rng.integers(len(data)))
            flipped = bytearray(data)
            flipped[place] ^= 1 << int(rng.integers(8))
            file.write_bytes({"flip": bytes(flipped), "cut": data[:place], "empty": b""}[kind])
        return f"{kind} {name}"

    def problems(self) -> Iterator[str]:
        """Return what is wrong with how the damaged store is dealt with."""
        for name, outcome in observed(self.hurt).items():
            noticed = isinstance(outcome, Exception) or "damaged" in str(outcome)
            if outcome != self.truth[name] and not noticed:
                yield f"{name} changed without an error"
            if isinstance(outcome, Exception) and not isinstance(outcome, FeatkitError):
                yield f"{name}: {type(outcome).__name__}: {outcome}"
        report = verify(Store(self.hurt, salvage=True))
        if not report["damaged"]:
            yield "verify found nothing"
        repair(Store(self.hurt, "r+", salvage=True), report)
        self.fill(self.hurt)
        if verify(Store(self.hurt))["damaged"]:
            yield "verify finds damage after repair and extraction"
        if observed(self.hurt) != self.truth:
            yield "not as before after repair and extraction"
        if arrays(self.hurt) != self.arrays:
            yield "other readers of Zarr see other values after repair and extraction"


def objects(store: Path) -> dict[str, bytes]:
    """Return the bytes of every object of a store."""
    files = (path for path in sorted(store.rglob("*")) if path.is_file())
    return {str(path.relative_to(store)): path.read_bytes() for path in files}


def observed(store: Path) -> dict[str, Any]:
    """Return what a store says to a learner, a plan and a user, or the errors that it raises."""

    def table(text: str, memory: int = 1 << 30) -> Callable[[], tuple[Any, ...]]:
        def read() -> tuple[Any, ...]:
            rows = Store(store).table(text, memory)
            return rows.fingerprint, rows.contents.tolist(), rows.dataset, rows.protocol, len(rows)

        return read

    def plan() -> dict[str, Any]:
        stand = status(Store(store))
        for feature in stand["features"].values():
            del feature["bytes"]
        return stand | {"store": ""}

    questions = {
        "table": table(FEATURES[0]),
        "table of long rows": table(FEATURES[1]),
        "table in the store": table(FEATURES[0], 0),
        "joined table": table("+".join(FEATURES)),
        "plan": plan,
        "ledger": lambda: [str(line) for line in failures(Store(store))],
    }
    outcomes: dict[str, Any] = {}
    for name, ask in questions.items():
        try:
            outcomes[name] = ask()
        except Exception as error:
            outcomes[name] = error
    return outcomes


def arrays(store: Path) -> dict[str, bytes]:
    """Return every array as plain zarr reads it."""
    import zarr

    group = zarr.open_group(str(store), mode="r")
    return {name: repr(array[:].tolist()).encode() for name, array in sorted(group.arrays())}


def run(place: Path, cases: int, seed: int) -> dict[str, Any]:
    """Return ``{"cases", "failed": [{"case", "damage", "problem"}]}``."""
    bench, failed, done = Bench(place), [], 0
    for case in range(cases):
        rng = np.random.default_rng([seed, case])
        what = bench.damage(KINDS[case % len(KINDS)], rng)
        if not what:
            continue
        done += 1
        try:
            problems = list(bench.problems())
        except Exception as error:
            problems = [f"{type(error).__name__}: {error}"]
        failed += [{"case": case, "damage": what, "problem": problem} for problem in problems]
    return {"cases": done, "seed": seed, "objects": len(bench.objects), "failed": failed}


def main() -> None:
    """Run the cases that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        result = run(Path(place), options.cases, options.seed)
    print(json.dumps(result, indent=2))
    sys.exit(1 if result["failed"] else 0)


if __name__ == "__main__":
    main()
