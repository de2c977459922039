"""The constant-Q layer on batches."""

import torch

from featkit.nets.cqt_layer import layer, magnitudes

NUMBERS = {"sr": 16000, "hop_length": 256, "fmin": 220.0, "n_bins": 24, "bins_per_octave": 12}


def test_a_batch_is_its_clips_one_by_one():
    samples = torch.randn(3, 8000, generator=torch.Generator().manual_seed(0))
    together = magnitudes(samples, **NUMBERS)
    assert together.shape == (3, 1 + 8000 // 256, 24)
    for clip, expected in zip(samples, together, strict=True):
        torch.testing.assert_close(
            magnitudes(clip[None], **NUMBERS)[0], expected, rtol=1e-4, atol=1e-6
        )


def test_a_clip_too_short_to_be_mirrored_is_lengthened_by_zeros():
    half = layer(**NUMBERS, device="cpu").kernel_width // 2
    short = magnitudes(torch.ones(1, 10), **NUMBERS)
    longer = torch.zeros(1, half + 1)
    longer[0, :10] = 1.0
    torch.testing.assert_close(short, magnitudes(longer, **NUMBERS))


def test_the_layer_is_made_once():
    assert layer(**NUMBERS, device="cpu") is layer(**NUMBERS, device="cpu")
