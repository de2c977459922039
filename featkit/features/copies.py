"""A feature whose rows are joined, in training, by those of altered copies of the recordings."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from featkit.audio import Signal
from featkit.errors import ParameterError
from featkit.features.altered import Altered, written
from featkit.features.base import Array, Feature, registry
from featkit.features.joining import Joined, get_feature
from featkit.features.wrapping import Wrapping

MOST = 1000


@registry.register
@dataclass(frozen=True)
class Copies(Wrapping):
    """Another feature, with rows of altered copies of the training clips to learn from.

    A store keeps the feature and ``n`` features `Altered`, from which it makes the table. A copy
    has the label, group and fold of its clip and is never tested. With ``tta`` the decision on a
    clip is the mean of the probabilities of its row and those of its copies. A recording by itself
    has the row of the feature.

    Parameters
    ----------
    of : str
        FEATURE text, or several joined by ``+``; in parentheses if it has commas or pluses.
    n : int
        Copies of each clip, 1–1,000: the seeds 1 … n of `Altered`.
    tta : bool
        Average over the copies of test clips.
    pitch, stretch, crop, eq, gain, noise : float
        As of `featkit.audio.altering.Alteration`.
    """

    units: ClassVar[str] = "those of the feature"
    virtual: ClassVar[bool] = True

    of: str = "mfcc_stats"
    n: int = 2
    tta: bool = False
    pitch: float = 1.0
    stretch: float = 0.1
    crop: float = 0.1
    eq: float = 3.0
    gain: float = 6.0
    noise: float = 0.0

    def __post_init__(self) -> None:
        if not 1 <= self.n <= MOST:
            raise ParameterError(f"copies: n={self.n} is not between 1 and {MOST}")
        if isinstance(self.feature, Copies):
            raise ParameterError(f"copies: of={self.of} has copies already")
        object.__setattr__(self, "of", self.feature.canonical)
        _ = self.altered

    @cached_property
    def feature(self) -> Feature:
        """The feature of the recordings as they are."""
        return get_feature(self.of)

    @cached_property
    def altered(self) -> tuple[Feature, ...]:
        """The feature of each copy."""
        return tuple(self._altered(seed) for seed in range(1, self.n + 1))

    @property
    def parts(self) -> tuple[Feature, ...]:
        """What is stored: the feature or those that it joins, and the same of each copy."""
        return tuple(
            part
            for feature in (self.feature, *self.altered)
            for part in (feature.parts if isinstance(feature, Joined) else (feature,))
        )

    @property
    def spec(self) -> dict[str, object]:
        """The full specification, with that of the feature."""
        return super().spec | {"params": {**self.params(), "of": self.feature.spec}}

    @property
    def canonical(self) -> str:
        """Shortest text that gives this feature; it always names the feature and ``n``."""
        start = type(self)(self.of).params()
        changes = {key: value for key, value in self.params().items() if start[key] != value}
        return written(self.name, self.of, {"n": self.n, **changes})

    def compute(self, signals: Sequence[Signal], device: str = "cpu") -> list[Array | Exception]:
        """Return the feature of each recording, or the error that it raised."""
        return self.feature.compute(signals, device)

    def __call__(self, signal: Signal) -> Array:
        """Return the feature of one recording."""
        return self.feature(signal)

    def _altered(self, seed: int) -> Feature:
        single = self.feature.parts if isinstance(self.feature, Joined) else (self.feature,)
        values = (self.pitch, self.stretch, self.crop, self.eq, self.gain, self.noise)
        parts = tuple(Altered(part.canonical, seed, *values) for part in single)
        return Joined(parts) if len(parts) > 1 else parts[0]
