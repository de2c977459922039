"""All random front-ends by name: parameter counts, vector lengths, joined nets."""

import pytest
import torch

from featkit.errors import ParameterError
from featkit.nets.random.zoo import ARCHS, build

COUNTS = {
    "vgg": (37_312, 18_517_242),
    "7x96": (107_680, 2_412_705),
    "7x86": (96_480, 2_161_755),
    "timbral": (16_976, 543_232),
    "temporal": (6_798, 217_536),
    "time": (1_920, 61_440),
    "sample_level": (9_752, 4_723_712),
    "frame_level": (54_240, 17_321_472),
    "frame_level_many": (39_600, 10_282_496),
}


@pytest.mark.parametrize("arch", COUNTS)
def test_parameter_counts(arch):
    small, large = (build(arch, filters, 0) for filters in (ARCHS[arch].small, ARCHS[arch].large))
    assert (small.n_parameters(), large.n_parameters()) == COUNTS[arch]
    assert not any(bias.any() for name, bias in small.named_parameters() if name.endswith("bias"))


@pytest.mark.parametrize(
    ("arch", "length"),
    [(arch, 160) for arch in ("vgg", "7x96", "7x86", "frame_level", "frame_level_many")]
    + [(arch, 112) for arch in ("timbral", "temporal", "time", "timbral_temporal", "timbral_time")]
    + [("sample_level", 161)],
)
@torch.inference_mode()
def test_vectors_of_the_small_nets(arch, length):
    shape = (2, 350_000, 1) if ARCHS[arch].hears == "waveform" else (2, 1376, 96)
    x = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    vectors = build(arch, ARCHS[arch].small, 0)(x)
    assert vectors.shape == (2, length)
    assert vectors.dtype == torch.float32
    alone = torch.cat([build(arch, ARCHS[arch].small, 0)(row[None]) for row in x])
    assert (vectors - alone).abs().max().item() <= 1e-5 * alone.abs().max().item()
    other = build(arch, ARCHS[arch].small, 1)(x)
    assert (vectors - other).abs().max().item() > 0.05 * alone.abs().max().item()


@pytest.mark.parametrize(
    ("joined", "second"), [("timbral_temporal", "temporal"), ("timbral_time", "time")]
)
@torch.inference_mode()
def test_joined_nets_are_their_parts(joined, second):
    x = torch.randn(1, 1376, 96, generator=torch.Generator().manual_seed(0)) * 10 - 30
    parts = torch.cat([build("timbral", 4, 5)(x), build(second, 4, 5)(x)], 1)
    assert torch.equal(build(joined, 4, 5)(x), parts)


def test_wrong_names_are_refused():
    with pytest.raises(ParameterError, match="arch='vgg16' is not one of vgg, 7x96"):
        build("vgg16", 8, 0)
    with pytest.raises(ParameterError, match="not for arch=timbral"):
        build("timbral", 8, 0, batch_norm=True)
