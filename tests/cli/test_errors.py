"""Errors of the system and of others' code: one line and a status."""

import errno
import os

import pytest
from conftest import python

from featkit.evaluation import evaluate
from featkit.results import append


def started(place, *words, before="pass"):
    """Run the command line in a process of its own after the statement ``before``."""
    code = f"import resource; {before}; from featkit_cli.main import main; main()"
    done = python(code, *words, place=place)
    assert "Traceback" not in done.err, done.err
    return done


@pytest.fixture
def results(make_table, tmp_path):
    append(tmp_path / "r.jsonl", evaluate(make_table(n=30), "knn"))
    append(tmp_path / "r.jsonl", evaluate(make_table(n=30), "logistic"))
    return tmp_path


@pytest.mark.parametrize("option", ["--csv", "--markdown", "--latex", "--html"])
def test_a_full_disk_is_one_line_and_leaves_nothing(option, results):
    full = "resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))"
    before = sorted(os.listdir(results))
    done = started(results, "compare", "r.jsonl", option, "out.x", before=full)
    assert done.status == 1 and done.err.splitlines() == ["Error: File too large: out.x"]
    assert sorted(os.listdir(results)) == before


@pytest.mark.parametrize(
    ("error", "status", "text"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "x"), 1, "No space left on device: x"),
        (OSError(errno.EIO, "Input/output error"), 1, "Input/output error"),
        (PermissionError(errno.EACCES, "Permission denied", "x"), 2, "Permission denied: x"),
        (
            FileNotFoundError(errno.ENOENT, "No such file", "x", None, "y"),
            2,
            "No such file: x and y",
        ),
        (OSError("odd"), 1, "OSError: odd"),
        (MemoryError("4 GiB"), 1, "out of memory"),
        (SystemExit(0), 1, "sys.exit(0)"),
    ],
)
def test_errors_of_the_system_have_a_status(error, status, text, featkit, results, monkeypatch):
    def fail(*arguments, **options):
        raise error

    monkeypatch.setattr("featkit.results.read_all", fail)
    done = featkit("compare", "r.jsonl")
    assert done.status == status and done.out == ""
    assert len(done.err.splitlines()) == 1 and text in done.err


def test_usage_errors_are_escaped(tmp_path):
    done = started(tmp_path, "evaluate", "s", "--folds", "\x1b[2J")
    assert done.status == 2 and "\x1b" not in done.err and "x1b[2J" in done.err
    assert "Usage: featkit evaluate" in done.err


@pytest.mark.parametrize("name", ["thesis.txt", "one_line.txt", "picture.png"])
def test_results_are_not_written_over_another_file(name, featkit, audio_folder, tmp_path):
    audio_folder(8)
    assert featkit("extract", "set", "-f", "mfcc_stats", "--store", "s.zarr").status == 0
    content = {"thesis.txt": b"Chapter 1\nIt was", "one_line.txt": b"note", "picture.png": b"\x89"}
    (tmp_path / name).write_bytes(content[name])
    done = featkit("evaluate", "s.zarr", "-f", "mfcc_stats", "-c", "knn", "--out", name)
    assert done.status == 2 and name in done.err
    assert (tmp_path / name).read_bytes() == content[name]
    assert not (tmp_path / f"{name}.predictions").exists()
