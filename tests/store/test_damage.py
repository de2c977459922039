"""Damage to any object of a store is an error, is found, and is mended; see benchmarks/fuzz."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def fuzz():
    file = ROOT / "benchmarks" / "fuzz" / "store.py"
    spec = importlib.util.spec_from_file_location("fuzz_store", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def bench(fuzz, tmp_path_factory):
    return fuzz.Bench(tmp_path_factory.mktemp("fuzz"))


@pytest.mark.parametrize("kind", ["flip", "cut", "delete", "empty", "swap", "older", "foreign"])
def test_no_damage_is_believed_missed_or_left(bench, kind):
    seen = set()
    for case in range(12):
        damage = bench.damage(kind, np.random.default_rng([7, case]))
        assert not damage or list(bench.problems()) == [], damage
        seen.add(damage)
    assert len(seen) > 6


def test_every_kind_of_object_is_there(bench):
    names = set(bench.objects)
    assert {"zarr.json", "id/manifest", "label/manifest", "label/c/0", "content/c/0"} <= names
    assert any(name.endswith("/c/0/1/0") for name in names)  # a row's second shard


def test_the_bench_notices_what_is_believed(bench, monkeypatch):
    from featkit.store import blocks

    monkeypatch.setattr(blocks, "checked", lambda pieces, entry: pieces)
    rows = [name for name in bench.objects if "/c/0/" in name and name.startswith("logmel")]
    bench.damage("swap", np.random.default_rng(0))
    for name, data in bench.objects.items():
        (bench.hurt / name).write_bytes(data)
    first, second = rows[1:3]
    (bench.hurt / first).write_bytes(bench.objects[second])
    (bench.hurt / second).write_bytes(bench.objects[first])
    assert "table of long rows changed without an error" in list(bench.problems())
