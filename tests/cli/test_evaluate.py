"""``featkit evaluate``, ``compare`` and ``fuse`` from the outside."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from featkit import audio, evaluate
from featkit.results import append

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def cli(tmp_path):
    def run(*arguments):
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "cli")])}
        command = [sys.executable, "-m", "featkit_cli", *map(str, arguments)]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300
        )

    return run


@pytest.fixture
def results(make_table, tmp_path):
    """The file r.jsonl with three systems on three folds."""
    for classifier in ("knn", "logistic", "linear_svm:C=1"):
        append(tmp_path / "r.jsonl", evaluate(make_table(n=30), classifier))
    return tmp_path / "r.jsonl"


@pytest.mark.parametrize(
    "options",
    [("--html", "r.jsonl"), ("--csv", "./r.jsonl.predictions"), ("--html", "q", "--markdown", "q")],
)
def test_a_comparison_is_not_written_over_results_or_itself(options, cli, results, tmp_path):
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    done = cli("compare", "r.jsonl", *options)
    assert done.returncode == 2 and "nothing is written over" in done.stderr
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_fusing_into_the_same_file_again_changes_nothing(cli, results):
    for _ in range(3):
        assert cli("fuse", "r.jsonl", "--rule", "vote", "--out", "r.jsonl").returncode == 0
    found = {json.loads(line)["classifier"] for line in results.read_text().splitlines()}
    assert {name for name in found if name.startswith("fusion:")} == {
        "fusion:rule=vote(knn | linear_svm:C=1 | logistic)"
    }


def test_leakage_that_was_allowed_is_seen_on_the_terminal(cli, tmp_path):
    for number in range(12):
        tone = np.sin(np.arange(8000) * (0.1 + 0.2 * (number % 2)) * (1 + number / 100)).astype(
            np.float32
        )
        audio.write(tmp_path / f"{number}.wav", tone, 8000)
    rows = "".join(
        f"{n}.wav,{'ab'[n % 2]},{1 + n // 2 % 2},{'same' if n in (0, 2) else n}\n"
        for n in range(12)
    )
    (tmp_path / "clips.csv").write_text(f"path,label,fold,group\n{rows}")
    assert cli("extract", "clips.csv", "-f", "mfcc_stats", "--store", "s.zarr").returncode == 0
    assert (
        cli(
            "evaluate", "s.zarr", "-f", "mfcc_stats", "-c", "knn:n_neighbors=1", "--out", "r.jsonl"
        ).returncode
        == 2
    )
    done = cli(
        "evaluate",
        "s.zarr",
        "-f",
        "mfcc_stats",
        "-c",
        "knn:n_neighbors=1",
        "-c",
        "logistic",
        "--out",
        "r.jsonl",
        "--allow-leakage",
    )
    assert done.returncode == 0 and done.stdout.count("nested (leakage allowed)") == 2
    fused = cli("fuse", "r.jsonl", "--out", "f.jsonl")
    assert "leakage allowed" in fused.stdout


def test_lonely_systems_are_left_out_of_a_fusion(cli, results, make_table):
    append(results, evaluate(make_table(n=30), "knn", protocol="paper"))
    done = cli("fuse", "r.jsonl", "--out", "f.jsonl")
    assert done.returncode == 0 and "nested" in done.stdout and "paper" not in done.stdout
