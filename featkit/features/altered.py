"""A feature of a copy of the recording, altered at random: rows to train on beside the original."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from featkit.audio import Signal
from featkit.audio.altering import Alteration
from featkit.errors import ParameterError
from featkit.features.base import Array, Feature, registry, single
from featkit.features.wrapping import Wrapping
from featkit.naming import spec


@registry.register
@dataclass(frozen=True)
class Altered(Wrapping):
    """Another feature, of the recording altered at random in pitch, tempo, excerpt, colour and
    level.

    What is drawn depends on the samples and the seed. Features of one seed and one alteration hear
    the same altered recording. `featkit.features.copies` trains on such rows. See [Salamon2017].

    Parameters
    ----------
    of : str
        FEATURE text of one feature, in parentheses if it has commas.
    seed : int
        Number of the copy, ≥ 0.
    pitch, stretch, crop, eq, gain, noise : float
        As of `featkit.audio.altering.Alteration`.
    """

    units: ClassVar[str] = "those of the feature"

    of: str = "mfcc_stats"
    seed: int = 1
    pitch: float = 1.0
    stretch: float = 0.1
    crop: float = 0.1
    eq: float = 3.0
    gain: float = 6.0
    noise: float = 0.0

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise ParameterError(f"altered: seed={self.seed} must be at least 0")
        _ = self.alteration
        if self.feature.virtual:
            raise ParameterError(f"altered: of={self.of} must be a single feature that is stored")
        object.__setattr__(self, "of", self.feature.canonical)

    @cached_property
    def feature(self) -> Feature:
        """What is computed from the altered recording."""
        return single(self.of, {})

    @cached_property
    def alteration(self) -> Alteration:
        """How far the copy may be from the recording."""
        return Alteration(self.pitch, self.stretch, self.crop, self.eq, self.gain, self.noise)

    @property
    def spec(self) -> dict[str, object]:
        """The full specification, with that of the feature."""
        own = super().spec
        return own | {"params": {**self.params(), "of": self.feature.spec}}

    @property
    def canonical(self) -> str:
        """Shortest text that gives this feature; it always names the feature."""
        start = type(self)(self.of).params()
        changes = {key: value for key, value in self.params().items() if start[key] != value}
        return written(self.name, self.of, changes)

    def compute(self, signals: Sequence[Signal], device: str = "cpu") -> list[Array | Exception]:
        """Return the feature of each altered recording, or the error that it raised."""
        altered = [self.alteration.of(signal, self.seed) for signal in signals]
        return self.feature.compute(altered, device)

    def __call__(self, signal: Signal) -> Array:
        """Return the row of one clip."""
        (row,) = self.compute([signal])
        if isinstance(row, Exception):
            raise row
        return row


def written(name: str, of: str, params: dict[str, object]) -> str:
    """Return ``name:of=FEATURE,key=value,…`` with the feature in parentheses where it needs them.

    >>> written("altered", "logmel:n_mels=64,sr=22050", {"seed": 2})
    'altered:of=(logmel:n_mels=64,sr=22050),seed=2'
    """
    held = f"({of})" if set(of) & set(",+:") else of
    rest = spec.write(name, params).removeprefix(name).removeprefix(":")
    return ",".join(filter(None, [f"{name}:of={held}", rest]))
