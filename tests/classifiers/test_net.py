"""The text of a network to its estimator."""

import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from featkit import evaluate
from featkit.classifiers._net.deep_svm import DeepSVM
from featkit.classifiers._net.ensemble import MeanEnsemble
from featkit.classifiers._net.estimator import NetClassifier
from featkit.classifiers._net.grid import NetGrid
from featkit.classifiers.base import make_classifier, registry
from featkit.errors import FeatkitError, MissingDependencyError, ParameterError


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("net:arch=densenet201,classes=10", 18_112_138),
        ("net:arch=resnet50,classes=10", 23_528_522),
        ("net:arch=inception_v3,classes=10", 21_806_058),
        ("net:arch=resnet18,classes=4", 11_172_292),
        ("net:arch=transformer,classes=4", 397_956),
        ("net:arch=resnet50,classes=10,members=5", 5 * 23_528_522),
    ],
)
def test_sizes_are_known_from_the_text(text: str, count: int) -> None:
    size = make_classifier(text).size()
    assert (size["parameters"], size["model_bytes"]) == (count, 4 * count)


def test_every_hyper_parameter_can_be_given_as_text() -> None:
    text = (
        "net:arch=resnet18,recipe=scratch,epochs=40,lr=2e-4,weight_decay=0,batch_size=16,optimizer=sgd,momentum=0.8,step=7,"
        "milestones=20+30,gamma=0.5,mixup=0.2,scale=bin,valid=0.1,patience=5,precision=bfloat16,channels_last=false,compile=true"
    )
    recipe = make_classifier(text).settled()
    assert (recipe.epochs, recipe.lr, recipe.weight_decay, recipe.batch_size, recipe.optimizer) == (
        40,
        2e-4,
        0,
        16,
        "sgd",
    )
    assert (recipe.momentum, recipe.step, recipe.milestones, recipe.gamma, recipe.mixup) == (
        0.8,
        7,
        (20, 30),
        0.5,
        0.2,
    )
    assert (recipe.scale, recipe.valid, recipe.patience, recipe.precision) == (
        "bin",
        0.1,
        5,
        "bfloat16",
    )
    assert recipe.channels_last is False and recipe.compile is True


def test_without_a_word_the_papers_recipe_is_chosen() -> None:
    assert make_classifier("net:arch=resnet50").settled().milestones == (300, 350)
    assert make_classifier("net:arch=lstm").settled().batch_size == 10
    assert make_classifier("net").arch == "cnn"


def test_kinds_of_estimators() -> None:
    assert type(make_classifier("net:arch=lstm")) is NetClassifier
    assert type(make_classifier("net:head=svm")) is DeepSVM
    grid = make_classifier("net:lr=1e-3+1e-4,weight_decay=0+1e-3", seed=4)
    assert type(grid) is NetGrid and (grid.lr, grid.weight_decay) == ((1e-3, 1e-4), (0, 1e-3))
    assert make_classifier("net:lr=1e-3+1e-4").weight_decay == (0.0,)
    both = make_classifier("net:arch=cnn+crnn,members=2", seed=4)
    assert type(both) is MeanEnsemble
    assert [(net.arch, net.member, net.random_state) for net in both.members] == [
        ("cnn", 0, 4),
        ("cnn", 1, 4),
        ("crnn", 0, 4),
        ("crnn", 1, 4),
    ]
    assert {kind.input_kind for kind in (NetClassifier, DeepSVM, NetGrid, MeanEnsemble)} == {
        "array"
    }


@pytest.mark.parametrize(
    "text",
    [
        "net:epochs=2",
        "net:epochs=2,head=svm",
        "net:epochs=2,members=2",
        "net:epochs=2,lr=1e-3+1e-4",
    ],
)
def test_all_of_them_fit_and_predict(text: str, patterns: Any) -> None:
    X, y = patterns(30)
    model = make_classifier(text).fit(X, y, groups=np.arange(30) // 10)
    assert (
        set(model.predict(X)) <= set(y)
        and model.predict_proba(X).shape == (30, 3)
        and model.model_bytes > 0
    )


def test_results_hold_the_three_numbers_side_by_side(make_table: Any) -> None:
    table = make_table(
        n=30, X=np.random.default_rng(0).standard_normal((30, 4, 3)).astype(np.float32)
    )
    plain = evaluate(table, "net:arch=lstm,epochs=3,valid=0.2")
    watched = evaluate(table, "net:arch=lstm,epochs=3,valid=0.2,watch=true")
    assert [score.error for score in plain + watched] == [""] * len(plain + watched)
    assert [score.probabilities for score in watched] == [score.probabilities for score in plain], (
        "nothing is selected on the test part"
    )
    for score in watched:
        numbers = score.params["numbers"]
        assert (
            numbers["last"]["epoch"] == 2
            and numbers["best_on_valid"]["epoch"] == score.params["epoch"]
        )
        assert numbers["best_on_valid"]["test_accuracy"] == pytest.approx(score.accuracy)
        assert [name for name, entry in numbers.items() if entry["optimistic"]] == ["best_on_test"]
        assert numbers["best_on_test"]["test_accuracy"] >= max(
            numbers[name]["test_accuracy"] for name in ("last", "best_on_valid")
        )
    assert all("numbers" not in score.params for score in plain)


def test_without_network_or_file_imagenet_is_an_error_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no network")

    monkeypatch.setattr(torch.hub, "_hub_dir", str(tmp_path))
    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    with pytest.raises(MissingDependencyError, match=r"weights=/path/to/densenet201-c1103571\.pth"):
        make_classifier("net:arch=densenet201,weights=imagenet")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("net:arch=resnet", "unknown net"),
        ("net:recipe=best", "finetune, scratch"),
        ("net:weights=gone.pth", "no such file"),
        ("net:arch=cnn,weights=imagenet", "no ImageNet weights"),
        ("net:members=0", "at least one"),
        ("net:lr=1e-3+1e-4,members=2", "for one net"),
        ("net:watch=true,members=2", "for one net"),
        ("net:patience=3", "valid=0.2"),
        ("net:augment=true", "front=FEATURE"),
        ("net:device=tpu9", "device='tpu9'"),
        ("net:epoch=3", "epochs"),
    ],
)
def test_mistakes_are_found_before_training(text: str, words: str) -> None:
    with pytest.raises(FeatkitError, match=words):
        make_classifier(text)


def test_a_weights_file_of_another_net_is_refused_at_once(tmp_path: Path) -> None:
    torch.save({"conv.weight": torch.zeros(1)}, tmp_path / "w.pth")
    with pytest.raises(ParameterError, match="another net"):
        make_classifier(f"net:arch=resnet18,weights={tmp_path / 'w.pth'}")


def test_listing_and_describing_load_no_torch() -> None:
    code = "import sys; from featkit.classifiers.base import registry; registry.get('net'); sys.exit('torch' in sys.modules)"
    assert "net" in registry.names()
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_scale_none_is_not_the_recipes_own_scale():
    assert make_classifier("net:arch=transformer,scale=none").settled().scale == "none"
    assert make_classifier("net:arch=transformer").settled().scale == "bin"
