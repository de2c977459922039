"""A net as a scikit-learn classifier."""

import itertools
import pickle
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import zarr
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from featkit.audio import Samples, Signal
from featkit.classifiers._net import SHOWN_CLASSES, NetClassifier
from featkit.errors import MissingDependencyError, ParameterError
from featkit.features.base import Feature
from featkit.training.weights import read as read_weights


def net(arch: str = "cnn", epochs: int = 4, **options: Any) -> NetClassifier:
    return NetClassifier(
        arch, overrides={"epochs": epochs, **options.pop("overrides", {})}, **options
    )


@pytest.mark.parametrize(
    "arch",
    [
        *("cnn", "lstm_swapped", "crnn"),
        *(pytest.param(arch, marks=pytest.mark.slow) for arch in ("lstm", "transformer")),
    ],
)
def test_nets_learn_patterns_and_generalise(arch: str, patterns: Any) -> None:
    X, y = patterns(60)
    model = net(arch, 15, overrides={"lr": 3e-3}).fit(X, y)
    X2, y2 = patterns(30, seed=1)
    assert (model.predict(X2) == y2).mean() >= 0.8
    assert model.classes_.tolist() == ["c0", "c1", "c2"]
    assert np.allclose(model.predict_proba(X2).sum(axis=1), 1)


def test_images_of_three_channels_go_through_a_backbone(patterns: Any) -> None:
    X, y = patterns(12, (3, 32, 40))
    model = net("resnet18", 6, overrides={"lr": 1e-3, "batch_size": 12}).fit(X, y)
    assert (model.predict(X) == y).all() and model.embed(X).shape == (12, 512)


@pytest.mark.slow
def test_an_unscaled_transformer_stays_near_chance_and_a_scaled_one_learns(patterns: Any) -> None:
    gains = np.random.default_rng(0).uniform(0, 6, size=(60, 1, 1))
    accuracy = {}
    for scale in ("none", "bin"):
        (X, y), (X2, y2) = patterns(60, (12, 16)), patterns(60, (12, 16), seed=1)
        power, power2 = 1e3 * np.exp(2 * X + gains), 1e3 * np.exp(2 * X2 + gains[::-1])
        model = net("transformer", 12, overrides={"scale": scale, "lr": 1e-3})
        if scale == "none":
            accuracy[scale] = (model.fit(power, y).predict(power2) == y2).mean()
        else:
            accuracy[scale] = (model.fit(np.log(power), y).predict(np.log(power2)) == y2).mean()
    assert accuracy["bin"] > 0.9 and accuracy["none"] < accuracy["bin"] - 0.25


def test_the_scaler_sees_training_rows_only(patterns: Any) -> None:
    X, y = patterns(20)
    folds = np.repeat([0, 1], 10)
    X[folds == 0] += 1000
    model = net(epochs=1, overrides={"valid": 0.5, "scale": "bin"}).fit(X, y, groups=folds)
    assert np.allclose(model.state_["scaling.mean"][0], X[folds == 1].mean(axis=(0, 1)), atol=1e-4)


def test_the_same_seed_predicts_the_same_bit_for_bit(patterns: Any) -> None:
    X, y = patterns(20)
    first, second, other = (net(random_state=seed).fit(X, y).predict_proba(X) for seed in (1, 1, 2))
    assert np.array_equal(first, second) and not np.array_equal(first, other)


def test_members_are_other_runs_on_the_same_body(patterns: Any) -> None:
    X, y = patterns(20)
    first, second = (net(member=member, overrides={"lr": 1e-30}).fit(X, y) for member in (0, 1))
    differ = {
        name
        for name, value in first.state_.items()
        if not np.allclose(value, second.state_[name], atol=1e-12)
    }
    assert differ == {"net.head.weight", "net.head.bias"}


def test_a_stored_estimator_predicts_the_same_and_holds_no_torch_objects(patterns: Any) -> None:
    X, y = patterns(20)
    model = net(overrides={"scale": "channel"}).fit(X, y)
    copy = pickle.loads(pickle.dumps(model))
    assert np.array_equal(copy.predict_proba(X), model.predict_proba(X))
    assert not any(
        isinstance(value, (torch.Tensor, torch.nn.Module))
        for value in model.__getstate__().values()
    )
    assert all(isinstance(value, np.ndarray) for value in model.state_.values())


def test_a_clone_has_the_parameters_and_no_fit(patterns: Any) -> None:
    model = net(random_state=3, freeze=("stages",)).fit(*patterns(12))
    assert clone(model).get_params() == model.get_params()
    with pytest.raises(NotFittedError):
        clone(model).predict(patterns(12)[0])


def test_size_is_known_untrained_and_equals_the_trained_nets(patterns: Any) -> None:
    X, y = patterns(12)
    model = net(epochs=1)
    assert model.size() == NetClassifier("cnn", classes=SHOWN_CLASSES).size()
    counted = NetClassifier("cnn", classes=3, shape=(16, 8)).size()
    model.fit(X, y)
    tensors = {name: value for name, value in model.state_.items() if name.startswith("net.")}
    total = sum(value.size for value in tensors.values())
    # Weights of convolutions and linear layers have two axes or more; biases have one.
    heavy = sum(value.size for value in tensors.values() if value.ndim > 1)
    sizes = {"parameters": total, "model_bytes": 4 * total, "weights": heavy}
    assert counted == model.size() == sizes | {"classes": 3, "shape": [16, 8]}
    assert model.model_bytes == 4 * total


def test_rows_of_any_length_are_learned_and_predicted(patterns: Any) -> None:
    X, y = patterns(30, (20, 8))
    rows = [row[: 12 + number % 9] for number, row in enumerate(X)]
    model = net(epochs=8).fit(rows, y)
    assert model.length_ == 15 and model.shape_ == (15, 8)
    assert (model.predict(rows) == y).mean() > 0.9
    assert model.predict([rows[0]])[0] == model.predict(np.stack([rows[0]]))[0]


def test_rows_are_read_from_a_map_or_a_store_as_from_memory(patterns: Any, tmp_path: Path) -> None:
    X, y = patterns(20)
    np.save(tmp_path / "rows.npy", X)
    stored = zarr.create_array(
        tmp_path / "rows.zarr", shape=X.shape, chunks=(1, 16, 8), dtype="float32"
    )
    stored[:] = X
    expected = net(overrides={"valid": 0.3, "scale": "bin"}).fit(X, y).predict_proba(X)
    for rows in (np.load(tmp_path / "rows.npy", mmap_mode="r"), stored):
        for memory in (0, 1 << 20):
            model = net(overrides={"valid": 0.3, "scale": "bin"}, memory=memory).fit(rows, y)
            assert np.array_equal(model.predict_proba(rows), expected)


def test_early_stopping_and_the_three_numbers(patterns: Any) -> None:
    (X, y), test = patterns(40), patterns(20, seed=1)
    model = net(epochs=30, overrides={"valid": 0.25, "patience": 2}).fit(X, y, eval_set=test)
    assert (
        set(model.numbers_) == {"last", "best_on_valid", "best_on_test"}
        and model.numbers_["best_on_test"]["optimistic"]
    )
    best = model.numbers_["best_on_valid"]
    assert model.best_params_ == {"epoch": best["epoch"]}
    assert (model.predict(test[0]) == test[1]).mean() == pytest.approx(best["test_accuracy"])


def test_frozen_parts_of_a_backbone_stay_and_the_rest_learns(patterns: Any) -> None:
    X, y = patterns(8, (3, 32, 32), classes=2)
    fresh = net(
        "resnet18", 1, overrides={"lr": 1e-30, "weight_decay": 0}, freeze=("conv1", "bn1", "layer1")
    ).fit(X, y)
    moved = net("resnet18", 1, overrides={"lr": 1e-2}, freeze=("conv1", "bn1", "layer1")).fit(X, y)
    frozen = ("net.net.conv1", "net.net.bn1", "net.net.layer1")
    for name, value in moved.state_.items():
        if name.startswith(frozen):
            assert np.array_equal(value, fresh.state_[name]), name
        elif name.endswith("conv1.weight"):
            assert not np.array_equal(value, fresh.state_[name]), name


def test_blocks_frozen_by_name_stay_as_in_the_file_and_so_do_their_statistics(
    patterns: Any, tmp_path: Path
) -> None:
    net("resnet18", 1).fit(*patterns(8, (32, 32), classes=4)).save_weights(tmp_path / "w")
    source = read_weights(tmp_path / "w")
    moved = net(
        "resnet18", 2, weights=str(tmp_path / "w"), freeze=("block2",), overrides={"lr": 1e-2}
    ).fit(*patterns(8, (32, 32), classes=2))
    state = {name.removeprefix("net.net."): value for name, value in moved.state_.items()}
    frozen = ("conv1.", "bn1.", "layer1.", "layer2.")
    for name in set(source) - {"fc.weight", "fc.bias"}:
        assert np.array_equal(state[name], source[name]) == name.startswith(frozen), name


def test_a_prefix_copies_its_blocks_and_draws_the_rest(patterns: Any, tmp_path: Path) -> None:
    X, y = patterns(8, (32, 32), classes=2)
    still = {"lr": 1e-30, "weight_decay": 0}
    net("resnet18", 1, overrides={"lr": 1e-2}).fit(X, y).save_weights(tmp_path / "w")
    source = read_weights(tmp_path / "w")
    fused = net("resnet18", 1, weights=str(tmp_path / "w"), prefix="block1", overrides=still).fit(
        X, y
    )
    drawn = net("resnet18", 1, overrides=still).fit(X, y)
    for name in (name for name in source if name.endswith("weight") and "fc" not in name):
        copied = name.startswith(("conv1.", "bn1.", "layer1."))
        origin = source[name] if copied else drawn.state_[f"net.net.{name}"]
        assert np.array_equal(fused.state_[f"net.net.{name}"], origin), name
        other = drawn.state_[f"net.net.{name}"] if copied else source[name]
        assert not np.array_equal(fused.state_[f"net.net.{name}"], other), name


def test_a_cut_net_learns_and_tells_its_size(patterns: Any) -> None:
    X, y = patterns(12, (32, 40))
    model = net("resnet18:cut=block1", 8, overrides={"lr": 1e-3, "batch_size": 12}).fit(X, y)
    assert (model.predict(X) == y).all() and model.embed(X).shape == (12, 64)
    whole = net("resnet18", classes=3, shape=(32, 40)).size()["parameters"]
    assert model.size()["parameters"] < whole / 50


def test_an_estimator_stored_before_there_were_prefixes_has_all_blocks() -> None:
    state = net().__getstate__()
    del state["prefix"]
    old = NetClassifier.__new__(NetClassifier)
    old.__setstate__(state)
    assert old.settings().prefix == "all"


def test_a_pretrained_body_starts_a_net_for_other_classes(patterns: Any, tmp_path: Path) -> None:
    first = net("resnet18", 1).fit(*patterns(8, (24, 24), classes=4))
    first.save_weights(tmp_path / "w.safetensors")
    second = net(
        "resnet18",
        1,
        weights=str(tmp_path / "w.safetensors"),
        overrides={"lr": 1e-30, "weight_decay": 0},
    )
    second.fit(*patterns(8, (24, 24), classes=2))
    assert second.settled().step == 30, "auto chooses the fine-tuning recipe"
    assert np.allclose(
        second.state_["net.net.layer4.1.conv2.weight"],
        first.state_["net.net.layer4.1.conv2.weight"],
        atol=1e-12,
    )
    assert second.state_["net.net.fc.weight"].shape == (2, 512)


def test_a_killed_fit_goes_on_where_it_was(
    patterns: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    X, y = patterns(20)
    whole = net(epochs=4).fit(X, y)
    step, steps = torch.optim.Adam.step, itertools.count()

    def killed(self: Any, *args: Any) -> Any:
        if next(steps) == 6:
            raise KeyboardInterrupt
        return step(self, *args)

    model = net(epochs=4, checkpoints=str(tmp_path))
    monkeypatch.setattr(torch.optim.Adam, "step", killed)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, y)
    monkeypatch.undo()
    assert [path.name for path in tmp_path.glob("*/*.json")], "epochs before the kill were kept"
    resumed = clone(model).fit(X, y)
    assert all(np.array_equal(value, resumed.state_[name]) for name, value in whole.state_.items())
    other = net(epochs=4, checkpoints=str(tmp_path), random_state=1).fit(X, y)
    assert len(list(tmp_path.iterdir())) == 2 and not np.array_equal(
        other.predict_proba(X), whole.predict_proba(X)
    )


_KILLED = """
import os, signal, sys
import numpy as np, torch
from featkit.classifiers._net import NetClassifier

step, steps = torch.optim.Adam.step, []

def killed(self, *args):
    steps.append(1)
    if len(steps) == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return step(self, *args)

torch.optim.Adam.step = killed
with np.load(sys.argv[1]) as data:
    NetClassifier("cnn", overrides={"epochs": 4}, checkpoints=sys.argv[2]).fit(data["X"], data["y"])
"""


def test_a_process_that_was_killed_outright_goes_on_to_the_same_bits(
    patterns: Any, tmp_path: Path
) -> None:
    X, y = patterns(20)
    np.savez(tmp_path / "rows.npz", X=X, y=y)
    arguments = [sys.executable, "-c", _KILLED, str(tmp_path / "rows.npz"), str(tmp_path / "runs")]
    assert subprocess.run(arguments, check=False).returncode == -signal.SIGKILL
    assert sorted(path.stem for path in tmp_path.glob("runs/*/*.json")) == [
        "epoch-0001",
        "epoch-0002",
    ]
    whole, resumed = net().fit(X, y), net(checkpoints=str(tmp_path / "runs")).fit(X, y)
    assert all(np.array_equal(value, resumed.state_[name]) for name, value in whole.state_.items())
    assert len(list((tmp_path / "runs").iterdir())) == 1, "the run went on and did not begin anew"
    assert [row["train_loss"] for row in resumed.curves_] == [
        row["train_loss"] for row in whole.curves_
    ]


class Bands(Feature):
    """Absolute samples in an 8 × 8 grid."""

    def __call__(self, signal: Signal) -> Any:
        return np.log(np.abs(signal.samples[:2048]).reshape(8, 8, 32).mean(axis=2) + 1e-6)


class Waves:
    """Clips of noise whose loudness is the class."""

    def __init__(self, n: int) -> None:
        rng = np.random.default_rng(0)
        self.y = np.arange(n) % 2
        self.X: list[Samples] = [
            (rng.normal(size=3000 + 50 * k) * (1 + 9 * label)).astype(np.float32)
            for k, label in enumerate(self.y)
        ]


def test_waveforms_are_augmented_in_training_only(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    def louder(samples: Samples, sr: int, rng: np.random.Generator) -> Samples:
        calls.append(len(samples))
        return samples

    monkeypatch.setattr("featkit.training.augmentation.augment", louder)
    waves = Waves(12)
    options: dict[str, Any] = {"front": f"{__name__}:Bands", "sr": 8000, "augment": True}
    monkeypatch.setattr("featkit.training.augmentation.get_feature", lambda text: Bands())
    model = net("cnn", 2, **options, overrides={"valid": 0.34}).fit(
        waves.X, waves.y, eval_set=(waves.X, waves.y)
    )
    assert len(calls) == 2 * 8 and model.shape_ == (8, 8), (
        "two epochs of the 12 clips without the 4 held out"
    )
    calls.clear()
    assert model.predict(waves.X).shape == (12,) and not calls


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"recipe": "magic"}, "unknown recipe"),
        ({"arch": "resnet51"}, "unknown net"),
        ({"augment": True}, "front=FEATURE"),
        ({"weights": "gone.pth"}, "no such file"),
        ({"freeze": ("layer9",)}, "layer9"),
        ({"channels": 1}, "torchvision's nets"),
        ({"overrides": {"lr": -1}}, "lr=-1.0"),
    ],
)
def test_what_cannot_be_is_refused(options: dict[str, Any], words: str, patterns: Any) -> None:
    with pytest.raises(ParameterError, match=words):
        net(**options).fit(*patterns(12))


def test_too_few_clips_and_classes_are_refused(patterns: Any) -> None:
    X, y = patterns(12)
    for rows in (slice(0, 1), slice(0, 12, 3)):
        with pytest.raises(ParameterError, match="needs two of each"):
            net().fit(X[rows], y[rows])
    with pytest.raises(ParameterError, match="12 rows and 11 labels"):
        net().fit(X, y[1:])


def test_other_rows_than_those_of_training_are_refused(patterns: Any) -> None:
    X, y = patterns(12)
    model = net(epochs=1).fit(X, y)
    with pytest.raises(ParameterError, match=r"\(15, 8\); this net was trained on \(16, 8\)"):
        model.predict(X[:, 1:])
    with pytest.raises(ParameterError, match="no label that the training rows have"):
        net(epochs=1).fit(X, y, eval_set=(X[:1], ["zebra"]))
    X[4] = np.nan
    with pytest.raises(ParameterError, match="row 4"):
        model.predict(X)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_missing_gpu_is_reported_before_training(patterns: Any) -> None:
    with pytest.raises(MissingDependencyError, match="leave device at cpu"):
        net(device="cuda").fit(*patterns(12))
