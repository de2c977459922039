"""The study of a transfer that loses batch normalisation."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
import torch

from featkit.nets.mst import MST

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "papers" / "lossy_transfer.py"


@pytest.fixture(scope="module")
def study():
    spec = importlib.util.spec_from_file_location("lossy_transfer", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_folding_keeps_the_error_and_dropping_does_not(study):
    rng = np.random.default_rng(0)
    train, test = (rng.normal(0, 0.2, (4, 51_200)).astype(np.float32) for _ in range(2))
    torch.manual_seed(0)
    net = MST(batch_norm=True)
    # A few passes in training mode give the statistics something to hold.
    for _ in range(20):
        net(torch.from_numpy(train))
    kept, fold, drop = study.errors(net, train, test)
    assert [row["norm"] for row in (kept, fold, drop)] == ["kept", "fold", "drop"]
    assert fold["mse"] == pytest.approx(kept["mse"], rel=1e-4)
    assert abs(drop["mse"] - kept["mse"]) > 0.01


def test_a_constant_prediction_explains_nothing(study, monkeypatch):
    rng = np.random.default_rng(0)
    waves = rng.normal(0, 0.2, (2, 51_200)).astype(np.float32)
    mels = study.log_mels(waves)
    low, high = mels.min(), mels.max()
    scaled = (2 * (mels - low) / (high - low) - 1).mean()
    monkeypatch.setattr(study, "predict", lambda net, rows: np.full(mels.shape, scaled))
    assert [row["r2"] for row in study.errors(MST(), waves, waves)] == pytest.approx([0, 0, 0])
