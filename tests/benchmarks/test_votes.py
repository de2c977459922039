"""Both votes of a net from one training for each fold."""

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import tone

from featkit.results import read

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "papers" / "votes.py"
NET = "net=(net:arch=(piczak_cnn:hidden=4,filters=2),front=(logmel:preset=piczak),epochs=1)"


@pytest.fixture
def votes(make_table, monkeypatch):
    """The script, which finds twelve tones on three official folds in any store."""
    spec = importlib.util.spec_from_file_location("votes", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    rows = [tone(300.0 * (1 + n), 3.6, 22_050) for n in range(12)]
    table = make_table(n=12, folds=np.arange(12) // 4 + 1, X=rows, feature="waveform")
    monkeypatch.setattr(module, "Store", lambda place: SimpleNamespace(table=lambda name: table))
    return module


def test_each_fold_has_either_vote_and_is_trained_once(votes, tmp_path, monkeypatch):
    results = tmp_path / "r.jsonl"
    votes.measure("store", results, NET, ("1v3", "2v1"))
    scores = read(results)
    assert sorted((score.fold, "voting=mean" in score.classifier) for score in scores) == [
        ("1v3", False),
        ("1v3", True),
        ("2v1", False),
        ("2v1", True),
    ]
    monkeypatch.setattr(votes, "make_classifier", None)
    votes.measure("store", results, NET, ("1v3", "2v1"))
    assert read(results) == scores
