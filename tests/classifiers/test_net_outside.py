"""Nets of code outside featkit: whole, tied, other than nets, and checkpoints of other code."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from featkit.classifiers import make_classifier
from featkit.classifiers._net import NetClassifier
from featkit.errors import ParameterError
from featkit.training import weights


def test_a_checkpoint_of_other_code_is_not_taken_up(
    patterns: Any, outside_nets: Any, tmp_path: Path
) -> None:
    X, y = patterns(12)
    settings: Any = {"overrides": {"epochs": 2}, "checkpoints": str(tmp_path / "runs")}
    relu = NetClassifier(f"{outside_nets('ReLU')}:Net", **settings).fit(X, y)
    tanh = NetClassifier(f"{outside_nets('Tanh')}:Net", **settings).fit(X, y)
    assert not np.array_equal(relu.state_["net.net.1.weight"], tanh.state_["net.net.1.weight"])


def test_a_net_with_a_part_called_net_is_saved_whole_and_its_head_is_the_head(
    patterns: Any, outside_nets: Any, tmp_path: Path
) -> None:
    X, y = patterns(12)
    name = outside_nets("ReLU")
    net = NetClassifier(f"{name}:Net", overrides={"epochs": 1}).fit(X, y)
    net.save_weights(tmp_path / "w.safetensors")
    assert set(weights.read(tmp_path / "w.safetensors")) == {
        f"{part}.{kind}" for part in ("head", "net.1", "net.3") for kind in ("weight", "bias")
    }
    again = NetClassifier(
        f"{name}:Net", weights=str(tmp_path / "w.safetensors"), overrides={"lr": 1e-30, "epochs": 1}
    ).fit(X, y)
    same = {
        key for key in net.state_ if np.allclose(net.state_[key], again.state_[key], atol=1e-12)
    }
    assert {key for key in same if key.startswith("net.")} == {
        f"net.net.{n}.{kind}" for n in (1, 3) for kind in ("weight", "bias")
    }
    frozen = NetClassifier(f"{name}:Net", freeze=("net",), overrides={"epochs": 1}).fit(X, y)
    assert frozen.n_parameters_ == net.n_parameters_


def test_tied_tensors_can_be_saved_and_kept(
    patterns: Any, outside_nets: Any, tmp_path: Path
) -> None:
    X, y = patterns(12)
    net = NetClassifier(
        f"{outside_nets('ReLU')}:Tied", overrides={"epochs": 1}, checkpoints=str(tmp_path / "runs")
    ).fit(X, y)
    net.save_weights(tmp_path / "w.safetensors")
    assert weights.read(tmp_path / "w.safetensors")["again.1.weight"].shape == (8, 128)


def test_outside_code_other_than_a_net_is_refused(
    patterns: Any, outside_nets: Any, tmp_path: Path
) -> None:
    X, y = patterns(12)
    name = outside_nets("ReLU")
    with pytest.raises(ParameterError, match=r"expected \(2, 3\)"):
        NetClassifier(f"{name}:Narrow").fit(X, y)
    with pytest.raises(ParameterError, match="is not a net"):
        NetClassifier(f"{name}:nothing").fit(X, y)
    (tmp_path / "broken_net.py").write_text("raise ValueError('no')")
    with pytest.raises(ParameterError, match="ValueError: no"):
        make_classifier("net:arch=broken_net:Net")
