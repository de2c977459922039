"""Several map features of one grid as the channels of an image."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from featkit.audio import Signal
from featkit.errors import ParameterError
from featkit.features.base import Array, Axis, Feature, registry, single
from featkit.naming import spec

# The four representations of [Wang2020] with 64 bins each, the number that CQT and gammatone have.
DCASE = (
    "logmel:preset=dcase,n_mels=64",
    "cqt:preset=dcase",
    "gammatone:preset=paper",
    "mfcc:preset=paper,n_mfcc=64",
)


@registry.register
@dataclass(frozen=True)
class Stack(Feature):
    """Map features of equal shape, one on top of the other: an image (parts, bins, frames).

    The input of nets that fuse representations early, in the middle or late [Wang2020]. A clip is
    decoded once for all parts. Presets: ``dcase`` (the default), log-mel, constant-Q, gammatone and
    MFCC maps of 10 s, 4 × 64 × 862; ``dcase_1b``, the first three of them.

    Parameters
    ----------
    features : tuple of str
        FEATURE texts of the parts: matrices (frames, bins) with a fixed number of frames, each in
        parentheses: ``stack:features=(logmel:n_frames=128)+(cqt:n_frames=128,n_bins=128)``.
    """

    dims: ClassVar[tuple[str, ...]] = ("part", "bin", "frame")
    units: ClassVar[str] = "those of its parts"
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = {
        "dcase": {},
        "dcase_1b": {"features": DCASE[:3]},
    }

    features: tuple[str, ...] = DCASE

    def __post_init__(self) -> None:
        object.__setattr__(self, "features", tuple(part.canonical for part in self.parts))
        shapes = {part.canonical: part.shape for part in self.parts}
        listed = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        if len(shapes) < 2 or len(shapes) < len(self.parts):
            raise ParameterError(f"stack takes two or more features, each once; got: {listed}")
        if len(set(shapes.values())) > 1:
            raise ParameterError(f"stack needs parts of one shape; got: {listed}")
        shape = self.parts[0].shape
        if len(shape) != 2 or None in shape:
            raise ParameterError(
                f"stack needs maps (frames, bins) with a fixed number of frames; got: {listed}; "
                "fix it by seconds=10 or n_frames=128"
            )

    @cached_property
    def parts(self) -> tuple[Feature, ...]:
        """The features that are stacked."""
        return tuple(single(text, {}) for text in self.features)

    @property
    def shape(self) -> tuple[int | None, ...]:
        """(parts, bins, frames)."""
        frames, bins = self.parts[0].shape
        return (len(self.parts), bins, frames)

    @property
    def batched(self) -> bool:  # type: ignore[override]
        """Whether a part is."""
        return any(part.batched for part in self.parts)

    @property
    def spec(self) -> dict[str, object]:
        """The full specification, those of the parts in place of their texts."""
        return {**super().spec, "params": {"features": [part.spec for part in self.parts]}}

    @property
    def canonical(self) -> str:
        """Shortest text that gives this feature, with each part in parentheses."""
        for preset in ("", "dcase_1b"):
            if self.features == type(self).build(self.name, _preset(preset)).features:
                return spec.write(self.name, _preset(preset))
        return f"{self.name}:features={'+'.join(f'({text})' for text in self.features)}"

    def compute(self, signals: Sequence[Signal], device: str = "cpu") -> list[Array | Exception]:
        """Return one image, or the error of the first part that failed, for each signal."""
        results: list[Array | Exception] = []
        for rows in zip(*(part.compute(signals, device) for part in self.parts), strict=True):
            failed = next((row for row in rows if isinstance(row, Exception)), None)
            results.append(self._image(rows) if failed is None else failed)
        return results

    def __call__(self, signal: Signal) -> Array:
        """Return the image, float32, shape (parts, bins, frames)."""
        (row,) = self.compute([signal])
        if isinstance(row, Exception):
            raise row
        return row

    def axes(self, row: Array, seconds: float) -> tuple[Axis, ...]:
        """Return the number of each part and bin, and the centre of each frame in s.

        The parts' bins mean different frequencies; frames have a time where all parts agree on it.
        """
        number, bins, frames = super().axes(row, seconds)
        times = [
            part.axes(channel.T, seconds)[0] for part, channel in zip(self.parts, row, strict=True)
        ]
        if all(np.allclose(time.values, times[0].values, atol=1e-3) for time in times):
            return number, bins, times[0]
        return number, bins, frames

    def _image(self, rows: Sequence[Array]) -> Array:
        whole = [part.expand(row).T for part, row in zip(self.parts, rows, strict=True)]
        return np.ascontiguousarray(np.stack(whole), dtype=np.float32)


def _preset(name: str) -> dict[str, object]:
    return {"preset": name} if name else {}
