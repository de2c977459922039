"""Nets on waveforms as classifiers: what training leaves alone, and what results know of files."""

import numpy as np
import pytest
import torch

from featkit.classifiers import make_classifier
from featkit.nets.mst import MST

SIZES = "filters=2,hidden=4"


@pytest.fixture
def trained(tmp_path):
    """``trained(option=value, …)``: the file's net, and a classifier after two epochs."""
    torch.manual_seed(3)
    mst = MST()
    mst.save(tmp_path / "mst.safetensors")

    def train(options):
        text = f"raw_piczak:mst={tmp_path}/mst.safetensors,{options}{SIZES}"
        rng = np.random.default_rng(0)
        rows = rng.normal(size=(8, 51_200)).astype(np.float32)
        net = make_classifier(f"net:arch=({text}),epochs=2,batch_size=4,scale=none")
        return mst, net.fit(rows, ["a", "b"] * 4), rows

    return train


def front(net):
    return {name: value for name, value in net.state_.items() if name.startswith("net.mst.")}


def test_frozen_front_layers_are_bit_identical_after_training(trained):
    mst, net, _ = trained("frozen=true,")
    own = {f"net.mst.{name}": value.numpy() for name, value in mst.state_dict().items()}
    assert front(net).keys() == own.keys()
    assert all(np.array_equal(value, own[name]) for name, value in front(net).items())


def test_front_layers_that_are_not_frozen_move(trained):
    mst, net, _ = trained("")
    own = {f"net.mst.{name}": value.numpy() for name, value in mst.state_dict().items()}
    assert all(not np.array_equal(value, own[name]) for name, value in front(net).items())


def test_a_trained_net_needs_the_file_no_longer(trained, tmp_path):
    _, net, rows = trained("frozen=true,")
    before = net.predict_proba(rows)
    (tmp_path / "mst.safetensors").unlink()
    del net.__dict__["_cached"]
    assert np.array_equal(net.predict_proba(rows), before)


def test_results_know_the_file_by_its_content(trained, tmp_path):
    _, net, _ = trained("")
    before = net.origin()
    MST().save(tmp_path / "mst.safetensors")
    assert before and net.origin() != before
