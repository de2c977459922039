"""What must not go wrong in silence when nets are trained: stale results, wrong rates, divergence,
rows that do not fit.
"""

import importlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from featkit import evaluate
from featkit.classifiers import make_classifier
from featkit.classifiers._net import NetClassifier
from featkit.errors import DivergenceError, ParameterError
from featkit.nets import adapters, catalog
from featkit.store.table import Table
from featkit.training import weights

OUTSIDE = """
from torch import nn


class Net(nn.Module):
    def __init__(self, shape, classes):
        super().__init__()
        self.head = nn.Linear(8, classes)
        layers = nn.Linear(shape[0] * shape[1], 8), nn.{activation}(), nn.Linear(8, 8)
        self.net = nn.Sequential(nn.Flatten(), *layers)

    def forward(self, rows):
        return self.head(self.net(rows))


class Narrow(Net):
    def __init__(self, shape, classes):
        super().__init__(shape, classes - 1)


class Tied(Net):
    def __init__(self, shape, classes):
        super().__init__(shape, classes)
        self.again = self.net


nothing = 3
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """``module(activation)``: write the outside module anew and return its name."""
    name = f"nets_{abs(hash(tmp_path))}"
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(activation: str) -> str:
        from featkit.naming import fingerprint

        (tmp_path / f"{name}.py").write_text(OUTSIDE.replace("{activation}", activation))
        sys.modules.pop(name, None)
        importlib.invalidate_caches()
        fingerprint.of_module.cache_clear()
        return name

    return write


def as_table(X: Any, y: Any, **options: Any) -> Table:
    names = np.array([str(number) for number in range(len(y))])
    return Table(
        X=X,
        y=y,
        folds=np.arange(len(y)) // 2 % 2,
        groups=names,
        ids=names,
        protocol="folds",
        feature="maps",
        **options,
    )


def cells(scores: Any) -> Any:
    return {score.cell: score.data for score in scores}


def test_results_with_other_weights_are_measured_again(patterns: Any, tmp_path: Path) -> None:
    X, y = patterns(12)
    path = tmp_path / "w.safetensors"
    text = f"net:arch=cnn,epochs=1,weights={path}"
    NetClassifier("cnn", overrides={"epochs": 1}).fit(X, y).save_weights(path)
    first = evaluate(as_table(X, y), text)
    assert not evaluate(as_table(X, y), text, done=cells(first))
    NetClassifier("cnn", overrides={"epochs": 1}, random_state=1).fit(X, y).save_weights(path)
    again = evaluate(as_table(X, y), text, done=cells(first))
    assert len(again) == len(first) == 2 and again[0].probabilities != first[0].probabilities
    assert evaluate(as_table(X, y), "net:epochs=1")[0].data == as_table(X, y).fingerprint


@pytest.mark.parametrize(
    "text",
    [
        "{net}",
        "net_ensemble:members=2,net=({net})",
        "deep_svm:net=({net})",
        "net_grid:lr=1e-3+1e-4,net=({net})",
    ],
)
def test_results_of_an_outside_net_whose_code_changed_are_measured_again(
    patterns: Any, module: Any, text: str
) -> None:
    X, y = patterns(12)
    text = text.format(net=f"net:arch={module('ReLU')}:Net,epochs=1")
    first = evaluate(as_table(X, y), text)
    assert not any(score.error for score in first) and not evaluate(
        as_table(X, y), text, done=cells(first)
    )
    module("Tanh")
    assert len(evaluate(as_table(X, y), text, done=cells(first))) == 2


def test_a_checkpoint_of_other_code_is_not_taken_up(
    patterns: Any, module: Any, tmp_path: Path
) -> None:
    X, y = patterns(12)
    settings: Any = {"overrides": {"epochs": 2}, "checkpoints": str(tmp_path / "runs")}
    relu = NetClassifier(f"{module('ReLU')}:Net", **settings).fit(X, y)
    tanh = NetClassifier(f"{module('Tanh')}:Net", **settings).fit(X, y)
    assert not np.array_equal(relu.state_["net.net.1.weight"], tanh.state_["net.net.1.weight"])


def test_a_net_with_a_part_called_net_is_saved_whole_and_its_head_is_the_head(
    patterns: Any, module: Any, tmp_path: Path
) -> None:
    X, y = patterns(12)
    name = module("ReLU")
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


def test_tied_tensors_can_be_saved_and_kept(patterns: Any, module: Any, tmp_path: Path) -> None:
    X, y = patterns(12)
    net = NetClassifier(
        f"{module('ReLU')}:Tied", overrides={"epochs": 1}, checkpoints=str(tmp_path / "runs")
    ).fit(X, y)
    net.save_weights(tmp_path / "w.safetensors")
    assert weights.read(tmp_path / "w.safetensors")["again.1.weight"].shape == (8, 128)


def test_outside_code_that_is_no_net_is_refused(patterns: Any, module: Any, tmp_path: Path) -> None:
    X, y = patterns(12)
    name = module("ReLU")
    with pytest.raises(ParameterError, match=r"expected \(2, 3\)"):
        NetClassifier(f"{name}:Narrow").fit(X, y)
    with pytest.raises(ParameterError, match="is not a net"):
        NetClassifier(f"{name}:nothing").fit(X, y)
    (tmp_path / "broken_net.py").write_text("raise ValueError('no')")
    with pytest.raises(ParameterError, match="ValueError: no"):
        make_classifier("net:arch=broken_net:Net")


def test_regnets_can_be_built_and_leave_the_draws_alone() -> None:
    torch.manual_seed(0)
    net = catalog.blank("regnet_x_400mf", (3, 32, 32), 10)
    assert next(net.parameters()).is_meta and adapters.head(net)[1].out_features == 10
    drawn = torch.rand(1)
    torch.manual_seed(0)
    assert torch.equal(drawn, torch.rand(1))


@pytest.mark.slow
def test_every_net_of_torchvision_can_be_built() -> None:
    from featkit.nets import backbones

    for name in backbones.names():
        net = catalog.blank(name, (3, 128, 250), 7)
        assert next(net.parameters()).is_meta, name
        assert "7" in repr(adapters.head(net)[1]), name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("net:recipe=dcase", (12_000, "iteration")),
        ("net:recipe=dcase,epochs=2", (2 * 7, "iteration")),
        ("net:recipe=dcase,iterations=5", (5, "iteration")),
        ("net:recipe=dcase,iterations=50,unit=epoch", (50, "epoch")),
        ("net:iterations=5,epochs=9", (5, "epoch")),
    ],
)
def test_the_length_of_a_run_can_be_given_as_text(text: str, expected: Any) -> None:
    recipe = make_classifier(text).settled()
    steps = recipe.iterations or recipe.epochs * 7
    assert (steps, recipe.unit) == expected


def test_a_class_that_only_the_watched_part_has_is_wrong_there_and_has_no_loss(
    patterns: Any,
) -> None:
    X, y = patterns(24)
    known = y != "c2"
    net = NetClassifier("cnn", overrides={"epochs": 2, "lr": 3e-3})
    part = net.fit(X[known], y[known], eval_set=(X, y)).curves_[-1]
    plain = net.fit(X[known], y[known], eval_set=(X[known], y[known])).curves_[-1]
    assert part["test_loss"] == pytest.approx(plain["test_loss"], rel=1e-5)
    assert part["test_accuracy"] == pytest.approx(plain["test_accuracy"] * known.mean())


def test_weights_that_are_not_finite_are_no_fit(patterns: Any, tmp_path: Path) -> None:
    X, y = patterns(24)
    net = NetClassifier(
        "cnn",
        overrides={"lr": 1e38, "epochs": 1, "batch_size": 24},
        checkpoints=str(tmp_path / "runs"),
    )
    with pytest.raises(DivergenceError, match="weights are not finite after epoch 0"):
        net.fit(X, y)
    assert not list(tmp_path.glob("runs/*/*.json"))


@pytest.mark.parametrize("folds", [None, np.arange(24) % 2])
def test_a_grid_goes_on_where_a_candidate_diverges(patterns: Any, folds: Any) -> None:
    X, y = patterns(24)
    with pytest.warns(UserWarning, match=r"lr=1e\+30.* is not chosen"):
        grid = make_classifier("net_grid:net=(net:epochs=1),lr=1e30+1e-3").fit(X, y, groups=folds)
    assert grid.best_params_["lr"] == 1e-3 and grid.scores_[0]["accuracy"] == -1
    with pytest.warns(UserWarning, match="not chosen"):
        candidates, found = grid.candidate_predictions(X, y, np.arange(24) % 2)
    assert candidates[0]["lr"] == 1e30 and not (found[0] == y).any()


def test_folds_and_watched_rows_of_another_length_are_refused(patterns: Any) -> None:
    X, y = patterns(12)
    net = NetClassifier("cnn", overrides={"epochs": 1, "valid": 0.2})
    with pytest.raises(ParameterError, match=r"12 rows and groups of shape \(2,\)"):
        net.fit(X, y, groups=[0, 1])
    with pytest.raises(ParameterError, match=r"eval_set has 12 rows and labels of shape \(5,\)"):
        net.fit(X, y, eval_set=(X, y[:5]))
    with pytest.raises(ParameterError, match="1 classes are in the inner validation part only"):
        net.fit(X, y, groups=np.where(y == "c0", 0, 1))


def test_rows_that_do_not_fit_together_are_named(patterns: Any) -> None:
    X, y = patterns(12)
    net = NetClassifier("cnn", overrides={"epochs": 1}).fit(X, y)
    with pytest.raises(ParameterError, match="rows of different shapes"):
        net.predict([X[0], X[1][:9]])
    assert np.array_equal(net.predict(tuple(X)), net.predict(X))
    assert np.array_equal(net.predict(X.astype(">f4")), net.predict(X))
    assert np.array_equal(
        NetClassifier("cnn", overrides={"epochs": 1}).fit(X, y[:, None]).predict(X), net.predict(X)
    )


def test_memory_that_runs_out_anywhere_is_explained(
    patterns: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    X, y = patterns(12)
    net = NetClassifier("cnn", overrides={"epochs": 1, "scale": "bin"}).fit(X, y)

    def full(*_: Any, **__: Any) -> Any:
        raise MemoryError("Unable to allocate 3 GiB")

    monkeypatch.setattr("featkit.training.scaling.statistics", full)
    with pytest.raises(ParameterError, match="out of memory with batch_size"):
        net.fit(X, y)
    monkeypatch.setattr("featkit.training.model.Loader", full)
    with pytest.raises(ParameterError, match="out of memory with batch_size"):
        net.predict(X)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("net:arch=cnn,freeze=zzz", "no module 'zzz' to freeze; among its modules: stages"),
        ("net:arch=resnet18,freeze=layer9", "no module 'layer9'"),
        ("net:checkpoints={file}", "is a file"),
        ("net:device=meta", "not one of cpu, cuda"),
        ("net:device=mps", "not one of cpu, cuda"),
        ("net:arch=lstm,weights={weights}", "weights of another net"),
    ],
)
def test_wrong_words_are_refused_before_any_fold(
    text: str, message: str, patterns: Any, tmp_path: Path
) -> None:
    file, other = tmp_path / "file", tmp_path / "w.safetensors"
    file.write_text("x")
    X, y = patterns(12)
    NetClassifier("cnn", overrides={"epochs": 1}).fit(X, y).save_weights(other)
    with pytest.raises(ParameterError, match=message):
        make_classifier(text.format(file=file, weights=other))


def test_a_bin_that_is_constant_but_for_rounding_is_left_as_it_is(patterns: Any) -> None:
    X = patterns(24)[0].astype(np.float64)
    X[:, :, 3] = 0.1
    from featkit.training import scaling
    from featkit.training.rows import Rows

    mean, std = scaling.statistics(Rows(X), "bin")
    assert std.reshape(-1)[3] == 1 and mean.reshape(-1)[3] == pytest.approx(0.1)


@pytest.mark.parametrize(
    "text",
    [
        "net:front=logmel,sr=44100",
        "segments:net=(net:front=(logmel:preset=piczak))",
        "net_ensemble:members=2,net=(net:front=logmel,sr=44100)",
    ],
)
def test_waveforms_at_another_rate_are_refused(text: str) -> None:
    y = np.array(["a", "b"] * 4)
    spec = {"name": "waveform", "params": {"sr": 16_000}}
    with pytest.raises(ParameterError, match="waveforms at 16000 Hz, and the classifier has sr="):
        evaluate(as_table(np.zeros((8, 800), np.float32), y, spec=spec), text)
