"""Weights that depend only on a seed and a name: He's normal distribution cut at two standard
deviations.
"""

import hashlib
import math

import numpy as np
import torch
from scipy.special import ndtr, ndtri
from torch import Tensor

CUT = 2.0
# A normal distribution cut at ±2 std keeps 0.774 of its variance; 2.6 · 0.774 ≈ 2, He's variance
# for rectifiers.
GAIN = 2.6


def he_normal(name: str, shape: tuple[int, ...], seed: int) -> Tensor:
    """Return float32 weights of ``shape`` (outputs, taps in time, taps in frequency, inputs), drawn
    for ``name``.

    A normal of standard deviation √(2.6 / fan-in), cut at ± 2 of them, so that theirs is √(2 /
    fan-in); the fan-in is the product of all axes but the first. Source: [He2015], as TensorFlow's
    ``variance_scaling_initializer`` draws them for [elmarc].

    Every name has a stream of its own: a layer has the same weights whatever other layers the net
    has. The stream is numpy's PCG64 and not torch's generator, which uses 32 bits of its seed; it
    is drawn on the CPU for every device.
    """
    spread = math.sqrt(GAIN / math.prod(shape[1:]))
    lowest = ndtr(-CUT)
    # Inverse of the distribution function: uniform in [Φ(−2), Φ(2)) becomes normal in [−2, 2).
    uniform = stream(name, seed).random(shape)
    uniform *= 1 - 2 * lowest
    uniform += lowest
    return torch.from_numpy((ndtri(uniform) * spread).astype(np.float32))


def stream(name: str, seed: int) -> np.random.Generator:
    """Return the generator of ``name`` under ``seed`` (≥ 0)."""
    word = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, word])))
