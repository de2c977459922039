"""Training of MSTmodel: targets, folds that stay apart, and going on after a stop."""

import json

import numpy as np
import pytest
import torch
from conftest import tone

from featkit.analysis.mst import log_mels, predict, train_mst
from featkit.errors import ParameterError
from featkit.features import get_feature
from featkit.nets.mst import MST
from featkit.training import segments
from featkit.training.rows import Rows

SR = segments.SR


@pytest.fixture
def table(make_table):
    """Two-segment tones of twelve pitches on three official folds."""
    rows = [tone(300.0 * (1 + n), 3.6, SR) for n in range(12)]
    return make_table(n=12, folds=np.arange(12) // 4 + 1, X=rows, feature="waveform")


def test_targets_are_the_log_mel_without_its_last_frame():
    rows = np.random.default_rng(0).normal(size=(2, segments.LENGTH)).astype(np.float32)
    dropped, whole = log_mels(rows), log_mels(rows, "pad")
    assert dropped.shape == (2, 60, 100) and whole.shape == (2, 60, 101)
    assert np.array_equal(dropped, whole[:, :, :100])
    feature = get_feature("logmel:preset=piczak")
    from featkit.audio import Signal

    assert np.array_equal(whole[1], feature(Signal(rows[1], SR)).T)


@pytest.mark.slow
def test_a_net_is_trained_stopped_and_measured_on_folds_apart(table, tmp_path):
    (fit,) = train_mst(table, tmp_path, only_folds=["1v3"], epochs=6)
    assert (fit.fold, fit.epochs, fit.n_train, fit.n_valid, fit.n_test) == ("1v3", 6, 8, 8, 8)
    net = MST.read(tmp_path / "1v3.safetensors")
    parts = {fold: [n for n in range(12) if table.folds[n] == fold] for fold in (1, 2, 3)}
    cut = {
        fold: np.concatenate([segments.cut(table.X[n]) for n in rows])
        for fold, rows in parts.items()
    }
    mels = {fold: log_mels(rows) for fold, rows in cut.items()}
    low, high = mels[2].min(), mels[2].max()
    scaled = {fold: 2 * (mel - low) / (high - low) - 1 for fold, mel in mels.items()}
    assert scaled[2].min() == -1 and scaled[2].max() == 1
    error = predict(net, Rows(cut[1])) - scaled[1]
    assert fit.mse == pytest.approx(np.square(error).mean(), rel=1e-4)
    constant = np.square(scaled[1] - scaled[2].mean()).sum()
    assert fit.r2 == pytest.approx(1 - np.square(error).sum() / constant, rel=1e-4)
    bands = np.square(scaled[1] - scaled[2].mean(axis=(0, 2), keepdims=True)).sum()
    assert fit.r2_bands == pytest.approx(1 - np.square(error).sum() / bands, rel=1e-4)
    both = np.corrcoef((error + scaled[1]).ravel(), scaled[1].ravel())[0, 1]
    assert fit.correlation == pytest.approx(both, abs=1e-4)


def test_test_clips_change_nothing_that_is_learned(table, tmp_path, make_table):
    other = [
        row if fold != 1 else np.roll(row[::-1], 5).copy()
        for row, fold in zip(table.X, table.folds, strict=True)
    ]
    changed = make_table(n=12, folds=table.folds, X=other, feature="waveform")
    for each, folder in ((table, "a"), (changed, "b")):
        list(train_mst(each, tmp_path / folder, only_folds=["1v3"], epochs=2))
    first, second = (MST.read(tmp_path / name / "1v3.safetensors").state_dict() for name in "ab")
    assert all(torch.equal(value, second[name]) for name, value in first.items())


def test_what_is_there_is_not_trained_again(table, tmp_path, monkeypatch):
    first = list(train_mst(table, tmp_path, only_folds=["1v3"], epochs=2))
    monkeypatch.setattr("featkit.analysis.mst.Trainer", None)
    assert list(train_mst(table, tmp_path, only_folds=["1v3"], epochs=2)) == first
    with pytest.raises(ParameterError, match="of other settings"):
        list(train_mst(table, tmp_path, only_folds=["1v3"], epochs=3))


@pytest.mark.slow
def test_a_stopped_training_goes_on_exactly(table, tmp_path, monkeypatch):
    (whole,) = train_mst(table, tmp_path / "whole", only_folds=["1v3"], epochs=3)
    from featkit.training.loop import Trainer

    keep, count = Trainer._keep, []

    def stop(self, epoch):
        keep(self, epoch)
        count.append(epoch)
        if epoch == 1:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "_keep", stop)
        with pytest.raises(KeyboardInterrupt):
            list(train_mst(table, tmp_path / "cut", only_folds=["1v3"], epochs=3))
    assert list(train_mst(table, tmp_path / "cut", only_folds=["1v3"], epochs=3)) == [whole]
    assert count == [0, 1]


def test_the_command_line_trains_one_fold(featkit, tmp_path):
    from featkit.audio import write

    lines = ["path,label,fold"]
    for number in range(6):
        write(tmp_path / f"{number}.wav", tone(300.0 * (1 + number), 2.4, SR), SR)
        lines.append(f"{number}.wav,{'ab'[number % 2]},{1 + number // 2}")
    (tmp_path / "clips.csv").write_text("\n".join(lines) + "\n")
    feature = "waveform:sr=22050"
    assert featkit("extract", "clips.csv", "-f", feature, "--store", "s.zarr").status == 0
    done = featkit(
        "analyze", "mst", "s.zarr", "--out", "mst", "--only-fold", "1v3", "--epochs", 1, "--json"
    )
    assert done.status == 0, done.err
    (row,) = done.json["folds"]
    assert row["fold"] == "1v3" and row["epochs"] == 1
    assert json.loads((tmp_path / "mst" / "1v3.json").read_text())["fit"] == row


def test_rows_other_than_waveforms_are_refused(make_table, tmp_path):
    with pytest.raises(ParameterError, match="waveform:sr=22050"):
        list(train_mst(make_table(n=12, n_folds=3, X=np.zeros((12, 9, 9))), tmp_path))
