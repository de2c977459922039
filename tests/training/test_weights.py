"""Weights files: what is loaded and what is refused."""

import pickle
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from featkit.errors import MissingDependencyError, ParameterError
from featkit.nets import catalog
from featkit.training import weights

IMAGE = (3, 64, 64)


@pytest.fixture
def state() -> dict[str, torch.Tensor]:
    return catalog.build("resnet18", IMAGE, 1000).net.state_dict()


def body(net: Any) -> dict[str, torch.Tensor]:
    return {
        name: value
        for name, value in weights.core(net).state_dict().items()
        if not name.startswith("fc.")
    }


@pytest.mark.parametrize("kind", ["safetensors", "pth", "wrapped", "parallel", "legacy"])
def test_a_file_fills_all_but_the_head(
    tmp_path: Path, state: dict[str, torch.Tensor], kind: str
) -> None:
    path = tmp_path / "weights"
    if kind == "safetensors":
        save_file(state, path)
    elif kind == "wrapped":
        torch.save({"state_dict": state, "epoch": 3}, path)
    elif kind == "parallel":
        torch.save({f"module.{name}": value for name, value in state.items()}, path)
    else:
        torch.save(state, path, _use_new_zipfile_serialization=kind != "legacy")
    net = catalog.build("resnet18", IMAGE, 4)
    head = net.net.fc.weight.detach().clone()
    weights.load(net, path)
    assert all(torch.equal(value, state[name]) for name, value in body(net).items())
    assert torch.equal(net.net.fc.weight, head)


def test_a_one_channel_stem_is_the_mean_of_three(
    tmp_path: Path, state: dict[str, torch.Tensor]
) -> None:
    save_file(state, tmp_path / "w.safetensors")
    net = catalog.build("resnet18", (64, 64), 4)
    weights.load(net, tmp_path / "w.safetensors")
    assert torch.equal(net.net.conv1.weight, state["conv1.weight"].mean(dim=1, keepdim=True))
    assert torch.equal(net.net.layer1[0].conv1.weight, state["layer1.0.conv1.weight"])


def test_old_names_of_densenet_tensors_are_read(tmp_path: Path) -> None:
    state = catalog.build("densenet121", IMAGE, 3).net.state_dict()
    old = {name: value for name, value in state.items() if not name.endswith("num_batches_tracked")}
    for number in "12":
        for kind in ("norm", "conv"):
            old = {
                name.replace(f"{kind}{number}.", f"{kind}.{number}."): value
                for name, value in old.items()
            }
    assert "features.denseblock1.denselayer1.norm.1.weight" in old
    torch.save(old, tmp_path / "old.pth")
    net = catalog.build("densenet121", IMAGE, 5)
    weights.load(net, tmp_path / "old.pth")
    names = [name for name in state if not name.startswith("classifier")]
    assert all(torch.equal(net.net.state_dict()[name], state[name]) for name in names)


def test_side_classifiers_in_a_file_are_passed_over(tmp_path: Path) -> None:
    state = catalog.build("inception_v3", (3, 80, 80), 3).net.state_dict()
    save_file({**state, "AuxLogits.fc.weight": torch.zeros(3, 768)}, tmp_path / "w.safetensors")
    net = catalog.build("inception_v3", (3, 80, 80), 2)
    weights.load(net, tmp_path / "w.safetensors")
    assert torch.equal(
        net.net.Mixed_5b.branch1x1.conv.weight, state["Mixed_5b.branch1x1.conv.weight"]
    )


def test_what_is_saved_is_loaded_again(tmp_path: Path) -> None:
    first, second = (catalog.build("cnn", (16, 16), 4) for _ in range(2))
    weights.save(first, tmp_path / "cnn.safetensors")
    weights.load(second, tmp_path / "cnn.safetensors")
    assert torch.equal(first.hidden.weight, second.hidden.weight)
    assert not torch.equal(first.head.weight, second.head.weight)
    assert [path.name for path in tmp_path.iterdir()] == ["cnn.safetensors"]


class Shell:
    """A pickle that would run a command."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("owned"),))


@pytest.mark.parametrize(
    "dump", [torch.save, lambda value, file: pickle.dump(value, file, protocol=2)]
)
def test_a_pickle_with_code_is_refused_and_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dump: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    with open("w.pth", "wb") as file:
        dump({"conv1.weight": Shell()}, file)
    with pytest.raises(ParameterError, match="more than tensors"):
        weights.read("w.pth")
    assert not Path("owned").exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not readable"),
        (b"hello, world", "not readable"),
        ((10**9).to_bytes(8, "little") + b"{", "not readable"),
        (b"PK\x03\x04 cut short", "not readable"),
    ],
)
def test_anything_but_a_weights_file_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "w.bin").write_bytes(content)
    with pytest.raises(ParameterError, match=words):
        weights.read(tmp_path / "w.bin")


def test_a_truncated_file_is_refused(tmp_path: Path, state: dict[str, torch.Tensor]) -> None:
    for name, write in (("w.safetensors", save_file), ("w.pth", torch.save)):
        write(state, tmp_path / name)
        data = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(data[: len(data) // 2])
        with pytest.raises(ParameterError, match="not readable"):
            weights.read(tmp_path / name)


def test_something_else_than_tensors_is_refused(tmp_path: Path) -> None:
    torch.save([1, 2], tmp_path / "w.pth")
    with pytest.raises(ParameterError, match="not a dictionary of tensors"):
        weights.read(tmp_path / "w.pth")


def test_weights_of_another_net_or_shape_are_refused_whole(
    tmp_path: Path, state: dict[str, torch.Tensor]
) -> None:
    net = catalog.build("resnet18", IMAGE, 4)
    before = {name: value.clone() for name, value in body(net).items()}
    save_file(catalog.build("resnet34", IMAGE, 4).net.state_dict(), tmp_path / "34.safetensors")
    with pytest.raises(
        ParameterError, match=r"another net: 0 tensors are missing, \d+ are unknown \(layer1\.2"
    ):
        weights.load(net, tmp_path / "34.safetensors")
    wide = {**state, "layer2.0.conv1.weight": torch.zeros(128, 64, 5, 5)}
    save_file(wide, tmp_path / "wide.safetensors")
    with pytest.raises(
        ParameterError,
        match=r"another shape: layer2\.0\.conv1\.weight is \(128, 64, 5, 5\).*\(128, 64, 3, 3\)",
    ):
        weights.load(net, tmp_path / "wide.safetensors")
    save_file({**state, "bn1.weight": torch.full((64,), torch.nan)}, tmp_path / "nan.safetensors")
    with pytest.raises(ParameterError, match=r"bn1\.weight holds values that are not finite"):
        weights.load(net, tmp_path / "nan.safetensors")
    assert all(torch.equal(value, before[name]) for name, value in body(net).items())


def test_a_check_before_training_refuses_the_same(
    tmp_path: Path, state: dict[str, torch.Tensor]
) -> None:
    save_file(state, tmp_path / "18.safetensors")
    weights.check("resnet18", str(tmp_path / "18.safetensors"))
    weights.check("resnet18", str(tmp_path / "18.safetensors"), channels=3)
    with pytest.raises(ParameterError, match="another net"):
        weights.check("resnet50", str(tmp_path / "18.safetensors"))
    with pytest.raises(ParameterError, match="no such file"):
        weights.check("resnet18", str(tmp_path / "none.pth"))


@pytest.mark.parametrize(
    "reason",
    [urllib.error.URLError("no network"), TimeoutError("slow"), ConnectionResetError("reset")],
)
def test_without_network_it_says_how_to_pass_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: Exception
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise reason

    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    with pytest.raises(
        MissingDependencyError,
        match=r"resnet50-0676ba61\.pth cannot .* weights=/path/to/resnet50-0676ba61\.pth",
    ):
        weights.check("resnet50", "imagenet")


def test_a_file_in_torchs_cache_needs_no_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(torch.hub, "_hub_dir", None)
    path = tmp_path / "hub" / "checkpoints" / "resnet18-f37072fd.pth"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"x")
    assert weights.locate("resnet18", "imagenet") == path


@pytest.mark.parametrize(
    ("arch", "file"),
    [
        ("densenet201", "densenet201-c1103571.pth"),
        ("inception_v3", "inception_v3_google-0cc3c7bd.pth"),
    ],
)
def test_the_papers_weights_are_torchvisions_first(arch: str, file: str) -> None:
    assert weights.imagenet_url(arch).endswith(file)


def test_own_nets_have_no_imagenet_weights() -> None:
    with pytest.raises(ParameterError, match="cnn has no ImageNet weights"):
        weights.check("cnn", "imagenet")


@pytest.mark.parametrize(
    ("prefix", "names"),
    [
        ("none", ()),
        ("stem", ("conv1.", "bn1.")),
        ("block2", ("conv1.", "bn1.", "layer1.", "layer2.")),
        ("block4", ("conv1.", "bn1.", "layer1.", "layer2.", "layer3.", "layer4.")),
    ],
)
def test_a_prefix_fills_its_blocks_and_leaves_the_rest_random(
    tmp_path: Path, state: dict[str, torch.Tensor], prefix: str, names: tuple[str, ...]
) -> None:
    pretrained = {
        name: value + 0.5 if value.is_floating_point() else value for name, value in state.items()
    }
    save_file(pretrained, tmp_path / "w.safetensors")
    net = catalog.build("resnet18", IMAGE, 4)
    fresh = {name: value.clone() for name, value in net.net.state_dict().items()}
    weights.load(net, tmp_path / "w.safetensors", prefix)
    for name, value in net.net.state_dict().items():
        source = pretrained if names and name.startswith(names) else fresh
        assert torch.equal(value, source[name]), name


def test_a_cut_net_takes_what_it_still_has(tmp_path: Path, state: dict[str, torch.Tensor]) -> None:
    save_file(state, tmp_path / "w.safetensors")
    path = str(tmp_path / "w.safetensors")
    weights.check("resnet18:cut=block2", path)
    net = catalog.build("resnet18:cut=block2", IMAGE, 4)
    weights.load(net, path)
    assert all(torch.equal(value, state[name]) for name, value in body(net).items())
    assert not any(name.startswith(("layer3", "layer4")) for name in body(net))
    with pytest.raises(ParameterError, match="has no block 'block3'"):
        weights.check("resnet18:cut=block2", path, prefix="block3")
