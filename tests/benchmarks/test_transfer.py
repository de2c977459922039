"""The stored comparison of blocks before and after training."""

import json
from pathlib import Path

STORED = Path(__file__).parents[2] / "benchmarks" / "papers" / "transfer" / "svcca.jsonl"


def test_both_starts_are_stored_for_every_block():
    rows = [json.loads(line) for line in STORED.read_text(encoding="utf-8").splitlines()]
    assert [(row["start"], row["seed"], row["fold"]) for row in rows] == [
        ("pretrained", 0, "1"),
        ("random", 0, "1"),
    ]
    for row in rows:
        blocks = [change["block"] for change in row["changes"]]
        assert blocks == ["stem", "block1", "block2", "block3", "block4"]
        assert all(change["chance"] < change["svcca"] for change in row["changes"])
