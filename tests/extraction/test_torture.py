"""Kills at any moment, of the process that extracts, of workers and of schedulers: a rerun gives
what an undisturbed run gives.

FEATKIT_TORTURE_ROUNDS sets how many kills each test draws, FEATKIT_TORTURE_SEED their moments.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
import zarr
from conftest import cli, environment, plugin, same

from featkit.errors import StoreError
from featkit.store import Store, manifest, verify
from featkit.store.rows import read

pytestmark = pytest.mark.slow

ROUNDS = int(os.environ.get("FEATKIT_TORTURE_ROUNDS", "2"))
SEED = int(os.environ.get("FEATKIT_TORTURE_SEED", "0"))
POINTS = 3 * ROUNDS
FORMATS = Path(__file__).parents[1] / "store" / "formats"
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

# Runs commands of featkit in forks of itself, which start at once. A fork ends itself right before
# its n-th change of a file below the root; a file that it opens for writing, it may leave torn; a
# rename, it may make first.
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

for text in sys.argv[2:]:
    of_feature(get_feature(text))
    get_feature(text).compute([Signal(numpy.linspace(-0.5, 0.5, 4000, dtype=numpy.float32), 8000)])
root, fatal, harsh, count = sys.argv[1], None, False, 0
CHANGES = ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "os.truncate")

def changes(event, given):
    path = given[0] if given else None
    below = isinstance(path, (str, os.PathLike)) and os.fspath(path).startswith(root)
    if event == "open":
        return below and bool((given[2] or 0) & (os.O_WRONLY | os.O_RDWR))
    in_folder = given and given[-1] not in (-1, None) and not str(path).startswith("/")
    return event in CHANGES and (below or in_folder)

def watch(event, given):
    global count, fatal
    if event != "open" and event not in CHANGES or not changes(event, given):
        return
    count += 1
    if count == fatal:
        fatal = None
        if harsh and event == "open":
            with open(given[0], "wb") as file:
                file.write(b"torn")
        if harsh and event == "os.rename":
            os.replace(given[0], given[1])
        os._exit(9)

for line in sys.stdin:
    asked = json.loads(line)
    reply, answer = os.pipe()
    child = os.fork()
    if not child:
        os.dup2(os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
        os.dup2(1, 2)
        fatal, harsh = asked["fatal"], asked["harsh"]
        sys.addaudithook(watch)
        sys.argv[1:] = asked["arguments"]
        try:
            main()
        except SystemExit as end:
            sys.stdout.flush()
            os.write(answer, json.dumps([end.code, count]).encode())
        os._exit(0)
    os.close(answer)
    with os.fdopen(reply) as found:
        text = found.read()
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(text or json.dumps([ended, 0]), flush=True)
"""


def extraction(folder, store, *more, features=FEATURES):
    return [
        "extract",
        str(folder),
        *(word for text in features for word in ("-f", text)),
        "--store",
        str(store),
        *map(str, more),
    ]


def levels(place):
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
            command, env=environment(place, OMP_NUM_THREADS="1"), stdin=pipe, stdout=pipe, text=True
        )

    def __call__(self, arguments, fatal=None, harsh=False):
        asked = {
            "arguments": [str(word) for word in arguments],
            "fatal": fatal,
            "harsh": harsh,
            "log": str(self.log),
        }
        print(json.dumps(asked), file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())

    def done(self, arguments, allowed=(0,)):
        """Run a command to its end and return its number of changes."""
        status, changes = self(arguments)
        assert status in allowed, (arguments, status, self.log.read_text())
        return changes


@pytest.fixture
def forks(tmp_path):
    (tmp_path / "stores").mkdir()
    forks = Forks(tmp_path)
    yield forks
    forks.process.stdin.close()
    assert forks.process.wait(10) == 0


def names(store):
    """Return every file of the store and beside it."""
    top = Path(store).parent
    return sorted(str(path.relative_to(top)) for path in top.rglob("*") if path.is_file())


def rows(store, features=FEATURES):
    """Return {(feature, clip): bytes} of the valid rows; each of them must be readable."""
    opened, found = Store(store, salvage=True), {}
    index = opened.index()
    for shelf in opened.shelves():
        if shelf.canonical in features:
            valid = read(shelf, np.arange(len(index)))
            found |= {
                (shelf.canonical, str(index["id"][row])): value.tobytes()
                for row, value in zip(valid.numbers, valid.values, strict=True)
            }
    return found


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
        told = f"seed {SEED}: {command(hurt)[0]}, killed at change {change} of {total}, {harsh=}"
        fresh(hurt)
        assert forks(command(hurt), change, harsh)[0] == 9, told
        there = rows(hurt) if kept else {}
        assert {key for key, value in (kept or {}).items() if there.get(key) != value} == set(), (
            told
        )
        if check:
            check(hurt)
        mend(hurt)
        assert verify(Store(hurt))["damaged"] == [], told
        same(hurt, whole, told)
        assert names(hurt) == names(whole), told


@pytest.fixture
def base(tmp_path):
    return tmp_path / "stores" / "base"


@pytest.fixture
def full(forks, audio_folder, base):
    """Make (the folder of 12 clips, its complete store)."""
    folder = audio_folder(12)
    forks.done(extraction(folder, base, "--shard-clips", 4))
    return folder, base


def test_a_new_store(forks, audio_folder, base):
    folder = audio_folder(12)

    def command(store):
        return extraction(folder, store, "--shard-clips", 4)

    torment(forks, base, command, lambda store: [command(store)])


def test_clips_are_added(forks, audio_folder, base):
    folder = audio_folder(12)
    forks.done(extraction(folder, base, "--shard-clips", 4, "--limit", 6))
    # the batch of the first block stays as it was; that of the second grows, so its rows are
    # computed anew
    kept = {
        key: value
        for key, value in rows(base).items()
        if key[0] != FEATURES[2] or key[1] < "high/09"
    }
    assert len(kept) == 6 + 6 + 4

    def command(store):
        return extraction(folder, store)

    torment(forks, base, command, lambda store: [command(store)], kept)


def test_clips_are_added_and_withdrawn(forks, full, base):
    folder, _ = full
    extra = folder / "low" / "99.wav"
    shutil.copy(folder / "low" / "00.wav", extra)
    kept = rows(base)

    def command(store):
        return extraction(folder, store)

    def withdrawn(store):
        extra.rename(folder.parent / "away.wav")
        forks.done(command(store))
        (folder.parent / "away.wav").rename(extra)
        lengths = {array.shape[0] for _, array in zarr.open_group(str(store), mode="r").arrays()}
        assert len(lengths) == 1

    torment(forks, base, command, lambda store: [command(store)], kept, withdrawn)


def test_all_rows_are_computed_again(forks, full):
    folder, base = full

    def command(store):
        return extraction(folder, store, "--overwrite")

    torment(forks, base, command, lambda store: [extraction(folder, store)])


def test_rows_whose_audio_left_outlive_those_that_are_computed_again(forks, full):
    folder, base = full
    (folder / "low" / "04.wav").unlink()
    shutil.copy(folder / "high" / "01.wav", folder / "low" / "06.wav")
    kept = {
        key: value
        for key, value in rows(base).items()
        if key[1] != "low/06.wav" and key[0] != FEATURES[2]
    }

    def command(store):
        return extraction(folder, store)

    torment(forks, base, command, lambda store: [command(store)], kept)


def test_values_of_clips_that_left_are_dropped(forks, full):
    folder, base = full
    gone = ("high/03.wav", "low/02.wav", "low/04.wav")
    for name in gone:
        (folder / name).unlink()
    forks.done(extraction(folder, base))
    kept = {key: value for key, value in rows(base).items() if key[1] not in gone}

    def command(store):
        return ["store", "prune", store]

    torment(forks, base, command, lambda store: [command(store)], kept)


def test_a_feature_is_removed(forks, full):
    _, base = full
    kept = {key: value for key, value in rows(base).items() if key[0] != RAGGED}

    def command(store):
        return ["store", "rm", store, "-f", RAGGED]

    def whole_or_absent(store):
        assert len(rows(store, [RAGGED])) in (0, 12)

    def reruns(store):
        return [command(store)] if rows(store, [RAGGED]) else []

    torment(forks, base, command, reruns, kept, whole_or_absent)


def test_a_removed_feature_is_extracted_again(forks, full):
    folder, base = full
    torment(
        forks,
        base,
        lambda store: ["store", "rm", store, "-f", RAGGED],
        lambda store: [extraction(folder, store)],
    )


def test_damage_is_marked(forks, full):
    folder, base = full
    keys = {shelf.canonical: shelf.key for shelf in Store(base).shelves()}
    (base / keys[FEATURES[0]] / "c" / "1" / "0").unlink()
    (base / manifest.PLACE).unlink()
    for place in (f"{keys[RAGGED]}/c/0/0/0", f"{keys[FEATURES[2]]}_status/c/0"):
        data = bytearray((base / place).read_bytes())
        data[8] ^= 1
        (base / place).write_bytes(data)

    def command(store):
        return ["verify", store, "--repair"]

    torment(forks, base, command, lambda store: [command(store), extraction(folder, store)])


SMALL = (f"{RAGGED},hop_length=16", "mfcc_stats")


@pytest.fixture
def small(forks, audio_folder, base):
    """Make (a folder of 3 clips, its complete store of 2 blocks and a row of several shards)."""
    folder = audio_folder(3)
    forks.done(extraction(folder, base, "--shard-clips", 2, features=SMALL))
    assert len(list(base.glob("logmel-*/c/0/*"))) > 1
    return folder, base


def change(folder):
    """Replace the audio of one clip and withdraw another."""
    shutil.copy(folder / "high" / "01.wav", folder / "low" / "02.wav")
    (folder / "low" / "00.wav").unlink()


@pytest.mark.parametrize("command", ["new", "overwrite", "changed", "rm", "prune", "repair"])
def test_every_change_of_a_command_may_be_the_last(forks, small, base, command):
    folder, _ = small
    fresh = extraction(folder, "STORE", "--shard-clips", 2, features=SMALL)
    if command == "new":
        shutil.rmtree(base)
    if command in ("changed", "prune"):
        change(folder)
    if command == "prune":
        forks.done(extraction(folder, base, features=SMALL))
    if command == "repair":
        for place in (manifest.PLACE, "zarr.json", next(iter(base.glob("mfcc*/c/0/0")))):
            (base / place).write_bytes(b"")
    arguments = {
        "overwrite": [*fresh, "--overwrite"],
        "rm": ["store", "rm", "STORE", "-f", SMALL[0]],
        "prune": ["store", "prune", "STORE"],
        "repair": ["verify", "STORE", "--repair"],
    }.get(command, fresh)

    def filled(words, store):
        return [str(store) if word == "STORE" else word for word in words]

    def reruns(store):
        if command == "rm" and len(Store(store).keys()) == 1:
            return []
        return [filled(arguments, store), *([filled(fresh, store)] if command == "repair" else [])]

    torment(forks, base, lambda store: filled(arguments, store), reruns, every=True)


def test_every_change_of_a_migration_may_be_the_last(forks, base, tmp_path):
    shutil.unpack_archive(FORMATS / "format1.zip", tmp_path / "old")
    shutil.move(tmp_path / "old" / "s.zarr", base)

    def old_or_whole(store):
        try:
            tables = [len(shelf.table()) for shelf in Store(store).shelves()]
        except StoreError as error:
            assert "store migrate" in str(error)
        else:
            assert tables == [5, 5]

    def command(store):
        return ["store", "migrate", store]

    reruns = lambda store: [command(store)]  # noqa: E731
    torment(forks, base, command, reruns, check=old_or_whole, every=True)


SLOW = {"SLOW": "0.2"}


class Machines:
    """A Dask scheduler and two workers, each a process of its own."""

    def __init__(self, place):
        self.note, self.place = place / "scheduler.json", place
        self.note.unlink(missing_ok=True)
        self.scheduler = self._start("scheduler", "--port", "0", "--no-dashboard", "--no-show")
        wait_for(self.note.exists)
        self.address = json.loads(self.note.read_text())["address"]
        self.workers = [
            self._start("worker", "--nthreads", "1", "--no-nanny", "--no-dashboard")
            for _ in range(2)
        ]

    def _start(self, sort, *options):
        command = [
            sys.executable,
            "-m",
            f"distributed.cli.dask_{sort}",
            "--scheduler-file",
            str(self.note),
            *options,
        ]
        with (self.place / f"{sort}.log").open("ab") as log:
            return subprocess.Popen(
                command, env=environment(self.place, **SLOW), stdout=log, stderr=log
            )

    def stop(self):
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


def wait_for(condition, seconds=60.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def ended(running):
    """Return (status, everything printed); no process that it started is left, since the pipes are
    closed.
    """
    out, err = running.communicate(timeout=90)
    return running.returncode, out + err


def children(process):
    """Return the worker processes that ``process`` has now."""
    try:
        found = psutil.Process(process.pid).children(recursive=True)
        return [child for child in found if "spawn_main" in " ".join(child.cmdline())]
    except psutil.Error:
        return []


@pytest.fixture
def kill_often(audio_folder, tmp_path):
    """Extract undisturbed, then ROUNDS times with ``kill(running)`` at a moment drawn from its
    duration; each time, mend.
    """
    folder = audio_folder(12)
    levels(tmp_path)

    def start(name, *options):
        return cli(
            tmp_path, *extraction(folder, tmp_path / name, "--shard-clips", 2, *options), **SLOW
        )

    def torture(options, kill, check):
        begun = time.monotonic()
        assert ended(start("whole", *options()))[0] == 0
        seconds = time.monotonic() - begun
        rng = np.random.default_rng(SEED)
        for number in range(ROUNDS):
            moment = rng.uniform(0, seconds)
            told = f"seed {SEED}, round {number}: killed after {moment:.3f} of {seconds:.3f} s"
            shutil.rmtree(tmp_path / "hurt", ignore_errors=True)
            running = start("hurt", *options())
            try:
                running.wait(moment)
            except subprocess.TimeoutExpired:
                kill(running, rng)
            check(*ended(running), told)
            status, printed = ended(start("hurt", *options()))
            assert status == 0, (told, printed)
            assert verify(Store(tmp_path / "hurt"))["damaged"] == [], told
            same(tmp_path / "hurt", tmp_path / "whole", told)

    return torture


def test_threads(kill_often):
    def check(status, printed, told):
        assert status in (0, -9), (told, printed)

    kill_often(lambda: ("-j", 2), lambda running, rng: running.kill(), check)


@pytest.mark.parametrize("victim", ["worker", "client"])
def test_processes(kill_often, victim):
    workers = []

    def kill(running, rng):
        workers[:] = children(running)
        if victim == "client":
            running.kill()
        elif workers:
            workers[rng.integers(len(workers))].kill()

    def check(status, printed, told):
        assert status in ((0, 1) if victim == "worker" else (0, -9)), (told, printed)
        assert victim == "client" or "Traceback" not in printed, (told, printed)
        assert psutil.wait_procs(workers, timeout=30)[1] == [], told

    kill_often(lambda: ("-j", 2, "--scheduler", "processes"), kill, check)


@pytest.fixture
def machines(tmp_path):
    made = []

    def fresh():
        """Return new machines in place of those there are."""
        for machine in made:
            machine.stop()
        made[:] = [Machines(tmp_path)]
        return made[0]

    yield fresh
    for machine in made:
        machine.stop()


@pytest.mark.parametrize("victim", ["worker", "client", "scheduler"])
def test_machines_of_their_own(kill_often, machines, victim):
    current = []

    def options():
        if not current or any(
            process.poll() is not None for process in (*current[0].workers, current[0].scheduler)
        ):
            current[:] = [machines()]
        return "--scheduler", current[0].address

    def kill(running, rng):
        process = {
            "worker": current[0].workers[rng.integers(2)],
            "scheduler": current[0].scheduler,
            "client": running,
        }[victim]
        process.kill()
        process.wait()

    def check(status, printed, told):
        assert status in {"worker": (0, 1), "client": (0, -9), "scheduler": (0, 1, 2)}[victim], (
            told,
            printed,
        )
        assert "Traceback" not in printed, (told, printed)
        assert victim != "scheduler" or status == 0 or "Error: " in printed, (told, printed)

    kill_often(options, kill, check)
