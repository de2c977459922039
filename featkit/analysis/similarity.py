"""How alike two layers are: SVCCA [Raghu2017] and linear CKA [Kornblith2019].

Both take what a layer gives for the same clips, before and after training for example, and answer
with a number in [0, 1] that does not change when units are permuted, rotated or scaled alike.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from featkit.errors import ParameterError

Activations = NDArray[np.floating[Any]]
VARIANCE = 0.99


def svcca(a: Activations, b: Activations, variance: float = VARIANCE) -> float:
    """Return the mean canonical correlation of the principal directions of two layers.

    Each layer is centred and cut to the fewest principal directions that hold ``variance`` of its
    variance; the canonical correlations between the two subspaces are averaged.

    Parameters
    ----------
    a, b : ndarray of shape (n, units)
        A row for each data point, the same in both. There must be more points than units that
        matter, or everything correlates.
    variance : float
        In (0, 1].

    Returns
    -------
    float
        In [0, 1]; 1 where one subspace lies in the other.

    Raises
    ------
    ParameterError
        If the shapes do not fit, values are not finite, or a layer is constant.
    """
    if not 0 < variance <= 1:
        raise ParameterError(f"variance={variance} must lie above 0 and not above 1")
    bases = [_directions(layer, variance) for layer in _centred(a, b)]
    # The cosines between two subspaces are the singular values of the product of their bases.
    cosines = np.linalg.svd(bases[0].T @ bases[1], compute_uv=False)
    return float(np.clip(cosines, 0, 1).mean())


def cka(a: Activations, b: Activations) -> float:
    """Return the linear centred kernel alignment of two layers, ‖BᵀA‖² / (‖AᵀA‖ · ‖BᵀB‖).

    Parameters
    ----------
    a, b : ndarray of shape (n, units)
        As for `svcca`.

    Returns
    -------
    float
        In [0, 1]; 1 where one is a rotation of the other, scaled by one factor.
    """
    first, second = _centred(a, b)
    cross = np.square(np.linalg.norm(second.T @ first))
    return float(cross / (np.linalg.norm(first.T @ first) * np.linalg.norm(second.T @ second)))


def points(maps: Activations, spatial: bool = True) -> Activations:
    """Return what a convolution gives, shape (clips, channels, …), as data points by channels.

    Parameters
    ----------
    maps : ndarray of shape (clips, channels, …)
    spatial : bool
        Each place of each map is a data point; otherwise maps are averaged, and a clip is one.
    """
    flat = maps.reshape(*maps.shape[:2], -1)
    return flat.transpose(0, 2, 1).reshape(-1, maps.shape[1]) if spatial else flat.mean(axis=2)


def _centred(a: Activations, b: Activations) -> list[NDArray[np.float64]]:
    if a.ndim != 2 or b.ndim != 2 or len(a) != len(b) or len(a) < 2:
        raise ParameterError(
            f"layers of shapes {a.shape} and {b.shape}: both must be (points, units), with the "
            "same two points or more"
        )
    layers = [np.asarray(layer, dtype=np.float64) for layer in (a, b)]
    if not all(np.isfinite(layer).all() for layer in layers):
        raise ParameterError("a layer holds values that are not finite")
    centred = [layer - layer.mean(axis=0) for layer in layers]
    if not all(layer.any() for layer in centred):
        raise ParameterError("a layer is constant: nothing to compare")
    return centred


def _directions(layer: NDArray[np.float64], variance: float) -> NDArray[np.float64]:
    """Return the fewest orthonormal columns that span ``variance`` of a centred layer."""
    left, sizes, _ = np.linalg.svd(layer, full_matrices=False)
    held = np.cumsum(np.square(sizes)) / np.square(sizes).sum()
    kept = int(np.searchsorted(held, variance - 1e-12)) + 1
    rank = int(np.sum(sizes > sizes[0] * max(layer.shape) * np.finfo(float).eps))
    return np.asarray(left[:, : min(kept, rank)])
