"""``featkit evaluate`` as a process: resumed after kills, and its messages."""

import json
import signal
import time
from functools import partial
from pathlib import Path

import pytest
from conftest import cli


@pytest.fixture
def start(tmp_path):
    """``start(*arguments)``: a process of ``featkit`` in an empty folder, with one thread."""
    return partial(cli, tmp_path, OMP_NUM_THREADS="1")


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
def test_killed_evaluation_goes_on_and_ends_as_if_undisturbed(start, tmp_path):
    features = [f"mfcc_stats:n_mfcc={count}" for count in range(6, 16)]
    classifiers = ("knn", "svm", "elm", "logistic", "sgd")
    features_of = [part for feature in features for part in ("-f", feature)]
    done = start("extract", "synthetic:60", *features_of, "--store", "s.zarr")
    assert done.wait(300) == 0, done.stderr.read()
    arguments = [
        "evaluate",
        "s.zarr",
        *features_of,
        *(p for c in classifiers for p in ("-c", c)),
        "--seeds",
        "3",
        "--out",
    ]
    whole = start(*arguments, "whole.jsonl")
    _, progress = whole.communicate(timeout=300)
    assert whole.returncode == 0 and "100%" in progress
    expected, count = lines(tmp_path / "whole.jsonl")
    assert count == 10 * 5 * 3 * 5
    path, whole_lines = tmp_path / "broken.jsonl", ""
    for most in (20, 200, 500):
        broken, until = start(*arguments, "broken.jsonl"), time.monotonic() + 300
        while not (path.exists() and path.read_text().count("\n") > most):
            assert time.monotonic() < until and broken.poll() is None
            time.sleep(0.005)
        broken.send_signal(signal.SIGKILL)
        broken.communicate(timeout=60)
        before, earlier = path.read_text(), whole_lines
        whole_lines = before[: before.rfind("\n") + 1]
        assert most < whole_lines.count("\n") < count and whole_lines.startswith(earlier)
    again = start(*arguments, "broken.jsonl", "--json")
    out, _ = again.communicate(timeout=300)
    assert again.returncode == 0 and json.loads(out)["computed"] == count - whole_lines.count("\n")
    assert path.read_text().startswith(whole_lines)
    assert lines(path) == (expected, count)


def test_the_command_line_names_one_class_and_lost_folds(start, write_wav, tmp_path):
    table = ["path,label,fold"]
    for number in range(6):
        write_wav(tmp_path / f"{number}.wav")
        table.append(f"{number}.wav,{'a' if number < 3 else 'b'},{1 if number < 3 else 2}")
    (tmp_path / "clips.csv").write_text("\n".join(table) + "\n")
    assert start("extract", "clips.csv", "-f", "mfcc_stats", "--store", "s.zarr").wait(120) == 0
    done = start(
        "evaluate", "s.zarr", "-f", "mfcc_stats", "-c", "knn", "-c", "sgd", "--out", "r.jsonl"
    )
    _, messages = done.communicate(timeout=120)
    assert (
        done.returncode == 1
        and "3 training clips are of one class, 'b'" in messages
        and "Traceback" not in messages
    )
