"""Features that run in numpy on a CPU and, batched, in torch on a GPU."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from featkit.audio import Signal
from featkit.errors import ParameterError
from featkit.features.base import Array, Feature


@dataclass(frozen=True)
class Twin(Feature):
    """A feature whose `batch` computes in torch what ``__call__`` computes in numpy."""

    sr: int = 22050

    def __post_init__(self) -> None:
        if self.sr < 1:
            raise ParameterError(f"{self.name}: sr={self.sr} Hz must be at least 1")

    @property
    def shortest(self) -> int:
        """Number of samples to which a shorter clip is lengthened by zeros before anything else."""
        return 1

    def batch(self, samples: Any) -> Any:
        """Return the rows of clips of one length: torch tensors (clips, samples) → (clips, …) on
        one device.
        """
        raise ParameterError(f"{type(self).__name__} does not define its torch version")

    def cut(self, row: Array) -> Array:
        """Return what is stored of a row."""
        return row

    def compute(self, signals: Sequence[Signal], device: str = "cpu") -> list[Array | Exception]:
        """Return one array, or the error that it raised, for each signal; ``device`` is ``cpu``
        (numpy) or ``cuda`` (torch).

        On a GPU the last bits of a row may depend on the clips that it is computed with.

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
        """Return what `compute` does, by the torch version on any torch device."""
        from featkit.nets import spectra

        results: list[Array | Exception] = []
        for row in spectra.each(self.batch, signals, self.sr, self.shortest, device):
            try:
                results.append(row if isinstance(row, Exception) else self.cut(row))
            except Exception as error:
                results.append(error)
        return results
