"""The commands ``run``, ``config init``, ``evaluate`` with its folds, and completion in the shell."""

import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from featkit.experiment import Systems, load
from featkit.results import read
from featkit_cli.main import cli


@pytest.fixture
def featkit(tmp_path, monkeypatch):
    """A function that runs the command line in an empty folder; it gives (exit status, stdout,
    stderr).
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FEATKIT_CACHE", str(tmp_path / "cache"))

    def call(*arguments):
        done = CliRunner().invoke(cli, list(map(str, arguments)))
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, done.stdout, done.stderr

    return call


@pytest.fixture
def config(featkit, audio_folder, tmp_path):
    """A small configuration on twelve tones."""
    audio_folder(12)
    text = "dataset: ./set\nstore: s.zarr\nresults: r.jsonl\nreport: page.html\n"
    text += "systems:\n  - {features: mfcc_stats, classifiers: knn, folds: drawn, n_folds: 3}\n"
    (tmp_path / "c.yaml").write_text(text, encoding="utf-8")
    return tmp_path / "c.yaml"


def test_the_starter_runs_as_it_is(featkit, tmp_path):
    status, text, _ = featkit("config", "init")
    assert status == 0 and text.startswith("# An experiment for 'featkit run'")
    assert featkit("config", "init", "--out", "c.yaml")[0] == 0
    assert (tmp_path / "c.yaml").read_text(encoding="utf-8") == text
    status, printed, _ = featkit(
        "run", "c.yaml", "--json", "--set", "dataset=synthetic:50", "--jobs", "1"
    )
    found = json.loads(printed)
    # (3 features x 2 classifiers + 2 seeds) x 5 folds
    assert (status, found["computed"], found["fused"], found["failed"], found["problems"]) == (
        0,
        40,
        5,
        0,
        [],
    )
    assert {path.name for path in (tmp_path / "experiment").iterdir()} >= {
        "features.zarr",
        "report.html",
        "report.md",
    }
    again = json.loads(featkit("run", "c.yaml", "--json", "--set", "dataset=synthetic:50")[1])
    assert (again["computed"], again["fused"], again["systems"]) == (0, 0, found["systems"])


def test_the_starter_shows_the_defaults(featkit):
    featkit("config", "init", "--out", "c.yaml")
    block = load("c.yaml").systems[0]
    assert block == Systems(features=block.features, classifiers=block.classifiers)


def test_a_file_that_is_there_is_not_written_over(featkit, tmp_path):
    (tmp_path / "c.yaml").write_text("mine", encoding="utf-8")
    status, _, message = featkit("config", "init", "--out", "c.yaml")
    assert status == 2 and "'c.yaml' cannot be written: File exists" in message
    assert (tmp_path / "c.yaml").read_text(encoding="utf-8") == "mine"


def test_a_dry_run_counts_and_writes_nothing(featkit, config, tmp_path):
    before = sorted(tmp_path.iterdir())
    status, printed, _ = featkit("run", "c.yaml", "--dry-run")
    assert status == 0 and "3 cells, 0 of them in" in printed
    found = json.loads(featkit("run", "c.yaml", "--dry-run", "--json")[1])
    assert found["cells"] == 3 and found["datasets"]["set"]["features"] == {
        "mfcc_stats": {"done": 0, "clips": 12}
    }
    assert sorted(tmp_path.iterdir()) == before


def test_results_go_elsewhere_on_request(featkit, config, tmp_path):
    (tmp_path / "sub").mkdir()
    status, printed, _ = featkit("run", "c.yaml", "--out", "sub/other.jsonl")
    assert status == 0 and "3 cells computed" in printed and not (tmp_path / "r.jsonl").exists()
    assert len(read(tmp_path / "sub" / "other.jsonl")) == 3
    assert (
        "3 cells, 3 of them in"
        in featkit("run", "c.yaml", "--results", "sub/other.jsonl", "--dry-run")[1]
    )


def test_a_mistake_is_named_and_ends_with_2(featkit, config, tmp_path):
    config.write_text(
        config.read_text(encoding="utf-8").replace("report", "reprt"), encoding="utf-8"
    )
    status, printed, message = featkit("run", "c.yaml")
    assert (status, printed) == (
        2,
        "",
    ) and "c.yaml, line 4: reprt: unknown key 'reprt'. Did you mean 'report'?" in message
    assert not (tmp_path / "s.zarr").exists()


def test_a_failure_ends_with_1_and_is_named(featkit, config, tmp_path):
    (tmp_path / "set" / "low" / "00.wav").write_bytes(b"no sound")
    status, printed, message = featkit("run", "c.yaml")
    assert status == 1 and "11 rows extracted, 3 cells computed" in printed and "00.wav" in message


def test_evaluate_makes_the_folds_that_are_asked_for(featkit, config, tmp_path):
    featkit("extract", "set", "-f", "mfcc_stats", "--store", "s.zarr")
    asked = ("evaluate", "s.zarr", "-f", "mfcc_stats", "-c", "knn", "--out", "e.jsonl")
    drawn = ("--folds", "drawn", "--n-folds", 2, "--fold-seed", 3)
    found = json.loads(featkit(*asked, *drawn, "--only-fold", "2of2@3", "--json")[1])
    assert [(score["fold"], score["n_test"]) for score in found["scores"]] == [("2of2@3", 6)]
    assert json.loads(featkit(*asked, *drawn, "--json")[1])["computed"] == 1
    status, _, message = featkit(*asked, *drawn, "--only-fold", "1")
    assert status == 2 and "no fold is called 1; there are: 1of2@3, 2of2@3" in message


def test_one_speaker_is_left_out_at_a_time(featkit, audio_folder, tmp_path):
    audio_folder(12)
    rows = [
        f"set/{'high' if n % 2 else 'low'}/{n:02d}.wav,{'high' if n % 2 else 'low'},speaker{n // 4}"
        for n in range(12)
    ]
    (tmp_path / "clips.csv").write_text("path,label,group\n" + "\n".join(rows), encoding="utf-8")
    featkit("extract", "clips.csv", "-f", "mfcc_stats", "--store", "g.zarr")
    asked = (
        "evaluate",
        "g.zarr",
        "-f",
        "mfcc_stats",
        "-c",
        "knn",
        "--folds",
        "groups",
        "--out",
        "g.jsonl",
        "--json",
    )
    found = json.loads(featkit(*asked)[1])["scores"]
    assert [(score["fold"], score["n_test"]) for score in found] == [
        (f"group speaker{k}", 4) for k in range(3)
    ]
    assert {score["scheme"] for score in found} == {"leave one group out"}
    for score in read(tmp_path / "g.jsonl"):
        assert set(score.groups) == {score.fold.removeprefix("group ")}


def main(**variables):
    path = os.pathsep.join(place for place in sys.path if place)
    command = [sys.executable, "-X", "importtime", "-m", "featkit_cli"]
    return subprocess.run(
        command, env={**os.environ, "PYTHONPATH": path, **variables}, capture_output=True, text=True
    )


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(shell):
    done = main(_FEATKIT_COMPLETE=f"{shell}_source")
    assert done.returncode == 0 and f"_FEATKIT_COMPLETE={shell}_complete" in done.stdout


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("ev", ["plain,evaluate"]),
        ("evaluate s.zarr -f mfcc", ["plain,mfcc", "plain,mfcc_stats"]),
        ("train s.zarr -c el", ["plain,elm"]),
        ("extract esc", ["plain,esc10", "plain,esc50"]),
        ("extract ./re", ["file,./re"]),
        ("evaluate s.zarr --folds gr", ["plain,groups"]),
        ("config ", ["plain,init"]),
    ],
)
def test_names_complete_without_loading_what_they_name(words, wanted):
    done = main(
        _FEATKIT_COMPLETE="bash_complete",
        COMP_WORDS=f"featkit {words}",
        COMP_CWORD=str(len(words.split(" "))),
    )
    assert done.stdout.split() == wanted
    loaded = {
        line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()
    }
    assert "click" in loaded and not loaded & {
        "torch",
        "librosa",
        "sklearn",
        "scipy",
        "pandas",
        "numba",
        "matplotlib",
        "dask",
    }
