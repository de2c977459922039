"""Kills of the process that extracts, of workers, of schedulers: the next run mends the store."""

import json
import shutil
import subprocess
import sys
import time

import numpy as np
import psutil
import pytest
from conftest import cli, environment, same
from kills import ROUNDS, SEED, extraction, levels

from featkit.store import Store, verify

pytestmark = pytest.mark.slow


SLOW = {"SLOW": "0.2"}


class Machines:
    """A Dask scheduler and two workers, each a process of its own."""

    def __init__(self, place):
        self.note, self.place = place / "scheduler.json", place
        self.note.unlink(missing_ok=True)
        self.scheduler = self._start("scheduler", "--port", "0", "--no-dashboard", "--no-show")
        wait_for(lambda: self.note.exists() and self.note.read_text().rstrip().endswith("}"))
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
    """Return once a condition holds."""
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
        all_of_them = psutil.Process(process.pid).children(recursive=True)
        return [child for child in all_of_them if "spawn_main" in " ".join(child.cmdline())]
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
            label = f"seed {SEED}, round {number}: killed after {moment:.3f} of {seconds:.3f} s"
            shutil.rmtree(tmp_path / "hurt", ignore_errors=True)
            running = start("hurt", *options())
            try:
                running.wait(moment)
            except subprocess.TimeoutExpired:
                kill(running, rng)
            check(*ended(running), label)
            status, printed = ended(start("hurt", *options()))
            assert status == 0, (label, printed)
            assert verify(Store(tmp_path / "hurt"))["damaged"] == [], label
            same(tmp_path / "hurt", tmp_path / "whole", label)

    return torture


def test_threads(kill_often):
    def check(status, printed, label):
        assert status in (0, -9), (label, printed)

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

    def check(status, printed, label):
        assert status in ((0, 1) if victim == "worker" else (0, -9)), (label, printed)
        assert victim == "client" or "Traceback" not in printed, (label, printed)
        assert psutil.wait_procs(workers, timeout=30)[1] == [], label

    kill_often(lambda: ("-j", 2, "--scheduler", "processes"), kill, check)


@pytest.fixture
def machines(tmp_path):
    started = []

    def fresh():
        """Return new machines in place of those there are."""
        for machine in started:
            machine.stop()
        started[:] = [Machines(tmp_path)]
        return started[0]

    yield fresh
    for machine in started:
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

    def check(status, printed, label):
        assert status in {"worker": (0, 1), "client": (0, -9), "scheduler": (0, 1, 2)}[victim], (
            label,
            printed,
        )
        assert "Traceback" not in printed, (label, printed)
        assert victim != "scheduler" or status == 0 or "Error: " in printed, (label, printed)

    kill_often(options, kill, check)
