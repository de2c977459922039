"""What features whose first axis is time have in common: the length rule."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike

from featkit.dsp import length
from featkit.errors import AudioError, ParameterError
from featkit.features._twin import Twin
from featkit.features.base import Array


@dataclass(frozen=True)
class Framed(Twin):
    """A feature of ``width`` values per frame, time first, of the clip's own length or of
    ``n_frames``.

    The rule acts on finished frames: a longer clip keeps its first ``n_frames``; a shorter one is
    stored as it is and rebuilt when read, by ``fill``: ``repeat`` puts the clip's frames again and
    again, as [Pons2019] does; ``zero`` adds frames of digital silence on the feature's own scale
    (in dB the floor, not 0 dB, which is loud); ``crop`` fails with AudioError.
    """

    dims: ClassVar[tuple[str, ...]] = ("frame", "bin")

    n_frames: int | None = None
    fill: Literal["repeat", "zero", "crop"] = "repeat"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.n_frames is not None and self.n_frames < 1:
            raise ParameterError(
                f"{self.name}: n_frames={self.n_frames} must be at least 1, or none"
            )
        if self.fill not in ("repeat", "zero", "crop"):
            raise ParameterError(
                f"{self.name}: fill={self.fill!r} is not one of repeat, zero, crop"
            )

    @property
    def width(self) -> int:
        """Number of values per frame."""
        raise ParameterError(f"{type(self).__name__} does not define its width")

    @property
    def shape(self) -> tuple[int | None, ...]:
        """(n_frames, width), time first."""
        return (self.n_frames, self.width)

    @property
    def stored_shape(self) -> tuple[int | None, ...]:
        """(None, width), the frames that the clip has; (n_frames, width) with ``crop``."""
        return (self.n_frames if self.fill == "crop" else None, self.width)

    def silence(self, row: Array) -> ArrayLike:
        """Return what a frame of digital silence holds in the clip stored as ``row``."""
        raise ParameterError(f"{type(self).__name__} does not define its silence")

    def cut(self, row: Array) -> Array:
        """Return the frames to store out of all of a clip's."""
        if self.fill == "crop" and self.n_frames is not None and len(row) < self.n_frames:
            raise AudioError(
                f"the clip has {len(row)} frames; fill=crop needs {self.n_frames}, "
                "or take fill=repeat or zero"
            )
        return np.ascontiguousarray(row[: self.n_frames])

    def expand(self, row: Array) -> Array:
        """Return the stored frames brought to ``n_frames`` by ``fill``."""
        if self.n_frames is None or len(row) >= self.n_frames:
            return row
        if self.fill == "repeat":
            return length.repeat(row, self.n_frames)
        return length.fill(row, self.n_frames, self.silence(row))
