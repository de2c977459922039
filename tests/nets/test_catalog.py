"""The catalogue of nets."""

import pytest
import torch
from conftest import outside, python

from featkit.errors import ParameterError
from featkit.nets import base, catalog
from featkit.nets.adapters import parameters

# Shapes among those below that a net refuses.
REFUSED = {
    "panns_cnn14": ((40, 24), (3, 16, 30), (8, 8)),
    "piczak_cnn": ((40, 24), (3, 16, 30), (8, 8)),
    "raw_piczak": ((40, 24), (3, 16, 30), (8, 8)),
    "scene_baseline": ((3, 16, 30), (8, 8)),
    "scene_bands": ((3, 16, 30), (8, 8)),
    "scene_cnn": ((3, 16, 30), (8, 8)),
    "scene_cnn_small": ((3, 16, 30), (8, 8)),
    "scene_fusion": ((40, 24), (3, 16, 30), (8, 8)),
}


# Nets that read every shape below; of any other it is not known.
READ_ALL = {"cnn", "crnn", "lstm", "lstm_swapped", "transformer"}
NAMES = [*catalog.registry.names(), *outside()]


@pytest.mark.parametrize("arch", NAMES)
@pytest.mark.parametrize("shape", [(40, 24), (3, 16, 30), (8, 8)])
def test_a_shape_gives_one_vote_per_class_or_is_refused(arch: str, shape: tuple[int, ...]) -> None:
    try:
        net = catalog.build(arch, shape, 6)
    except ParameterError:
        assert arch not in READ_ALL and shape in REFUSED.get(arch, (shape,))
    else:
        assert shape not in REFUSED.get(arch, ())
        assert base.probabilities(net, net(torch.randn(2, *shape))).shape == (2, 6)


# CNN14 has 81 million values, and its forward pass takes seconds.
SLOW = {"panns_cnn14"}


@pytest.mark.parametrize(
    "arch", [pytest.param(name, marks=[pytest.mark.slow] * (name in SLOW)) for name in NAMES]
)
def test_own_nets_are_built_for_their_default_shape(arch: str) -> None:
    shape = catalog.row_shape(arch)
    net = catalog.build(arch, shape, 5)
    assert base.probabilities(net, net(torch.randn(2, *shape))).shape == (2, 5)


@pytest.mark.parametrize(
    ("arch", "shape"),
    [
        ("cnn", (128, 128)),
        ("crnn", (128, 128)),
        ("lstm", (173, 40)),
        ("transformer", (173, 128)),
        ("piczak_cnn", (101, 60)),
        ("raw_piczak", (51_200,)),
        ("panns_cnn14", (1001, 64)),
        ("scene_baseline", (500, 40)),
    ],
)
def test_sizes_are_counted_for_the_papers_rows(arch: str, shape: tuple[int, ...]) -> None:
    assert catalog.row_shape(arch) == shape


def test_a_blank_net_has_shapes_but_no_memory() -> None:
    net = catalog.blank("vit_h_14", (3, 128, 250), 10)
    assert parameters(net) > 600_000_000 and all(value.is_meta for value in net.parameters())


def test_outside_nets_are_reached_by_module_and_name() -> None:
    assert type(catalog.build("featkit.nets.crnn:AudioCRNN", (16, 16), 3)).__name__ == "AudioCRNN"
    with pytest.raises(ParameterError, match=r"no\.such"):
        catalog.check("no.such:Net")


def test_an_unknown_name_lists_what_there_is() -> None:
    with pytest.raises(ParameterError, match=r"cnn, crnn, .*lstm.*densenet201"):
        catalog.check("convolution")


def test_rows_that_are_too_small_are_refused_before_anything_is_drawn() -> None:
    with pytest.raises(ParameterError, match=r"cannot read rows of shape \(3, 20, 20\)"):
        catalog.build("inception_v3", (3, 20, 20), 4)


def test_stems_are_for_torchvisions_nets() -> None:
    with pytest.raises(ParameterError, match="'cnn'"):
        catalog.build("cnn", (16, 16), 2, channels=1)


def test_naming_the_nets_imports_no_torch() -> None:
    code = (
        "import sys, featkit.nets.catalog as c; c.registry.names(); "
        "sys.exit('torch' in sys.modules)"
    )
    assert python(code).status == 0


def test_options_of_a_net_are_set_from_the_text() -> None:
    net = catalog.build("cnn:hidden=7,filters=2+3,dropout=0", (16, 16), 4)
    assert net.hidden.out_features == 7 and net.dropout.p == 0.0
    assert [part.out_channels for part in net.stages if hasattr(part, "out_channels")] == [2, 3]
    outside = catalog.build("featkit.nets.lstm:AudioLSTM:swapped=true", (20, 6), 3)
    assert outside.lstm.input_size == 20


@pytest.mark.parametrize(
    ("arch", "words"),
    [
        ("cnn:depth=3", "depth.*filters, hidden, dropout"),
        ("cnn:hidden=wide", "hidden='wide'"),
        ("resnet18:width=2", "no option width"),
        ("cnn+crnn", r"net_ensemble:net=\(net:arch=cnn\)\+\(net:arch=crnn\)"),
    ],
)
def test_options_and_names_are_checked(arch: str, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        catalog.check(arch)


@pytest.mark.parametrize(
    ("arch", "family", "recipe"),
    [
        ("cnn:hidden=8", "registered", "instrument"),
        ("resnet18", "torchvision", ""),
        ("timm:resnet18", "timm", ""),
        ("featkit.nets.cnn:AudioCNN", "outside", "instrument"),
        ("torch.nn:Linear", "outside", ""),
    ],
)
def test_a_net_comes_from_one_family_and_declares_its_recipe(
    arch: str, family: str, recipe: str
) -> None:
    assert catalog.family(arch) == family and catalog.recipe(arch) == recipe
    assert catalog.outside(arch) == (arch if family == "outside" else "")


def test_a_net_that_declares_no_shape_needs_one() -> None:
    with pytest.raises(ParameterError, match="shape=128"):
        catalog.row_shape("torch.nn:Linear")
