"""R9, R10: steps, the back-end with its residuals, the averaging defect."""

import pytest
import torch
from torch.nn import functional

from featkit.nets.random.conv import same_padding
from featkit.nets.random.frame_level import RandomFrameLevel, frame_level, frame_level_many


def clip(samples: int = 350_000) -> torch.Tensor:
    return torch.randn(1, samples, 1, generator=torch.Generator().manual_seed(0)) * 0.1


def taps(weight: torch.Tensor) -> torch.Tensor:
    """A front layer's weights as (outputs, 1, taps), a back layer's as (outputs, inputs, taps)."""
    return weight[:, :, 0].transpose(1, 2)


def reference(net: RandomFrameLevel, x: torch.Tensor, *, same: bool) -> torch.Tensor:
    wave = x.transpose(1, 2)
    front = []
    for layer in net.front:
        kernel = layer.weight[:, :, 0].reshape(len(layer.weight), 1, -1)
        pads = same_padding(x.shape[1], kernel.shape[2], 32) if same else (0, 0)
        front.append(functional.conv1d(functional.pad(wave, pads), kernel, stride=32).relu())
    a = functional.conv1d(torch.cat(front, 1), taps(net.back[0].weight)).relu()
    b = functional.conv1d(a, taps(net.back[1].weight), padding=3).relu() + a
    halved = functional.max_pool1d(b, 2)
    c = functional.conv1d(halved, taps(net.back[2].weight), padding=3).relu() + halved
    return torch.cat([actual.mean(2) for actual in (*front, a, b, c)], 1)


@pytest.mark.parametrize(("make", "same"), [(frame_level, False), (frame_level_many, True)])
@torch.inference_mode()
def test_equals_plain_torch(make, same):
    net = make(6, 1)
    for x in (clip(), clip(40_001)):
        expected = reference(net, x, same=same)
        assert (net(x) - expected).abs().max().item() <= 1e-5 * expected.abs().max().item()


@pytest.mark.parametrize(
    ("make", "steps"),
    [
        (frame_level, [10_922, 10_916, 10_916, 5_458]),
        (frame_level_many, [10_938] * 5 + [10_932, 10_932, 5_466]),
    ],
)
@torch.inference_mode()
def test_steps(make, steps):
    assert [actual.shape[1] for actual in make(2, 0).maps(clip()[..., None])] == steps


@pytest.mark.parametrize(
    ("make", "filters", "front", "zeros"),
    [(frame_level, 40, 1, 117), (frame_level_many, 20, 5, 57)],
)
@torch.inference_mode()
def test_averaging_defect(make, filters, front, zeros):
    paper, flawed = (make(filters, 0, as_coded)(clip())[0] for as_coded in (False, True))
    assert paper.shape == flawed.shape == (160,)
    assert int((paper == 0).sum()) == 0
    assert int((flawed == 0).sum()) == zeros
    kept = front * filters
    assert torch.equal(flawed[:kept], paper[:kept])
    for part in range(3):
        block = slice(kept + part * filters, kept + (part + 1) * filters)
        assert flawed[block][0].item() == pytest.approx(paper[block].mean().item(), rel=1e-5)
        assert not flawed[block][1:].any()
