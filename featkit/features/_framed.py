"""What features whose first axis is time have in common: how many frames they have."""

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
    """A feature of ``width`` values per frame, time first.

    By default there are as many frames as the clip has. Two fields fix their number: ``seconds``
    and ``n_frames``.

    Parameters
    ----------
    n_frames : int or None
        Acts on finished frames, as in [elmarc]: a longer clip keeps the first; a shorter one is
        stored as it is and extended when it is read. None: as many as the clip has.
    fill : {"repeat", "zero", "crop"}
        How a shorter clip is extended: ``repeat`` repeats its frames, ``zero`` adds frames of
        digital silence on the feature's own scale (in dB the floor: 0 dB would be loud), ``crop``
        refuses the clip with an AudioError.
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

    def frames_of(self, n_samples: int) -> int:
        """Return the number of frames of a clip of ``n_samples`` samples at ``sr`` Hz."""
        raise ParameterError(f"{type(self).__name__} does not define its number of frames")

    @property
    def shape(self) -> tuple[int | None, ...]:
        """(frames, width), time first; None frames: as many as the clip has."""
        if self.n_frames is not None or self.n_samples is None:
            return (self.n_frames, self.width)
        return (self.frames_of(self.n_samples), self.width)

    @property
    def stored_shape(self) -> tuple[int | None, ...]:
        """(frames, width) before `expand`; None frames: at most ``n_frames``, as the clip has."""
        if self.n_samples is not None:
            frames = self.frames_of(self.n_samples)
            return (frames if self.n_frames is None else min(frames, self.n_frames), self.width)
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
        """Return the stored frames extended to ``n_frames`` by ``fill``."""
        if self.n_frames is None or len(row) >= self.n_frames:
            return row
        if self.fill == "repeat":
            return length.repeat(row, self.n_frames)
        return length.fill(row, self.n_frames, self.silence(row))
