"""Normalisation of a clip's level."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

# Root mean square after normalisation: −20 dB relative to full scale.
RMS = 0.1


def normalized(samples: Floats, to: Literal["none", "peak", "rms"]) -> Floats:
    """Return ``samples`` scaled to a peak of 1 or a root mean square of 0.1; silence stays silence.

    A clip normalised by its root mean square may exceed full scale; nothing is clipped.
    """
    if to == "none":
        return samples
    values = samples.astype(np.float64)
    if to == "peak":
        size = float(np.abs(values).max(initial=0.0))
        target = 1.0
    else:
        size = float(np.sqrt(np.mean(np.square(values)))) if len(values) else 0.0
        target = RMS
    return samples if size == 0.0 else (values * (target / size)).astype(np.float32)
