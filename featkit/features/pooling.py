"""From a row to a vector: the one rule that tables, front-ends, bundles and joined features share.

The shape that a feature declares decides, never the clips at hand: rows whose first axis depends on
the clip become mean and standard deviation over it, all others are flattened.
"""

import math
from collections.abc import Sequence
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from featkit.errors import ParameterError

Pooling = Literal["flatten", "mean_std"]
POOLINGS: tuple[Pooling, ...] = get_args(Pooling)
WORDS: dict[Pooling, str] = {
    "flatten": "flattened",
    "mean_std": "mean and standard deviation over time",
}


def pooling_of(shape: Sequence[int | None], name: str = "a feature") -> Pooling:
    """Return how rows of the declared ``shape`` become vectors.

    Raises
    ------
    ParameterError
        If an axis other than the first depends on the clip; the message starts with ``name``.
    """
    if None in shape[1:]:
        raise ParameterError(
            f"{name} declares the shape {tuple(shape)}: only the first axis may be None, "
            "or its rows have no vector of fixed length"
        )
    return "mean_std" if shape and shape[0] is None else "flatten"


def columns_of(shape: Sequence[int | None], name: str = "a feature") -> int:
    """Return the length of the vector that a row of the declared ``shape`` becomes.

    Raises
    ------
    ParameterError
        See `pooling_of`.
    """
    pooled = pooling_of(shape, name) == "mean_std"
    return (2 if pooled else 1) * math.prod(size for size in shape if size is not None)


def vector(row: NDArray[Any], pooling: Pooling) -> NDArray[np.float32]:
    """Return a row as one vector, float32.

    Parameters
    ----------
    row : ndarray
        Time first where it is pooled.
    pooling : {"flatten", "mean_std"}
        Flattened; or the means over the first axis followed by the standard deviations, computed in
        float64.

    Raises
    ------
    ParameterError
        If a row to be pooled has no frames.
    """
    if pooling == "flatten":
        return np.asarray(row).reshape(-1).astype(np.float32)
    if len(row) == 0:
        raise ParameterError("a row without frames has no mean")
    flat = np.asarray(row, dtype=np.float64).reshape(len(row), -1)
    return np.concatenate([flat.mean(axis=0), flat.std(axis=0)]).astype(np.float32)
