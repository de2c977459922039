"""Completion in the shell: scripts, and names without the parts they name."""

import subprocess
import sys

import pytest
from conftest import environment


def complete(**variables):
    command = [sys.executable, "-X", "importtime", "-m", "featkit_cli"]
    return subprocess.run(command, env=environment(**variables), capture_output=True, text=True)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(shell):
    done = complete(_FEATKIT_COMPLETE=f"{shell}_source")
    assert done.returncode == 0 and f"_FEATKIT_COMPLETE={shell}_complete" in done.stdout


@pytest.mark.parametrize(
    ("words", "expected"),
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
def test_names_complete_without_loading_what_they_name(words, expected):
    done = complete(
        _FEATKIT_COMPLETE="bash_complete",
        COMP_WORDS=f"featkit {words}",
        COMP_CWORD=str(len(words.split(" "))),
    )
    assert done.stdout.split() == expected
    lines = done.stderr.splitlines()
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}
    heavy = {"torch", "librosa", "sklearn", "scipy", "pandas", "numba", "matplotlib", "dask"}
    assert "click" in loaded and not loaded & heavy
