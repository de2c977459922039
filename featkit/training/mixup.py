"""Mixup: rows and losses as one convex combination of two (S1-11, F12)."""

from collections.abc import Callable
from typing import Any

import numpy as np


def draw(alpha: float, n: int, rng: np.random.Generator) -> tuple[float, Any]:
    """Return one λ ~ Beta(α, α) for a batch of ``n`` rows, and the permutation that gives each row
    its partner.
    """
    return float(rng.beta(alpha, alpha)), rng.permutation(n)


def mix(rows: Any, share: float, partners: Any) -> Any:
    """Return λ · rows + (1 − λ) · rows[partners], for arrays and tensors; λ = 1 gives the rows
    themselves.
    """
    return rows if share == 1 else share * rows + (1 - share) * rows[partners]


def loss(
    criterion: Callable[[Any, Any], Any], outputs: Any, targets: Any, share: float, partners: Any
) -> Any:
    """Return λ · L(outputs, targets) + (1 − λ) · L(outputs, targets[partners])."""
    return share * criterion(outputs, targets) + (1 - share) * criterion(outputs, targets[partners])
