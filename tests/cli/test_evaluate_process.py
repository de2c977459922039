"""``featkit evaluate`` as a process: resumed after kills, and its messages."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def cli(tmp_path):
    def start(*arguments):
        paths = os.pathsep.join([str(ROOT), str(ROOT / "cli")])
        environment = {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-m", "featkit_cli", *map(str, arguments)]
        return subprocess.Popen(
            command,
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


def lines(path):
    """Cells and numbers, without times."""
    rows = [json.loads(line) for line in Path(path).read_text().splitlines()]
    return {
        tuple(map(str, (row["feature"], row["classifier"], row["fold"], row["seed"]))): {
            key: value for key, value in row.items() if not key.endswith("_seconds")
        }
        for row in rows
    }, len(rows)


@pytest.mark.slow
def test_killed_evaluation_goes_on_and_ends_as_if_undisturbed(cli, tmp_path):
    features = [f"mfcc_stats:n_mfcc={count}" for count in range(6, 16)]
    classifiers = ("knn", "svm", "elm", "logistic", "sgd")
    wanted = [part for feature in features for part in ("-f", feature)]
    done = cli("extract", "synthetic:60", *wanted, "--store", "s.zarr")
    assert done.wait(300) == 0, done.stderr.read()
    arguments = [
        "evaluate",
        "s.zarr",
        *wanted,
        *(p for c in classifiers for p in ("-c", c)),
        "--seeds",
        "3",
        "--out",
    ]
    whole = cli(*arguments, "whole.jsonl")
    _, progress = whole.communicate(timeout=300)
    assert whole.returncode == 0 and "100%" in progress
    expected, count = lines(tmp_path / "whole.jsonl")
    assert count == 10 * 5 * 3 * 5
    path, kept = tmp_path / "broken.jsonl", ""
    for most in (20, 200, 500):
        broken, until = cli(*arguments, "broken.jsonl"), time.monotonic() + 300
        while not (path.exists() and path.read_text().count("\n") > most):
            assert time.monotonic() < until and broken.poll() is None
            time.sleep(0.005)
        broken.send_signal(signal.SIGKILL)
        broken.communicate(timeout=60)
        before, earlier = path.read_text(), kept
        kept = before[: before.rfind("\n") + 1]
        assert most < kept.count("\n") < count and kept.startswith(earlier)
    again = cli(*arguments, "broken.jsonl", "--json")
    out, _ = again.communicate(timeout=300)
    assert again.returncode == 0 and json.loads(out)["computed"] == count - kept.count("\n")
    assert path.read_text().startswith(kept)
    found, number = lines(path)
    assert number == count and found == expected


def test_the_command_line_names_one_class_and_lost_folds(cli, write_wav, tmp_path):
    table = ["path,label,fold"]
    for number in range(6):
        write_wav(tmp_path / f"{number}.wav")
        table.append(f"{number}.wav,{'a' if number < 3 else 'b'},{1 if number < 3 else 2}")
    (tmp_path / "clips.csv").write_text("\n".join(table) + "\n")
    assert cli("extract", "clips.csv", "-f", "mfcc_stats", "--store", "s.zarr").wait(120) == 0
    done = cli(
        "evaluate", "s.zarr", "-f", "mfcc_stats", "-c", "knn", "-c", "sgd", "--out", "r.jsonl"
    )
    _, said = done.communicate(timeout=120)
    assert (
        done.returncode == 1
        and "3 training clips are of one class, 'b'" in said
        and "Traceback" not in said
    )
