"""The constant-Q transform as a torch layer: nnAudio's CQT1992v2, cached, in full float32."""

from functools import lru_cache
from typing import Any

import torch
from nnAudio.features.cqt import CQT1992v2
from torch import Tensor
from torch.nn import functional


def make(
    sr: int,
    hop_length: int,
    fmin: float,
    n_bins: int,
    bins_per_octave: int,
    trainable: bool = False,
) -> Any:
    """Return a new layer: Hann kernels of L1 norm, scaled by √length as in librosa, mirrored ends,
    magnitudes.
    """
    return CQT1992v2(
        sr=sr,
        hop_length=hop_length,
        fmin=fmin,
        n_bins=n_bins,
        bins_per_octave=bins_per_octave,
        norm=1,
        pad_mode="reflect",
        trainable=trainable,
        verbose=False,
    )


@lru_cache(maxsize=8)
def layer(
    sr: int, hop_length: int, fmin: float, n_bins: int, bins_per_octave: int, device: str
) -> Any:
    """Return the fixed layer of these numbers on a device."""
    return make(sr, hop_length, fmin, n_bins, bins_per_octave).to(device).eval()


def lengthened(samples: Tensor, transform: Any) -> Tensor:
    """Return samples (clips, n) with zeros on the right up to half a kernel and one sample, which
    mirroring needs.
    """
    return functional.pad(
        samples, (0, max(0, int(transform.kernel_width) // 2 + 1 - samples.shape[1]))
    )


def magnitudes(
    samples: Tensor, sr: int, hop_length: int, fmin: float, n_bins: int, bins_per_octave: int
) -> Tensor:
    """Return CQT magnitudes of ``samples`` (clips, n): shape (clips, frames, n_bins)."""
    transform = layer(sr, hop_length, fmin, n_bins, bins_per_octave, str(samples.device))
    # TF32, cuDNN's default, keeps 10 bits: a tone would leak into every other bin at −60 dB.
    with torch.inference_mode(), torch.backends.cudnn.flags(allow_tf32=False):
        spectrum: Tensor = transform(lengthened(samples, transform))
    return spectrum.transpose(1, 2)
