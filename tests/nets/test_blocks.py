"""Blocks of backbones: where they end, what belongs to them, and nets that are cut behind one."""

import pytest
import torch

from featkit.errors import ParameterError
from featkit.nets import blocks, catalog
from featkit.nets.adapters import head

IMAGE = (3, 128, 250)
WIDTHS = {
    "densenet201": (64, 256, 512, 1792, 1920),
    "resnet18": (64, 64, 128, 256, 512),
    "resnet50": (64, 256, 512, 1024, 2048),
    "inception_v3": (192, 288, 768, 2048),
}


def blank(arch: str, classes: int = 10) -> torch.nn.Module:
    return catalog.blank(arch, IMAGE, classes).net


@pytest.fixture(scope="module", params=WIDTHS)
def backbone(request: pytest.FixtureRequest) -> tuple[str, torch.nn.Module]:
    return request.param, blank(request.param).eval()


def test_blocks_end_with_as_many_channels_as_they_say(
    backbone: tuple[str, torch.nn.Module],
) -> None:
    arch, net = backbone
    channels = []
    for block in blocks.blocks(net):
        net.get_submodule(block.output).register_forward_hook(
            lambda *call: channels.append(call[-1].shape[1])
        )
    net(torch.empty(1, *IMAGE, device="meta"))
    assert tuple(channels) == WIDTHS[arch] == tuple(b.width for b in blocks.blocks(net))
    assert blocks.levels(net) == ("stem", "block1", "block2", "block3", "block4")[: len(channels)]


def test_blocks_and_head_hold_every_tensor_once(backbone: tuple[str, torch.nn.Module]) -> None:
    _, net = backbone
    owners = [f"{name}." for name in (*blocks.through(net, "all"), head(net)[0])]
    for name in net.state_dict():
        assert sum(name.startswith(owner) for owner in owners) == 1, name
    assert blocks.through(net, "none") == ()
    last = blocks.levels(net)[-1]
    assert blocks.through(net, last) == blocks.through(net, "all")
    assert blocks.through(net, "stem") == blocks.blocks(net)[0].modules


def test_a_transition_belongs_to_the_block_behind_it() -> None:
    net = blank("densenet121")
    first = blocks.through(net, "block1")
    assert first[-1] == "features.denseblock1" and "features.transition1" not in first
    assert blocks.blocks(net)[2].modules == ("features.transition1", "features.denseblock2")
    assert blocks.blocks(net)[4].modules[-1] == "features.norm5"


def test_a_block_stands_for_all_through_it_and_a_module_for_itself() -> None:
    net = blank("resnet18")
    stem = ("conv1", "bn1", "relu", "maxpool")
    assert blocks.expand(net, ("block1",)) == (*stem, "layer1")
    assert blocks.expand(net, ("layer2", "stem")) == ("layer2", *stem)
    assert blocks.expand(blank("vgg11"), ("features", "block1")) == ("features", "block1")


@pytest.mark.parametrize(
    ("arch", "width", "parameters"),
    [
        # What is left of torchvision's net: its parameters through the block, the norm of the
        # next transition of a DenseNet, and a head of 10 · (width + 1).
        ("densenet201:cut=block3", 1792, None),
        ("densenet201:cut=block2", 512, None),
        ("resnet18:cut=block3", 256, 11_181_642 - 8_393_728 - 5_130 + 2_570),
        ("resnet18:cut=block2", 128, None),
        ("resnet50:cut=block3", 1024, None),
        ("inception_v3:cut=block2", 768, None),
        ("resnet18:cut=stem", 64, 9_408 + 128 + 650),
    ],
)
def test_a_cut_net_ends_behind_its_block(arch: str, width: int, parameters: int | None) -> None:
    net = blank(arch).eval()
    whole = blank(catalog.parse(arch)[0])
    level = arch.rpartition("=")[2]
    assert head(net)[1].in_features == width and blocks.levels(net)[-1] == level
    kept = {name for name in net.state_dict() if not name.startswith(head(net)[0])}
    owners = tuple(f"{name}." for name in blocks.through(whole, level))
    closing = next(block.closing for block in blocks.blocks(whole) if block.name == level)
    ends = (*owners, f"{closing}.") if closing else owners
    assert kept == {name for name in whole.state_dict() if name.startswith(ends)}
    if parameters:
        assert sum(value.numel() for value in net.parameters()) == parameters
    assert net(torch.empty(2, *IMAGE, device="meta")).shape == (2, 10)


def test_a_cut_densenet_reads_the_normalised_output_of_its_block() -> None:
    torch.manual_seed(0)
    whole = catalog.build("densenet121", (3, 32, 32), 3).net.eval()
    cut = catalog.build("densenet121:cut=block2", (3, 32, 32), 3).net.eval()
    state = {name: value for name, value in whole.state_dict().items() if name in cut.state_dict()}
    cut.load_state_dict(
        {**cut.state_dict(), **{n: v for n, v in state.items() if "class" not in n}}
    )
    seen = []
    whole.features.transition2.relu.register_forward_hook(lambda *call: seen.append(call[-1]))
    cut.classifier.register_forward_pre_hook(lambda _, args: seen.append(args[0]))
    rows = torch.randn(2, 3, 32, 32)
    with torch.inference_mode():
        whole(rows), cut(rows)
    assert torch.allclose(seen[0].mean(dim=(2, 3)), seen[1], atol=1e-6)


@pytest.mark.parametrize("arch", ["vgg11:cut=block1", "resnet18:cut=block4", "resnet18:cut=layer2"])
def test_a_cut_that_is_not_possible_is_refused_before_there_are_rows(arch: str) -> None:
    with pytest.raises(ParameterError, match=r"not known|can be cut behind stem, block1, block2"):
        catalog.check(arch)


def test_an_unknown_block_names_those_there_are() -> None:
    with pytest.raises(ParameterError, match="none, stem, block1, block2, block3, all"):
        blocks.through(blank("inception_v3"), "block4")
