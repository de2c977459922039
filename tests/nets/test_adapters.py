"""Adapters: rows to images and sequences, stems, heads."""

import pytest
import torch
from torch import nn

from featkit.errors import ParameterError
from featkit.nets import adapters, base


def small_net() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, bias=False), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 5)
    )


def test_frames_become_an_image_with_frequency_first() -> None:
    rows = torch.arange(2 * 5 * 3.0).reshape(2, 5, 3)
    image = adapters.as_image(rows)
    assert image.shape == (2, *adapters.image_shape((5, 3))) == (2, 1, 3, 5)
    assert image[1, 0, 2, 4] == rows[1, 4, 2]


def test_an_image_stays_and_one_channel_is_copied() -> None:
    image = torch.randn(2, 3, 4, 5)
    assert torch.equal(adapters.as_image(image, 3), image)
    copied = adapters.as_image(image[:, :1], 3)
    assert all(torch.equal(copied[:, k], image[:, 0]) for k in range(3))


def test_resizing_keeps_a_constant() -> None:
    assert torch.allclose(
        adapters.as_image(torch.full((1, 1, 9, 30), 2.5), size=16), torch.full((1, 1, 16, 16), 2.5)
    )


def test_an_image_as_sequence_has_a_frame_per_column() -> None:
    image = torch.randn(2, 3, 4, 5)
    sequence = adapters.as_sequence(image)
    assert sequence.shape == (2, *adapters.sequence_shape((3, 4, 5))) == (2, 5, 12)
    assert torch.equal(sequence[1, 2], image[1, :, :, 2].flatten())


@pytest.mark.parametrize("shape", [adapters.image_shape, adapters.sequence_shape])
def test_vectors_are_neither(shape: object) -> None:
    with pytest.raises(ParameterError, match=r"\(7,\)"):
        shape((7,))  # type: ignore[operator]


def test_an_averaged_stem_answers_equal_channels_with_a_third() -> None:
    weight = torch.randn(4, 3, 3, 3)
    one = adapters.fit_stem(weight, 1)
    image = torch.randn(2, 1, 8, 8)
    full = nn.functional.conv2d(image.expand(-1, 3, -1, -1), weight)
    assert torch.allclose(nn.functional.conv2d(image, one), full / 3, atol=1e-5)
    assert adapters.fit_stem(weight, 3) is weight


def test_the_stem_is_replaced_with_its_kernel() -> None:
    net = small_net()
    adapters.set_stem(net, 1)
    assert net[0].weight.shape == (4, 1, 3, 3) and net[0].bias is None
    assert adapters.stem_weight(net) == "0.weight" and adapters.stem_weight(nn.Linear(1, 1)) == ""


def test_the_head_is_the_last_linear_layer_and_only_it_is_reset() -> None:
    net = small_net()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    torch.manual_seed(5)
    base.reset_head(net)
    assert adapters.head(net)[0] == "3"
    changed = {
        name for name, value in net.state_dict().items() if not torch.equal(value, before[name])
    }
    assert changed == {"3.weight", "3.bias"}


def test_embeddings_are_what_the_head_reads() -> None:
    net, rows = small_net(), torch.randn(2, 3, 6, 6)
    deep = adapters.embed(net, rows)
    assert deep.shape == (2, 4) and torch.allclose(net[3](deep), net(rows))
    assert not net[3]._forward_pre_hooks


def test_parameters_are_counted() -> None:
    assert adapters.parameters(small_net()) == 4 * 3 * 9 + 4 * 5 + 5


def test_a_probe_names_the_rows_that_do_not_fit() -> None:
    with torch.device("meta"):
        net = small_net()
    base.probe(net, (3, 6, 6), 5)
    with pytest.raises(ParameterError, match=r"\(3, 2, 2\)"):
        base.probe(net, (3, 2, 2), 5)
