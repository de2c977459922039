"""Fuzzing: a few cases of each parser, and that the pool notices what is not allowed."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[2] / "benchmarks" / "fuzz"))

from mutations import MUTATIONS, TEXT_MUTATIONS, mutated
from parsers import PARSERS
from pool import GOOD, case_of, outcome, run


@pytest.mark.parametrize("name", PARSERS)
def test_damaged_files_are_values_or_errors(name, tmp_path, monkeypatch):
    monkeypatch.setenv("FEATKIT_MAX_CLIP_GIB", "0.2")
    parser = PARSERS[name]
    if not parser.seeds():
        pytest.skip("FEATKIT_ESC10 does not name a folder with ESC-10")
    sizes = [parser.read(data, tmp_path) for data in parser.seeds()]
    assert all(sizes)
    seen = set()
    for case in range(40):
        chosen, data = case_of(parser, 7, case)
        kind, detail = outcome(parser, data, tmp_path, sizes[chosen])
        assert kind in GOOD, f"{name} --seed 7 --show {case}: {kind} {detail}"
        seen.add(kind)
    assert "error" in seen


def test_a_case_is_the_same_each_time_and_another_than_the_next():
    parser = PARSERS["spec"]
    assert case_of(parser, 1, 5) == case_of(parser, 1, 5)
    assert len({case_of(parser, 1, case) for case in range(50)}) > 40


def test_every_mutation_changes_something_and_survives_nothing(rng):
    for mutation in {*MUTATIONS, *TEXT_MUTATIONS}:
        changed = [bytearray(b"0123456789" * 40) for _ in range(20)]
        for data in changed:
            mutation(data, rng)
        assert any(data != b"0123456789" * 40 for data in changed)
        mutation(bytearray(), rng)
    assert isinstance(mutated(b"", MUTATIONS, rng), bytes)


BAD = """
import os, time
from parsers import Parser

def read(data, folder):
    if data == SEED:
        return 10
    if WHAT == "hang":
        time.sleep(60)
    if WHAT == "crash":
        os._exit(1)
    if WHAT == "memory":
        return len(bytearray(8 << 30))
    if WHAT == "traceback":
        raise KeyError("x")
    return 9

SEED, WHAT = b"seed" * 100, "{what}"
PARSER = Parser(lambda: [SEED], read, keeps_size=True)
"""


@pytest.mark.parametrize("what", ["hang", "crash", "memory", "traceback", "loss"])
def test_the_pool_notices(what, tmp_path, monkeypatch):
    (tmp_path / f"bad_{what}.py").write_text(BAD.replace("{what}", what))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("pool.SECONDS", 0.5)
    tally = run(f"bad_{what}:PARSER", 3)
    assert tally.outcomes[what] == 3 and len(tally.bad) == 3
    assert [case["case"] for case in tally.bad] == [0, 1, 2]
