"""Backbones P1–P3, T4: parameter counts of the papers, stems, heads, switches."""

import pytest
import torch

from featkit.errors import ParameterError
from featkit.nets import catalog
from featkit.nets.adapters import head, parameters
from featkit.nets.backbones import Backbone, names

IMAGE = (3, 128, 250)


def on_meta(arch: str, shape: tuple[int, ...], classes: int, **options: object) -> Backbone:
    with torch.device("meta"):
        return Backbone(arch, shape, classes, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arch", "shape", "classes", "count"),
    [
        ("densenet201", IMAGE, 10, 18_112_138),
        ("densenet201", IMAGE, 50, 18_188_978),
        ("resnet50", IMAGE, 10, 23_528_522),
        ("resnet50", IMAGE, 50, 23_610_482),
        ("inception_v3", IMAGE, 10, 21_806_058),
        ("inception_v3", IMAGE, 50, 21_888_018),
        ("resnet18", (128, 128), 4, 11_172_292),
    ],
)
def test_parameter_counts_of_the_specification(
    arch: str, shape: tuple[int, ...], classes: int, count: int
) -> None:
    assert parameters(on_meta(arch, shape, classes)) == count


@pytest.mark.parametrize(
    "arch",
    ["densenet201", "resnet50", "inception_v3", "mobilenet_v3_small", "squeezenet1_1", "vit_b_32"],
)
@pytest.mark.parametrize("shape", [IMAGE, (250, 96)])
def test_images_and_frames_give_one_logit_per_class(arch: str, shape: tuple[int, ...]) -> None:
    net = on_meta(arch, shape, 7).eval()
    assert net(torch.empty(2, *shape, device="meta")).shape == (2, 7)


@pytest.mark.parametrize(
    "arch",
    ["vgg11", "convnext_tiny", "swin_t", "efficientnet_b0", "googlenet", "shufflenet_v2_x0_5"],
)
def test_every_family_has_its_head_found(arch: str) -> None:
    assert head(on_meta(arch, IMAGE, 7))[1].out_features == 7


def test_one_channel_rows_are_copied_where_the_stem_has_three() -> None:
    net = Backbone("resnet18", (40, 32), 2, channels=3).eval()
    rows = torch.randn(2, 40, 32)
    image = rows.transpose(1, 2)[:, None].expand(-1, 3, -1, -1)
    assert parameters(net) == parameters(on_meta("resnet18", IMAGE, 2))
    assert torch.equal(net(rows), net.net(image))


def test_the_input_transform_is_off_unless_asked_for() -> None:
    assert on_meta("inception_v3", IMAGE, 2).net.transform_input is False
    assert on_meta("inception_v3", IMAGE, 2, transform_input=True).net.transform_input is True


def test_side_classifiers_are_off() -> None:
    assert not [
        name
        for name, _ in on_meta("inception_v3", IMAGE, 2).named_modules()
        if "aux" in name.lower()
    ]


@pytest.mark.parametrize(
    ("arch", "shape", "options", "words"),
    [
        ("resnet51", IMAGE, {}, "resnet50|resnet101"),
        ("resnet18", IMAGE, {"channels": 1}, "3 channels"),
        ("resnet18", (7,), {}, "not images"),
        ("resnet18", IMAGE, {"transform_input": True}, "inception_v3 or googlenet"),
        ("inception_v3", (128, 128), {"transform_input": True}, "three channels"),
    ],
)
def test_what_cannot_be_is_refused(
    arch: str, shape: tuple[int, ...], options: dict[str, object], words: str
) -> None:
    with pytest.raises(ParameterError, match=words):
        on_meta(arch, shape, 2, **options)


def test_names_are_torchvisions() -> None:
    assert {"densenet201", "resnet50", "inception_v3", "resnet18"} < set(names())


def test_a_stem_may_change_kernel_stride_and_padding_and_rows_be_resized() -> None:
    plain = catalog.blank("resnet18", (173, 1025), 4)
    assert parameters(plain) == 11_172_292
    net = catalog.blank("resnet18:size=64,kernel=5,stride=1,padding=2", (173, 1025), 4)
    stem = net.net.conv1
    assert (stem.kernel_size, stem.stride, stem.padding) == ((5, 5), (1, 1), (2, 2))
    assert parameters(net) == 11_172_292 - 64 * (49 - 25)
    seen = []
    stem.register_forward_pre_hook(lambda _, given: seen.append(tuple(given[0].shape)))
    net(torch.empty(2, 173, 1025, device="meta"))
    assert seen == [(2, 1, 64, 64)]


@pytest.mark.parametrize("arch", ["resnet18:depth=3", "resnet18:size=-1", "vit_b_16:size=64"])
def test_options_that_torchvisions_nets_have_not_are_refused(arch: str) -> None:
    with pytest.raises(ParameterError, match=r"no option depth|size="):
        catalog.blank(arch, (3, 64, 64), 4)


def test_regnets_can_be_built_and_leave_the_draws_alone() -> None:
    torch.manual_seed(0)
    net = catalog.blank("regnet_x_400mf", (3, 32, 32), 10)
    assert next(net.parameters()).is_meta and head(net)[1].out_features == 10
    drawn = torch.rand(1)
    torch.manual_seed(0)
    assert torch.equal(drawn, torch.rand(1))


@pytest.mark.slow
def test_every_net_of_torchvision_can_be_built() -> None:
    for name in names():
        net = catalog.blank(name, (3, 128, 250), 7)
        assert next(net.parameters()).is_meta, name
        assert "7" in repr(head(net)[1]), name
