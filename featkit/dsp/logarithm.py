"""Logarithms of power: natural with an offset, or decibels with a floor and a cut-off below the
loudest value.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from featkit.errors import ParameterError

Floats = NDArray[np.float32]

# 10 · log10(x) = DB_PER_NEPER · ln(x); numpy vectorises the float32 ln on more machines than log10.
DB_PER_NEPER = float(10.0 / np.log(10.0))


def ln(power: Floats, offset: float = 1e-6) -> Floats:
    """Return ln(power + offset), float32."""
    shifted = power + np.float32(offset)
    out: Floats = np.log(shifted, out=shifted)
    return out


def decibels(
    values: Floats, floor: float = 1e-10, top_db: float | None = 80.0, power: int = 2
) -> Floats:
    """Return decibels of max(values, floor), cut off ``top_db`` below the largest, float32.

    The cut-off is relative to the largest value of the whole array; None means no cut-off.
    ``values`` are powers (``power`` 2: 10 · log10) or magnitudes (``power`` 1: 20 · log10).
    """
    raised = np.maximum(values, np.float32(floor))
    out: Floats = np.log(raised, out=raised)
    out *= np.float32(2 / power * DB_PER_NEPER)
    if top_db is not None:
        np.maximum(out, out.max() - np.float32(top_db), out=out)
    return out


@dataclass(frozen=True)
class Scale:
    """Parameters of a logarithm: `ln`, whose offset is ``floor``, or `decibels`; or none at all."""

    log: Literal["ln", "db", "none"] = "db"
    floor: float = 1e-10
    top_db: float | None = 80.0
    power: Literal[1, 2] = 2

    def __post_init__(self) -> None:
        if self.log not in ("ln", "db", "none") or self.power not in (1, 2):
            raise ParameterError(f"log={self.log!r} (ln, db or none), power={self.power} (1 or 2)")
        if not 0 < self.floor < math.inf:
            raise ParameterError(
                f"floor={self.floor:g} must be finite and > 0, or silence would be infinite"
            )
        if self.top_db is not None and not self.top_db > 0:
            raise ParameterError(f"top_db={self.top_db:g} must be > 0, or none")

    def __call__(self, values: Floats) -> Floats:
        """Return ``values`` on this scale."""
        if self.log == "none":
            return values
        return (
            ln(values, self.floor)
            if self.log == "ln"
            else decibels(values, self.floor, self.top_db, self.power)
        )

    def silence(self, loudest: float) -> float:
        """Return the value of digital silence in a clip whose largest value is ``loudest``."""
        if self.log == "none":
            return 0.0
        if self.log == "ln":
            return float(np.log(self.floor))
        lowest = float(2 / self.power * DB_PER_NEPER * np.log(self.floor))
        return lowest if self.top_db is None else max(lowest, loudest - self.top_db)
