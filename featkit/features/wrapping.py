"""What features of altered recordings have from the feature that they compute."""

from typing import TYPE_CHECKING

from featkit.features.base import Array, Axis, Feature
from featkit.features.pooling import Pooling


class Wrapping(Feature):
    """Another feature of the same clips, from other samples: ``feature`` says how a row looks."""

    if TYPE_CHECKING:

        @property
        def feature(self) -> Feature:
            """What is computed."""

    @property
    def parts(self) -> tuple[Feature, ...]:
        """The feature; its code is part of this one's fingerprint."""
        return (self.feature,)

    @property
    def dims(self) -> tuple[str, ...]:  # type: ignore[override]
        """Those of the feature."""
        return self.feature.dims

    @property
    def batched(self) -> bool:  # type: ignore[override]
        """Whether the feature is."""
        return self.feature.batched

    @property
    def shape(self) -> tuple[int | None, ...]:
        """That of the feature."""
        return self.feature.shape

    @property
    def stored_shape(self) -> tuple[int | None, ...]:
        """That of the feature."""
        return self.feature.stored_shape

    @property
    def pooling(self) -> Pooling:
        """That of the feature."""
        return self.feature.pooling

    def expand(self, row: Array) -> Array:
        """Return a stored row as learners see it."""
        return self.feature.expand(row)

    def axes(self, row: Array, seconds: float) -> tuple[Axis, ...]:
        """Return those of the feature."""
        return self.feature.axes(row, seconds)
