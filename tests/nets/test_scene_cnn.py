"""The net of task 1A."""

import pytest
import torch

from featkit.classifiers import make_classifier
from featkit.nets import adapters, catalog


def blank(options: str, shape: tuple[int, ...], classes: int = 10) -> torch.nn.Module:
    return catalog.blank(f"scene_cnn{options}", shape, classes)


@pytest.mark.parametrize("options", ["", ":last_pool=true", ":decision=time"])
@pytest.mark.parametrize("bins", [40, 64])
def test_it_has_the_papers_parameters(options: str, bins: int) -> None:
    net = blank(options, (862, bins))
    assert adapters.parameters(net) == 4_953_930
    assert adapters.weights(net) == 4_949_568


def test_stacked_representations_add_1728_weights() -> None:
    early = adapters.parameters(blank("", (4, 64, 862)))
    assert early - adapters.parameters(blank("", (862, 64))) == 1_728


@pytest.mark.parametrize(
    ("options", "shape", "positions"),
    [
        ("", (862, 40), 26),
        (",last_pool=true", (862, 64), 13),
        (",last_pool=true", (499, 64), 7),
        (",last_pool=true", (431, 40), 6),
        ("", (4, 64, 862), 26),
    ],
)
def test_it_decides_at_each_position_in_time(
    options: str, shape: tuple[int, ...], positions: int
) -> None:
    net = blank(f":decision=time{options}", shape)
    assert net(torch.empty(2, *shape, device="meta")).shape == (2, positions, 10)


def test_maps_shrink_as_in_the_papers_table() -> None:
    maps, sizes = torch.empty(1, 1, 40, 862, device="meta"), []
    for block in blank("", (862, 40)).blocks:
        maps = block(maps)
        sizes.append(tuple(maps.shape[:0:-1]))
    assert sizes == [(215, 20, 64), (53, 10, 128), (26, 5, 256), (26, 5, 512)]


def test_positions_are_classified_by_the_layers_of_the_clip() -> None:
    torch.manual_seed(0)
    rows = torch.randn(3, 70, 12)
    over_time = catalog.build("scene_cnn:width=0.1,decision=time", (70, 12), 5).eval()
    clip = catalog.build("scene_cnn:width=0.1", (70, 12), 5).eval()
    clip.load_state_dict(over_time.state_dict())
    each = over_time.readout.pooled(over_time.blocks(adapters.as_image(rows)))
    assert each.shape == (3, 2, 51)
    assert torch.allclose(over_time(rows)[:, 1], over_time.readout(each[:, 1]))
    assert torch.allclose(clip(rows), clip.readout(each.amax(dim=1)))


@pytest.mark.parametrize(
    "arch",
    [
        "scene_cnn:width=0.1,decision=time",
        pytest.param("scene_bands:width=0.1", marks=pytest.mark.slow),
    ],
)
def test_training_learns_and_does_not_depend_on_how_votes_are_averaged(arch, patterns) -> None:
    X, y = patterns(n=30, shape=(64, 24))
    states, votes = [], []
    for average in ("logits", "last"):
        text = f"net:arch=({arch},average={average}),iterations=30,batch_size=10,mixup=0,scale=bin"
        model = make_classifier(text).fit(X, y)
        states.append(model.state_)
        votes.append(model.predict_proba(X))
        assert model.curves_[-1]["train_loss"] < model.curves_[0]["train_loss"] / 2
        assert (model.predict(X) == y).mean() >= 0.8
    assert all((states[0][name] == value).all() for name, value in states[1].items())
    assert abs(votes[0] - votes[1]).max() > 1e-6
