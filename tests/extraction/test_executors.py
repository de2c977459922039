"""Where tasks run makes no difference to the values, and neither do kills."""

import subprocess

import pytest
from conftest import LOGMEL, MFCC, cli, fill, plugin, same


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
