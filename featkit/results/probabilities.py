"""One probability from several: their arithmetic or geometric mean.

The papers that combine networks average their probabilities [Palanisamy2020] [Wang2020].
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Mean = Literal["mean", "product"]
_TINY = float(np.finfo(np.float64).tiny)


def averaged(
    probabilities: NDArray[np.float64],
    rule: Mean = "mean",
    weights: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Return the mean of several systems' probabilities; each row sums to 1.

    Parameters
    ----------
    probabilities : ndarray of shape (n_systems, n_clips, n_classes)
    rule : {"mean", "product"}
        Arithmetic mean, or normalised geometric mean, in which a single probability of 0 rules a
        class out. The latter is computed from logarithms, so that nothing underflows.
    weights : ndarray of shape (n_systems,), optional
        Positive, with any sum; equal by default.

    Returns
    -------
    ndarray of shape (n_clips, n_classes)
    """
    if rule == "mean":
        return np.asarray(np.average(probabilities, axis=0, weights=weights))
    logs = np.average(np.log(np.maximum(probabilities, _TINY)), axis=0, weights=weights)
    product = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(product / product.sum(axis=1, keepdims=True))
