"""What the scene nets share: read-out, start values, and several decisions about one row."""

import math

import pytest
import torch
from torch import Tensor, nn

from featkit.errors import ParameterError
from featkit.nets import base, catalog
from featkit.nets._scene import Readout, SceneNet, channels

OUTPUTS = torch.tensor([[[3.0, 0.0], [0.0, 1.0], [0.0, 1.5]]])
NAMES = ("scene_cnn", "scene_cnn_small", "scene_fusion", "scene_bands")


def log_loss(votes: Tensor, targets: Tensor) -> float:
    return -votes[torch.arange(len(targets)), targets].log().mean().item()


def test_the_loss_is_the_sum_over_decisions() -> None:
    each = [nn.functional.cross_entropy(OUTPUTS[:, k], torch.tensor([1])) for k in range(3)]
    assert SceneNet().loss(OUTPUTS, torch.tensor([1])).item() == pytest.approx(sum(each).item())
    targets = torch.tensor([1, 0])
    both = torch.cat([OUTPUTS, 2 * OUTPUTS.flip(1)])
    single = [nn.functional.cross_entropy(both[:, k], targets) for k in range(3)]
    assert SceneNet().loss(both, targets).item() == pytest.approx(sum(single).item())
    assert SceneNet().loss(both[:, 0], targets) == single[0]


@pytest.mark.parametrize(
    ("average", "logit"),
    [("logits", 3 / 3 - 2.5 / 3), ("last", -1.5), ("probabilities", None)],
)
def test_decisions_become_one_vote(average: str, logit: float | None) -> None:
    vote = base.probabilities(SceneNet(average), OUTPUTS)
    if logit is None:
        first = sum(1 / (1 + math.exp(-d)) for d in (3.0, -1.0, -1.5)) / 3
    else:
        first = 1 / (1 + math.exp(-logit))
    assert vote.shape == (1, 2)
    assert vote[0].tolist() == pytest.approx([first, 1 - first], abs=1e-12)


@pytest.mark.parametrize("average", ["logits", "probabilities"])
def test_an_averaged_vote_has_no_more_log_loss_than_its_decisions_have_on_average(
    average: str,
) -> None:
    generator = torch.Generator().manual_seed(3)
    outputs = 3 * torch.randn(50, 7, 4, generator=generator)
    targets = torch.randint(4, (50,), generator=generator)
    each = [log_loss(base.softmax(outputs[:, k].double()), targets) for k in range(7)]
    vote = log_loss(base.probabilities(SceneNet(average), outputs), targets)
    assert vote < sum(each) / 7
    last = log_loss(base.probabilities(SceneNet("last"), outputs), targets)
    assert last == pytest.approx(each[-1]) and last > vote


def test_maps_are_averaged_over_frequency_and_maximal_over_time() -> None:
    maps = torch.tensor([[[[1.0, 8.0], [3.0, 0.0], [5.0, 1.0]]]])  # 3 bins, 2 positions
    assert Readout(1, 4, 2, "clip", 0.5).pooled(maps).tolist() == [[3.0]]
    assert Readout(1, 4, 2, "time", 0.5).pooled(maps).tolist() == [[[3.0], [3.0]]]
    maps[..., 1] += 1
    assert Readout(1, 4, 2, "clip", 0.5).pooled(maps).tolist() == [[4.0]]


@pytest.mark.parametrize("name", NAMES)
def test_weights_start_uniform_and_biases_at_zero(name: str) -> None:
    net = catalog.build(name, catalog.row_shape(name), 10)
    layers = [part for part in net.modules() if isinstance(part, (nn.Conv2d, nn.Linear))]
    assert len(layers) >= 6
    for layer in layers:
        bound = math.sqrt(6 / layer.weight[0].numel())
        assert 0.9 * bound < layer.weight.abs().max() < 1.0001 * bound
        assert layer.weight.std().item() == pytest.approx(bound / math.sqrt(3), rel=0.3)
        assert isinstance(layer, nn.Linear) == (layer.bias is not None)
        assert layer.bias is None or not layer.bias.any()
    head = [part for part in net.modules() if isinstance(part, nn.Linear)][-1]
    before = head.weight.clone()
    base.reset_head(net)
    assert not torch.equal(head.weight, before) and not head.bias.any()
    assert head.weight.abs().max() < 1.0001 * math.sqrt(6 / head.in_features)


@pytest.mark.parametrize("name", NAMES)
def test_scene_nets_are_trained_by_the_recipe_of_their_paper(name: str) -> None:
    assert catalog.recipe(name) == "dcase"


def test_widths_are_fractions() -> None:
    assert channels(0.25) == (16, 32, 64, 128)
    with pytest.raises(ParameterError, match=r"width=0.001"):
        channels(0.001)
