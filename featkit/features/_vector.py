"""From a row to a vector."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from featkit.errors import ParameterError


def summary(row: NDArray[Any]) -> NDArray[Any]:
    """Return mean and standard deviation over the first axis of ``row``, one after the other,
    flattened.
    """
    if len(row) == 0:
        raise ParameterError("a row without frames has no mean")
    flat = np.asarray(row, dtype=np.float64).reshape(len(row), -1)
    return np.concatenate([flat.mean(axis=0), flat.std(axis=0)])


def as_vector(row: NDArray[Any], pooled: bool) -> NDArray[np.float32]:
    """Return a row as one vector, as `Table.vectors` does: flattened, or ``pooled`` to mean and
    deviation over its first axis.
    """
    return (summary(row) if pooled else np.asarray(row).reshape(-1)).astype(np.float32)
