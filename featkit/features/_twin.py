"""Features that run in numpy on a CPU and, batched, in torch on a GPU."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from featkit.audio import Signal
from featkit.dsp import length, level
from featkit.errors import ParameterError
from featkit.features.base import Array, Feature

# Fields that came later, with the values at which they do nothing. A specification leaves them out
# there, so rows that were stored before keep their key.
LATER = {"seconds": None, "normalize": "none"}


@dataclass(frozen=True)
class Twin(Feature):
    """A feature whose `batch` computes in torch what ``__call__`` computes in numpy.

    Both analyse `view`: the clip at ``sr`` Hz, its level normalised, cut or extended with zeros to
    ``seconds``.

    Parameters
    ----------
    sr : int
        Rate in Hz that the clip is resampled to.
    seconds : float or None
        Acts on samples, before analysis: a longer clip is cut, a shorter one extended with zeros,
        as in [Wang2020]. None: the clip's own length.
    normalize : {"none", "peak", "rms"}
        Scales the samples first, to a peak of 1 (``peak``) or a root mean square of 0.1 (``rms``).
    """

    sr: int = 22050
    seconds: float | None = None
    normalize: Literal["none", "peak", "rms"] = "none"

    def __post_init__(self) -> None:
        if self.sr < 1:
            raise ParameterError(f"{self.name}: sr={self.sr} Hz must be at least 1")
        if self.seconds is not None and not (
            math.isfinite(self.seconds) and self.seconds * self.sr >= 1
        ):
            raise ParameterError(
                f"{self.name}: seconds={self.seconds:g} must be finite and at least one sample"
            )
        if self.normalize not in ("none", "peak", "rms"):
            raise ParameterError(
                f"{self.name}: normalize={self.normalize!r} is not one of none, peak, rms"
            )

    @property
    def spec(self) -> dict[str, object]:
        """The full specification, without later fields that do nothing."""
        full = super().spec
        params: Any = full["params"]
        for key, idle in LATER.items():
            if params[key] == idle:
                del params[key]
        return full

    @property
    def shortest(self) -> int:
        """Length in samples to which a shorter clip is extended with zeros before anything else."""
        return 1

    @property
    def n_samples(self) -> int | None:
        """Number of samples that are analysed; None: as many as the clip has."""
        return None if self.seconds is None else round(self.seconds * self.sr)

    def view(self, signal: Signal) -> Signal:
        """Return the clip as it is analysed; features that agree on it share the result."""
        if self.seconds is None and self.normalize == "none":
            return signal

        def prepared() -> Signal:
            samples = level.normalized(signal.at(self.sr), self.normalize)
            n = self.n_samples
            return Signal(samples if n is None else length.exactly(samples, n), self.sr)

        return signal.memo(("view", self.sr, self.seconds, self.normalize), prepared)

    def batch(self, samples: Any) -> Any:
        """Return the rows of clips of one length: torch tensors (clips, samples) → (clips, …) on
        one device.
        """
        raise ParameterError(f"{type(self).__name__} does not define its torch version")

    def cut(self, row: Array) -> Array:
        """Return what is stored of a row."""
        return row

    def compute(self, signals: Sequence[Signal], device: str = "cpu") -> list[Array | Exception]:
        """Return one array, or the error that it raised, for each signal.

        ``device`` is ``cpu`` (numpy) or ``cuda`` (torch). On a GPU the last bits of a row may
        depend on the clips that it is computed with.

        Raises
        ------
        ParameterError
            For any other device.
        MissingDependencyError
            If there is no such GPU.
        """
        if device == "cpu":
            return super().compute(signals)
        if not device.startswith("cuda"):
            raise ParameterError(f"device {device!r} is not one of cpu, cuda")
        return self.compute_in_torch(signals, device)

    def compute_in_torch(self, signals: Sequence[Signal], device: str) -> list[Array | Exception]:
        """Return what `compute` returns, computed in torch on any of its devices."""
        from featkit.nets import spectra

        def samples(signal: Signal) -> Any:
            return self.view(signal).at(self.sr)

        results: list[Array | Exception] = []
        for row in spectra.each(self.batch, signals, samples, self.shortest, device):
            try:
                results.append(row if isinstance(row, Exception) else self.cut(row))
            except Exception as error:
                results.append(error)
        return results
