"""What tests of kills share: commands that end themselves at a drawn change of a file, and a store
that is compared with an undisturbed one after each.

FEATKIT_TORTURE_ROUNDS sets how many kills each test draws, FEATKIT_TORTURE_SEED their moments.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
from conftest import environment, plugin, same

from featkit.store import Store, verify
from featkit.store.rows import read

ROUNDS = int(os.environ.get("FEATKIT_TORTURE_ROUNDS", "2"))
SEED = int(os.environ.get("FEATKIT_TORTURE_SEED", "0"))
POINTS = 3 * ROUNDS
FORMATS = Path(__file__).parent / "store" / "formats"
ENDING = Path(__file__).parents[1] / "benchmarks" / "fuzz"
RAGGED = "logmel:sr=8000,n_fft=256,n_mels=20"
FEATURES = ("mfcc_stats", RAGGED, "levels:Together")

TOGETHER = """

class Together(Level):
    '''Level above that of the batch: a row depends on its neighbours.'''
    batched = True

    def compute(self, signals, device="cpu"):
        levels = [self(signal) for signal in signals]
        return [level - np.mean(levels, dtype=np.float32) for level in levels]
"""

# Runs commands of featkit in forks of itself, which start at once. A fork ends itself at its n-th
# change of a file below the root, as benchmarks/fuzz/ending.py says.
FORKS = """
import json, os, sys
import dask.threaded, google_crc32c, numcodecs.zstd, numpy, soundfile, soxr
import threadpoolctl, tqdm, zarr.storage
import featkit.datasets.folder, featkit.extraction, featkit.store.migration
from featkit.store import documents
documents.PIECE_BYTES, documents.SHARD_PIECES = 2048, 2  # rows of several shards
from featkit.audio import Signal
from featkit.features import get_feature
from featkit.features.lineage import fingerprint as of_feature
from featkit_cli.main import main
from ending import arm

for text in sys.argv[2:]:
    of_feature(get_feature(text))
    get_feature(text).compute([Signal(numpy.linspace(-0.5, 0.5, 4000, dtype=numpy.float32), 8000)])
root = sys.argv[1]

for line in sys.stdin:
    request = json.loads(line)
    reply, answer = os.pipe()
    child = os.fork()
    if not child:
        os.dup2(os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
        os.dup2(1, 2)
        counted = arm(root, request["fatal"], request["harsh"])
        sys.argv[1:] = request["arguments"]
        try:
            main()
        except SystemExit as end:
            sys.stdout.flush()
            os.write(answer, json.dumps([end.code, counted()]).encode())
        os._exit(0)
    os.close(answer)
    with os.fdopen(reply) as pipe:
        text = pipe.read()
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(text or json.dumps([ended, 0]), flush=True)
"""


def extraction(folder, store, *more, features=FEATURES):
    """Return the words of ``featkit extract``."""
    return [
        "extract",
        str(folder),
        *(word for text in features for word in ("-f", text)),
        "--store",
        str(store),
        *map(str, more),
    ]


def levels(place):
    """Write the module ``levels`` with a feature whose rows depend on their batch."""
    plugin(place)
    with (place / "levels.py").open("a") as file:
        file.write(TOGETHER)


class Forks:
    """``forks(arguments, fatal, harsh)`` runs a command of featkit and gives its exit status and
    its number of changes.
    """

    def __init__(self, place):
        self.log = place / "log.txt"
        levels(place)
        command = [sys.executable, "-c", FORKS, str(place / "stores"), *FEATURES]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            command,
            env=environment(place, ENDING, OMP_NUM_THREADS="1"),
            stdin=pipe,
            stdout=pipe,
            text=True,
        )

    def __call__(self, arguments, fatal=None, harsh=False):
        request = {
            "arguments": [str(word) for word in arguments],
            "fatal": fatal,
            "harsh": harsh,
            "log": str(self.log),
        }
        print(json.dumps(request), file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())

    def done(self, arguments, allowed=(0,)):
        """Run a command to its end and return its number of changes."""
        status, changes = self(arguments)
        assert status in allowed, (arguments, status, self.log.read_text())
        return changes


def names(store):
    """Return every file of the store and beside it."""
    top = Path(store).parent
    return sorted(str(path.relative_to(top)) for path in top.rglob("*") if path.is_file())


def rows(store, features=FEATURES):
    """Return {(feature, clip): bytes} of the valid rows; each of them must be readable."""
    opened, by_clip = Store(store, salvage=True), {}
    index = opened.index()
    for shelf in opened.shelves():
        if shelf.canonical in features:
            valid = read(shelf, np.arange(len(index)))
            by_clip |= {
                (shelf.canonical, str(index["id"][row])): value.tobytes()
                for row, value in zip(valid.numbers, valid.values, strict=True)
            }
    return by_clip


def torment(forks, base, command, reruns, kept=None, check=None, every=False):
    """Kill ``command`` at drawn changes of files, or at ``every`` one, each time on a copy of
    ``base``; ``reruns`` must then mend everything.

    The rows ``kept`` must be readable and unchanged right after each kill; ``check`` looks at the
    store then.
    """
    whole, hurt = base.parent / "whole" / "s", base.parent / "hurt" / "s"

    def fresh(store):
        shutil.rmtree(store.parent, ignore_errors=True)
        store.parent.mkdir()
        if base.exists():
            shutil.copytree(base, store)

    def mend(store):
        for arguments in (*reruns(store), ["store", "prune", store]):
            forks.done(arguments, allowed=(0, 1) if arguments[0] == "verify" else (0,))

    fresh(whole)
    total = forks.done(command(whole), allowed=(0, 1))
    mend(whole)
    points = [(change, harsh) for change in range(1, total + 1) for harsh in (False, True)]
    if every:  # the other half of the manners with the next seed
        points = [point for point in points if (point[0] + SEED) % 2 == point[1]]
    for pick in np.random.default_rng(SEED).permutation(len(points))[: None if every else POINTS]:
        change, harsh = points[pick]
        label = f"seed {SEED}: {command(hurt)[0]}, killed at change {change} of {total}, {harsh=}"
        fresh(hurt)
        assert forks(command(hurt), change, harsh)[0] == 9, label
        there = rows(hurt) if kept else {}
        assert {key for key, value in (kept or {}).items() if there.get(key) != value} == set(), (
            label
        )
        if check:
            check(hurt)
        mend(hurt)
        assert verify(Store(hurt))["damaged"] == [], label
        same(hurt, whole, label)
        assert names(hurt) == names(whole), label
