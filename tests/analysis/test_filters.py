"""Filters by peak frequency, and predicted log-mels."""

import numpy as np
import pytest
import torch
from conftest import tone
from torch import nn

from featkit.analysis.filters import first_filters, prediction, read_net
from featkit.analysis.mst import log_mels, predict
from featkit.audio import Signal, write
from featkit.errors import ParameterError
from featkit.nets.mst import HOP, KERNEL, MST
from featkit.training import segments
from featkit.training.rows import Rows

SR = segments.SR


@pytest.fixture
def net():
    """An MSTmodel whose filters are sines of 512 rising frequencies, in mixed-up order."""
    net = MST()
    with torch.no_grad():
        frequencies = np.linspace(100, 10_000, 512)[np.random.default_rng(0).permutation(512)]
        at = np.arange(KERNEL) / SR
        waves = np.hanning(KERNEL) * np.sin(2 * np.pi * frequencies[:, None] * at)
        net.convolutions[0].weight.copy_(torch.from_numpy(waves[:, None]))
    return net, frequencies


def test_filters_are_sorted_by_the_frequency_they_were_made_of(net):
    module, frequencies = net
    filters = first_filters(module, SR)
    assert filters.layer == "convolutions.0" and filters.kernels.shape == (512, KERNEL)
    resolution = SR / (8 * KERNEL)
    assert np.allclose(filters.peaks, np.sort(frequencies), atol=resolution)
    assert np.array_equal(frequencies[filters.order], np.sort(frequencies))
    own = module.convolutions[0].weight.detach().numpy()[:, 0]
    assert np.array_equal(filters.kernels, own[filters.order])
    assert np.allclose(filters.responses.max(axis=1), 1)
    assert filters.frequencies[-1] == SR / 2
    assert filters.to_dict()["peaks_hz"] == filters.peaks.tolist()


def test_a_prediction_is_that_of_the_first_segment(net):
    module, _ = net
    signal = Signal(tone(440.0, 5.0, SR), SR)
    guess = prediction(module, signal)
    rows = segments.cut(signal.samples)[:1]
    assert np.array_equal(guess.predicted, predict(module, Rows(rows))[0])
    assert np.array_equal(guess.target, log_mels(rows)[0])
    both = np.corrcoef(guess.predicted.ravel(), guess.target.ravel())[0, 1]
    assert guess.correlation == pytest.approx(both)
    assert guess.seconds == 100 * HOP / SR


def test_a_layer_that_does_not_read_samples_is_refused():
    with pytest.raises(ParameterError, match="no convolution"):
        first_filters(nn.Linear(3, 3), SR)
    with pytest.raises(ParameterError, match="one channel of samples"):
        first_filters(nn.Sequential(nn.Conv2d(1, 2, 3), nn.Conv1d(1, 2, 3)), SR)
    with pytest.raises(ParameterError, match="one channel of samples"):
        first_filters(nn.Conv1d(2, 2, 3), SR)


@pytest.mark.slow
def test_the_net_of_a_bundle_is_found(make_table, tmp_path):
    from featkit.bundle import train

    X = np.random.default_rng(0).normal(size=(6, segments.LENGTH)).astype(np.float32)
    table = make_table(n=6, classes=2, X=X, feature="waveform:n_samples=51200,fill=zero")
    text = "segments:net=(net:arch=(raw_piczak:filters=2,hidden=4),recipe=tax2017,epochs=1)"
    train(table, text).save(tmp_path / "bundle")
    module, rate = read_net(tmp_path / "bundle")
    filters = first_filters(module, rate)
    assert rate == SR and filters.layer == "net.mst.convolutions.0"
    rows = np.zeros((6, 120), dtype=np.float32)
    train(make_table(n=6, classes=2, X=rows, feature="mfcc_stats"), "svm").save(tmp_path / "svm")
    with pytest.raises(ParameterError, match="its net reads"):
        read_net(tmp_path / "svm")


@pytest.mark.slow
def test_the_command_prints_peaks_and_draws(net, featkit, tmp_path):
    module, frequencies = net
    module.save(tmp_path / "net.safetensors")
    write(tmp_path / "clip.wav", tone(440.0, 2.4, SR), SR)
    done = featkit("analyze", "filters", "net.safetensors", "--png", "f.png", "--json")
    assert done.status == 0, done.err
    assert np.allclose(done.json["peaks_hz"], np.sort(frequencies), atol=SR / (8 * KERNEL))
    assert (tmp_path / "f.png").read_bytes().startswith(b"\x89PNG")
    done = featkit(
        "analyze", "filters", "net.safetensors", "--clip", "clip.wav", "--html", "p.html"
    )
    assert done.status == 0 and "correlation" in done.out
    assert (tmp_path / "p.html").read_text().count("data:image/png") == 2
    assert featkit("analyze", "filters", "net.safetensors", "--png", "f.jpg").status == 2
