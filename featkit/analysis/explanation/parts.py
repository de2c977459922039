"""What an explanation is made of."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Baseline = Literal["silence", "zero", "mean"]
Method = Literal["integrated gradients", "occlusion"]


@dataclass(frozen=True, eq=False)
class Explanation:
    """Which parts of a recording speak for a class.

    Attributes
    ----------
    path : str
    label : str
        The class that is explained.
    top : tuple of (str, float)
        The most probable classes and their probabilities.
    method : {"integrated gradients", "occlusion"}
    completeness_error : float or None
        See `featkit.analysis.explanation.gradients`; None for occlusion.
    attribution : ndarray of shape (times, frequencies)
        Positive where a part speaks for the class.
    times, frequencies : ndarray
        Centres of the parts in s and Hz; where the feature's second axis is not in Hz, it counts.
    unit : str
        Of ``frequencies``: ``Hz``, or empty.
    samples : ndarray of float32, shape (n,)
        The recording.
    sr : int
        Its rate in Hz.
    """

    path: str
    label: str
    top: tuple[tuple[str, float], ...]
    method: Method
    completeness_error: float | None
    attribution: NDArray[np.float32]
    times: NDArray[np.float64]
    frequencies: NDArray[np.float64]
    unit: str
    samples: NDArray[np.float32]
    sr: int

    def to_dict(self) -> dict[str, Any]:
        """Return what is not a picture, as JSON has it."""
        return {
            "path": self.path,
            "label": self.label,
            "method": self.method,
            "completeness_error": self.completeness_error,
            "top": [{"label": label, "probability": value} for label, value in self.top],
        }
