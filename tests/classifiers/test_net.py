"""The text of a network to its estimator."""

import dataclasses
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from conftest import python

from featkit import evaluate
from featkit.classifiers._net import NetClassifier
from featkit.classifiers.base import identity, make_classifier, parameters, registry
from featkit.classifiers.deep_svm import DeepSVM
from featkit.classifiers.net_ensemble import MeanEnsemble
from featkit.classifiers.net_grid import NetGrid
from featkit.errors import FeatkitError, MissingDependencyError, ParameterError
from featkit.training.recipes import Recipe


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("net:arch=densenet201,classes=10", 18_112_138),
        ("net:arch=resnet50,classes=10", 23_528_522),
        ("net:arch=inception_v3,classes=10", 21_806_058),
        ("net:arch=resnet18,classes=4", 11_172_292),
        ("net:arch=transformer,classes=4", 397_956),
        ("net_ensemble:members=5,net=(net:arch=resnet50,classes=10)", 5 * 23_528_522),
    ],
)
def test_sizes_are_known_from_the_text(text: str, count: int) -> None:
    size = make_classifier(text).size()
    assert (size["parameters"], size["model_bytes"]) == (count, 4 * count)


def test_every_hyper_parameter_can_be_given_as_text() -> None:
    text = (
        "net:arch=resnet18,recipe=scratch,epochs=40,lr=2e-4,weight_decay=0,batch_size=16,"
        "optimizer=sgd,momentum=0.8,step=7,milestones=20+30,gamma=0.5,mixup=0.2,scale=bin,"
        "valid=0.1,patience=5,precision=bfloat16,"
        "channels_last=false,compile=true"
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
    assert type(make_classifier("deep_svm")) is DeepSVM
    grid = make_classifier("net_grid:lr=1e-3+1e-4,weight_decay=0+1e-3", seed=4)
    assert type(grid) is NetGrid and (grid.lr, grid.weight_decay) == ((1e-3, 1e-4), (0, 1e-3))
    assert make_classifier("net_grid:lr=1e-3+1e-4").weight_decay == (0.0,)
    both = make_classifier("net_ensemble:net=(net:arch=cnn)+(net:arch=crnn),members=2", seed=4)
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


def test_wrappers_compose() -> None:
    model = make_classifier(
        "net_ensemble:members=2,net="
        "(deep_svm:C=3,net=(net_grid:net=(net:arch=(cnn:hidden=9)),lr=1+2))"
        "+(segments:delays=1,net=(deep_svm:net=(net:front=(logmel:preset=piczak,n_mels=16))))",
        seed=3,
    )
    svm, again, heard, _ = model.members
    assert (svm.C, svm.net.lr, svm.net.net.arch) == (3.0, (1.0, 2.0), "cnn:hidden=9")
    assert (svm.net.net.member, again.net.net.member, svm.net.net.random_state) == (0, 1, 3)
    assert (heard.delays, heard.net.net.sr) == (1, 22_050)
    assert heard.net.net.front == "logmel:preset=piczak,n_mels=16"


@pytest.mark.parametrize(
    "text",
    [
        "net:epochs=2",
        "deep_svm:net=(net:epochs=2)",
        "net_ensemble:members=2,net=(net:epochs=2)",
        "net_grid:lr=1e-3+1e-4,net=(net:epochs=2)",
        "net_grid:lr=1e-3+1e-4,net=(deep_svm:net=(net:epochs=2))",
        "deep_svm:net=(net_grid:lr=1e-3+1e-4,net=(net:epochs=2))",
        "net_ensemble:net=(deep_svm:net=(net:epochs=1))+(net:arch=(lstm:hidden=8),epochs=1)",
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
        epochs = score.curves
        assert [row["epoch"] for row in epochs] == [0, 1, 2]
        assert epochs[-1]["test_accuracy"] == numbers["last"]["test_accuracy"]
    assert not any("numbers" in score.params for score in plain)
    for score, other in zip(plain, watched, strict=True):
        # Without watch=true the curves are there, but for the test part.
        assert [row.keys() for row in other.curves] == [
            row.keys() | {"test_loss", "test_accuracy"} for row in score.curves
        ]


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
        ("net_ensemble:members=-1", "needs two"),
        ("net_ensemble:members=1,net=net", "needs two"),
        ("net_ensemble:members=2,net=svm", "cannot wrap 'svm'"),
        ("net_ensemble:members=2,net=(net_ensemble:members=2)", "cannot wrap 'net_ensemble'"),
        ("net_grid:lr=1+2,net=(net_ensemble:members=2)", "cannot wrap 'net_ensemble'"),
        ("net_grid:lr=1+2,net=(deep_svm:net=(net_grid:lr=1+2))", "cannot wrap 'net_grid'"),
        ("deep_svm:net=(segments:net=net)", "cannot wrap 'segments'"),
        ("deep_svm:net=(net:watch=true)", "watch=true is for a net by itself"),
        ("deep_svm:net=(net:arch=cnn", "parentheses"),
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
    code = (
        "import sys; from featkit.classifiers.base import registry\n"
        "[registry.get(name) for name in registry.names()]; sys.exit('torch' in sys.modules)"
    )
    assert "net" in registry.names()
    assert python(code).status == 0


def test_scale_none_is_not_the_recipes_own_scale():
    assert make_classifier("net:arch=transformer,scale=none").settled().scale == "none"
    assert make_classifier("net:arch=transformer").settled().scale == "bin"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("net:members=5", "net_ensemble:members=5"),
        ("net:head=svm", "deep_svm:net="),
        ("net:segments=true", "segments:net="),
        ("net:delays=4", "segments:delays=4"),
        ("net:voting=mean", "segments:voting=mean"),
        ("net:lr=1e-3+1e-4", "net_grid:lr="),
        ("net:weight_decay=0+1e-3", "net_grid:weight_decay="),
        ("net:arch=cnn+crnn", "net_ensemble:net="),
    ],
)
def test_spellings_of_before_name_the_new_one(text: str, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        make_classifier(text)


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("net:device=cuda,verbose=true,watch=true,checkpoints=runs", "net"),
        ("deep_svm:C=2,net=(net:arch=lstm,device=cuda)", "deep_svm:C=2,net=(net:arch=lstm)"),
        (
            "net_ensemble:net=(net:arch=cnn,device=cuda)+(net_grid:lr=1+2)",
            "net_ensemble:net=(net:arch=cnn)+(net_grid:lr=1+2)",
        ),
        ("net_grid:net=(net:arch=cnn),lr=1+2", "net_grid:net=(net:arch=cnn),lr=1+2"),
        ("segments:net=(net:device=cuda)", "segments:net=net"),
        ("svm:n_jobs=4,kernel=rbf,memory_budget=1.0", "svm:kernel=rbf"),
        ("ensemble:members=(svm:n_jobs=2)+elm,n_jobs=2", "ensemble:members=svm+elm"),
        ("net_ensemble:members=5,net=(net:verbose=true)", "net_ensemble:members=5,net=net"),
    ],
)
def test_where_and_how_loudly_it_runs_is_not_part_of_its_name(text: str, short: str) -> None:
    assert identity(text) == short


def test_its_parameters_are_its_own_and_the_recipes() -> None:
    taken = parameters(registry.get("net"))
    recipe = {field.name for field in dataclasses.fields(Recipe)}
    assert recipe < set(taken) and len(set(taken) - recipe) == 18
    assert taken["lr"] == (float, 1e-3)
    assert make_classifier("net", lr=0.5, milestones=(3, 5)).settled().milestones == (3, 5)


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


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("net:arch=cnn,freeze=zzz", "no module 'zzz' to freeze; among its modules: stages"),
        ("net:arch=resnet18,freeze=layer9", "no module 'layer9'"),
        ("net:arch=(resnet18:cut=block2),freeze=block3", "no module 'block3'"),
        ("net:arch=resnet18,prefix=block1", "prefix=block1 is a part of weights=FILE"),
        ("net:arch=cnn,weights={weights},prefix=stem", "blocks of .* are not known"),
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
