"""The net that was trained on AudioSet, and its published files."""

from pathlib import Path

import pytest
import torch
from torch.nn import functional

from featkit.classifiers import make_classifier
from featkit.errors import ParameterError
from featkit.nets import adapters, catalog
from featkit.training import weights

SMALL = "panns_cnn14:width=0.01"
FRONT = {
    "spectrogram_extractor.stft.conv_real.weight": torch.zeros(513, 1, 1024),
    "logmel_extractor.melW": torch.zeros(513, 64),
}


def test_it_has_the_published_parameters() -> None:
    assert adapters.parameters(catalog.blank("panns_cnn14", (1001, 64), 527)) == 80_753_615


def test_tensors_have_the_published_names() -> None:
    names = set(catalog.blank("panns_cnn14", (1001, 64), 527).state_dict())
    layers = [f"{kind}{number}" for kind in ("conv", "bn") for number in "12"]
    assert {name.rpartition(".")[0] for name in names} == {
        "bn0",
        "fc1",
        "fc_audioset",
        *(f"conv_block{number}.{layer}" for number in range(1, 7) for layer in layers),
    }


def test_outputs_are_those_of_its_layers_one_by_one() -> None:
    torch.manual_seed(0)
    net = catalog.build(SMALL, (70, 40), 5).eval()
    rows = torch.randn(3, 70, 40)
    net.bn0.running_mean.copy_(torch.linspace(-1, 1, 40))
    maps = (rows - net.bn0.running_mean) / (1 + 1e-5) ** 0.5
    maps = maps.unsqueeze(1)
    for number in range(1, 7):
        block = net.get_submodule(f"conv_block{number}")
        for layer in "12":
            weight = block.get_submodule(f"conv{layer}").weight
            maps = functional.conv2d(maps, weight, padding=1) / (1 + 1e-5) ** 0.5
            maps = maps.clamp(min=0)
        maps = functional.avg_pool2d(maps, 2) if number < 6 else maps
    assert maps.shape[2:] == (2, 1)
    pooled = maps.mean(3).amax(2) + maps.mean(3).mean(2)
    hidden = net.fc1(pooled).clamp(min=0)
    assert torch.allclose(net(rows), net.fc_audioset(hidden), atol=1e-6)
    image = rows.transpose(1, 2).unsqueeze(1)
    assert torch.equal(net(image), net(rows))


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """A file laid out as those that are published, of a small net with 527 outputs."""
    torch.manual_seed(1)
    state = catalog.build(SMALL, (64, 40), 527).state_dict()
    path = tmp_path / "Cnn14_mAP=0.431.pth"
    torch.save({"iteration": 600_000, "model": state | FRONT}, path)
    return path


def test_a_published_file_fills_all_but_the_last_layer(checkpoint: Path) -> None:
    net = catalog.build(SMALL, (64, 40), 3)
    weights.load(net, checkpoint)
    stored = torch.load(checkpoint, weights_only=True)["model"]
    body = {name: value for name, value in net.state_dict().items() if "audioset" not in name}
    assert len(body) == 72 + 7 and all(torch.equal(stored[name], body[name]) for name in body)
    assert net.fc_audioset.weight.shape == (3, 20)


def test_training_starts_from_a_file(checkpoint: Path, patterns) -> None:
    X, y = patterns(n=12, shape=(64, 40))
    text = f"net:arch=({SMALL}),weights={checkpoint},iterations=1,batch_size=6,lr=1e-9"
    make_classifier(text).fit(X, y).save_weights(checkpoint.with_suffix(".safetensors"))
    trained = weights.read(checkpoint.with_suffix(".safetensors"))
    stored = torch.load(checkpoint, weights_only=True)["model"]
    name = "conv_block6.conv2.weight"
    assert torch.allclose(trained[name], stored[name], atol=1e-6)


@pytest.mark.parametrize("shape", [(31, 64), (64, 31), (3, 64, 64)])
def test_rows_it_cannot_read_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ParameterError, match="32 bands × 32 frames"):
        catalog.build(SMALL, shape, 2)
