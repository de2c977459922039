"""A sample of the kills of benchmarks/fuzz/crashes.py; see docs/reliability.md for the whole."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import environment

FUZZ = Path(__file__).parents[2] / "benchmarks" / "fuzz"
# Objects are written in the other order: the record of a row before its further pieces.
BROKEN = """
import sys
sys.path.insert(0, {fuzz!r})
from featkit.store.objects import Objects
put = Objects.put
Objects.put = lambda self, objects: put(self, list(objects)[::-1])
import crashes
sys.exit(crashes.main())
"""


def crashes(place, *words, code=None):
    """Run the script, or code, and return its exit status and its figures by scenario."""
    start = ["-c", code] if code else [str(FUZZ / "crashes.py")]
    done = subprocess.run(
        [sys.executable, *start, *words, "--out", str(place / "figures.json")],
        env=environment(OMP_NUM_THREADS="1"),
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert (place / "figures.json").exists(), done.stderr
    return done.returncode, json.loads((place / "figures.json").read_text())


@pytest.mark.slow
def test_kills_cost_no_row_and_no_output(tmp_path):
    names = ("new", "migrate2", "evaluate more", "train")
    status, figures = crashes(tmp_path, *names, "--most", "3", "--seed", "1")
    assert status == 0 and [figures[name]["failed"] for name in names] == [[]] * 4
    assert all(3 >= figures[name]["points"] >= 2 for name in names)
    assert figures["new"]["changes"] > 100 and figures["train"]["changes"] > 5


@pytest.mark.slow
def test_a_wrong_order_of_writes_is_noticed(tmp_path):
    code = BROKEN.format(fuzz=str(FUZZ))
    status, figures = crashes(tmp_path, "changed", "--most", "16", code=code)
    assert status == 1
    assert any("neither what it was" in one["problem"] for one in figures["changed"]["failed"])
