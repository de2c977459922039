"""The candidates of an SVM's search, by default the 32 of [Pons2019]."""

import itertools
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from featkit.errors import ParameterError

PAPER_C = (0.1, 2.0, 8.0, 32.0)
PAPER_GAMMA: tuple[float | Literal["auto"], ...] = (
    2**-3,
    2**-5,
    2**-7,
    2**-9,
    2**-11,
    2**-13,
    "auto",
)


def candidates(
    kernels: tuple[str, ...],
    penalties: tuple[float, ...],
    gammas: tuple[float | Literal["auto"], ...],
    n_features: int,
    weights: Sequence[tuple[float, ...]] = (),
) -> list[dict[str, Any]]:
    """Return the candidates, each with ``kernel``, ``C``, if RBF ``gamma``, if a sum ``weights``.

    Their order decides ties: kernel by kernel, for each C each γ, as in scikit-learn's
    ``ParameterGrid``, and for each of these all weights. ``auto`` is 1/n_features.

    Raises
    ------
    ParameterError
        For an unknown kernel, an empty tuple, or a value that is not finite and above 0.
    """
    for name, values in (("kernel", kernels), ("C", penalties), ("gamma", gammas)):
        if isinstance(values, str) or not np.iterable(values) or (len(values) == 0):
            raise ParameterError(f"{name}={values!r} must be a tuple of at least one value")
    unknown = set(kernels) - {"rbf", "linear", "precomputed"}
    if unknown or ("precomputed" in kernels and len(kernels) > 1):
        raise ParameterError(
            f"kernel={kernels!r} must be some of 'rbf', 'linear', or 'precomputed' alone"
        )
    if not all(value > 0 and np.isfinite(value) for value in penalties):
        raise ParameterError(f"C={penalties!r} must be finite and above 0")
    widths = [1.0 / n_features if value == "auto" else value for value in gammas]
    if not all(
        isinstance(value, (int, float)) and value > 0 and np.isfinite(value) for value in widths
    ):
        raise ParameterError(f"gamma={gammas!r} must be 'auto' or finite and above 0")
    grid: list[dict[str, Any]] = []
    for kernel in kernels:
        choices = widths if kernel == "rbf" else [None]
        for c in penalties:
            grid += [
                {"kernel": kernel, "C": float(c)} | ({} if g is None else {"gamma": float(g)})
                for g in choices
            ]
    if not weights:
        return grid
    return [params | {"weights": row} for params in grid for row in weights]


def simplex(n_blocks: int, steps: int) -> list[tuple[float, ...]]:
    """Return all weights of ``n_blocks`` kernels that are multiples of 1/steps and add up to 1.

    A single kernel has none.

    Raises
    ------
    ParameterError
        If ``steps`` is not a whole number above 0.
    """
    if isinstance(steps, bool) or not isinstance(steps, int) or steps < 1:
        raise ParameterError(f"weight_steps={steps!r} must be a whole number above 0")
    if n_blocks < 2:
        return []
    rows = itertools.product(range(steps + 1), repeat=n_blocks)
    return [tuple(part / steps for part in parts) for parts in rows if sum(parts) == steps]
