"""Where tasks run makes no difference to the values, and neither do kills."""

import json
import subprocess
import sys
import time

import numpy as np
import pytest
from conftest import LOGMEL, MFCC, cli, environment, fill, plugin, python, same

from featkit.store import Store


@pytest.mark.parametrize(
    "options",
    [{"jobs": 2}, pytest.param({"jobs": 2, "scheduler": "processes"}, marks=pytest.mark.slow)],
)
def test_values_depend_neither_on_workers_nor_on_what_else_is_extracted(
    audio_folder, tmp_path, options
):
    folder = audio_folder(10)
    fill(folder, tmp_path / "a")
    for feature in (LOGMEL, MFCC):
        fill(folder, tmp_path / "b", [feature], **options)
    same(tmp_path / "a", tmp_path / "b")


def test_kill_at_any_moment_costs_nothing(audio_folder, tmp_path):
    folder = audio_folder(12)
    plugin(tmp_path)
    texts = ["-f", "levels:Level", "-f", "mfcc_stats"]
    undisturbed = cli(
        tmp_path, "extract", folder, *texts, "--store", tmp_path / "whole", "--shard-clips", 3
    )
    undisturbed.communicate()
    for delay in (0.4, 0.9, 1.3):
        running = cli(
            tmp_path,
            "extract",
            folder,
            *texts,
            "--store",
            tmp_path / "s",
            "--shard-clips",
            3,
            SLOW="0.15",
        )
        try:
            running.wait(timeout=delay + 0.5)
        except subprocess.TimeoutExpired:
            running.kill()
        running.communicate()
    last = cli(tmp_path, "extract", folder, *texts, "--store", tmp_path / "s", "--shard-clips", 3)
    last.communicate()
    assert last.returncode == 0
    check = cli(tmp_path, "verify", tmp_path / "s")
    assert check.wait() == 0
    check.communicate()
    same(tmp_path / "s", tmp_path / "whole")


@pytest.mark.slow
def test_a_killed_worker_is_replaced(audio_folder, tmp_path):
    import psutil

    folder = audio_folder(12)
    plugin(tmp_path)
    arguments = (
        "extract",
        folder,
        "-f",
        "levels:Level",
        "--store",
        tmp_path / "s",
        "--shard-clips",
        2,
        "--scheduler",
        "processes",
        "-j",
        2,
    )
    running = cli(tmp_path, *arguments, SLOW="0.4")
    killed, deadline = False, 200
    while running.poll() is None and deadline:
        if not killed and (tmp_path / "s").is_dir() and any((tmp_path / "s").glob("Level-*/c/*")):
            workers = [
                p
                for p in psutil.Process(running.pid).children(recursive=True)
                if "spawn_main" in " ".join(p.cmdline())
            ]
            if workers:
                workers[0].kill()
                killed = True
        deadline -= 1
        try:
            running.wait(timeout=0.1)
        except subprocess.TimeoutExpired:
            continue
    running.communicate(timeout=60)
    again = cli(tmp_path, *arguments)
    again.communicate()
    assert killed and again.returncode == 0
    plain = cli(
        tmp_path,
        "extract",
        folder,
        "-f",
        "levels:Level",
        "--store",
        tmp_path / "whole",
        "--shard-clips",
        2,
    )
    plain.communicate()
    same(tmp_path / "s", tmp_path / "whole")


def test_every_task_is_submitted_even_beyond_the_window(monkeypatch):
    from distributed import Client

    from featkit.extraction import block
    from featkit.extraction.executors import cluster
    from featkit.extraction.task import Outcome

    monkeypatch.setattr(cluster, "WINDOW", 2)
    monkeypatch.setattr(block, "run", lambda task: Outcome(task, 0))
    blocks = []
    with Client(processes=False, n_workers=1, dashboard_address=None) as client:
        cluster.distribute(client, range(7), lambda done: blocks.append(done.block), None)
    assert sorted(blocks) == list(range(7))


EDIT = """
import os, pathlib, sys
from featkit import extract
from featkit.naming.loaded import StaleCodeError
folder, store, module = sys.argv[1:]
options = dict(scheduler=os.environ.get("ADDRESS"))
extract(folder, "levels:Level", store, **options)
file = pathlib.Path(module)
file.write_text(file.read_text().replace("self.factor *", "3 * self.factor *"))
try:
    extract(folder, "levels:Level", store, **options)
except StaleCodeError as error:
    sys.exit(str(error))
"""


def test_a_process_does_not_file_old_codes_values_under_the_new_fingerprint(audio_folder, tmp_path):
    folder, store = audio_folder(4), tmp_path / "s"
    plugin(tmp_path)
    done = python(EDIT, folder, store, tmp_path / "levels.py", place=tmp_path)
    assert done.status == 1 and "levels.py changed after" in done.err
    before = Store(store).shelves()[0].table().X
    assert '"computed": 4' in again(tmp_path, folder, store)[1]
    assert np.allclose(Store(store).shelves()[0].table().X, 3 * before)


def again(place, folder, store, *more):
    running = cli(place, "extract", folder, "-f", "levels:Level", "--store", store, "--json", *more)
    out, err = running.communicate(timeout=120)
    return running.returncode, out + err


@pytest.mark.slow
def test_a_worker_that_outlives_an_edit_is_refused(audio_folder, tmp_path):
    folder, store = audio_folder(4), tmp_path / "s"
    plugin(tmp_path)
    note = tmp_path / "scheduler.json"
    commands = (
        ("scheduler", "--port", "0", "--no-dashboard", "--no-show"),
        ("worker", "--nthreads", "1", "--no-nanny", "--no-dashboard"),
    )
    machines = [
        subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.dask_{kind}", "--scheduler-file", note, *more],
            env=environment(tmp_path),
            stderr=subprocess.DEVNULL,
        )
        for kind, *more in commands
    ]
    try:
        while not note.exists():
            time.sleep(0.05)
        address = json.loads(note.read_text())["address"]
        assert again(tmp_path, folder, store, "--scheduler", address)[0] == 0
        before = Store(store).shelves()[0].table().X
        plugin(tmp_path, "3 * self.factor * np.abs(signal.samples).max()")
        status, printed = again(tmp_path, folder, store, "--scheduler", address)
        assert status == 1 and "a worker runs old code" in printed and "Traceback" not in printed
        assert np.array_equal(Store(store).shelves()[0].table().X, before)
    finally:
        for machine in machines:
            machine.kill()
            machine.wait()
    assert '"computed": 4' in again(tmp_path, folder, store)[1]
    assert np.allclose(Store(store).shelves()[0].table().X, 3 * before)


@pytest.mark.slow
@pytest.mark.parametrize("first", ["", "import torch\n"])
@pytest.mark.parametrize("feature", ["mfcc_stats", "random_cnn"])
def test_torch_has_as_many_threads_after_an_extraction_as_without(tmp_path, first, feature):
    extraction = f"import featkit\nfeatkit.extract('synthetic:20', ['{feature}'], 's.zarr')\n"
    last = "import torch\nprint(torch.get_num_threads())"
    without, after = (
        python(first + middle + last, place=tmp_path).out for middle in ("", extraction)
    )
    assert after == without != ""
