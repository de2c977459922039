"""Random filters that see rhythm, on the envelope of the log-mel spectrogram [Pons2019]."""

from collections.abc import Iterator
from typing import Literal

from torch import Tensor

from featkit.errors import ParameterError
from featkit.nets.random.base import Parallel
from featkit.nets.random.conv import RandomConv, Window

LENGTHS = {"temporal": (165, 128, 64, 32), "time": (64, 32, 16, 8)}
MULTIPLES = (1, 2, 4, 8)


class RandomTemporal(Parallel):
    """Four "same" convolutions along time over the mean of all mels, ReLU: 14 · ``filters``
    features.
    """

    def maps(self, x: Tensor) -> Iterator[Tensor]:
        """Yield the four maps of ``x`` (batch, frames, mels, 1): (batch, frames, 1, channel)."""
        return super().maps(x.mean(2, keepdim=True))


def temporal(kind: Literal["temporal", "time"], filters: int, seed: int) -> RandomTemporal:
    """Return the net of ``kind``: filters of 165, 128, 64, 32 frames (``temporal``) or of 64, 32,
    16, 8 (``time``).

    With F filters they have F − r, 2F − r, 4F − r and 8F − r of them, r = F / 4.

    Raises
    ------
    ParameterError
        If ``filters`` is not a multiple of 4.
    """
    if filters % 4:
        raise ParameterError(
            f"filters={filters} is not a multiple of 4, which the {kind} filters need"
        )
    return RandomTemporal(
        [
            RandomConv(
                f"{kind}/{length}",
                (1, multiple * filters - filters // 4),
                Window((length, 1), same=True),
                seed,
            )
            for length, multiple in zip(LENGTHS[kind], MULTIPLES, strict=True)
        ]
    )
