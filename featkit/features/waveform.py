"""The samples themselves, for networks that read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from featkit.audio import Signal
from featkit.dsp import length
from featkit.errors import AudioError, ParameterError
from featkit.features.base import Array, Axis, Feature, registry


@registry.register
@dataclass(frozen=True)
class Waveform(Feature):
    """Mono samples in [−1, 1] at ``sr`` Hz, of the clip's own length or of ``n_samples``.

    A longer clip keeps its first ``n_samples``; a shorter one is stored as it is and rebuilt when
    read. Presets: ``elmarc`` ([Pons2019]: 350 000 samples at 12 kHz, repeated), ``piczak``
    ([Piczak2015]: 5 s at 22 050 Hz) and ``dcase`` ([Wang2020]: 10 s at 44.1 kHz), both lengthened
    by zeros.

    Parameters
    ----------
    sr : int
        Rate in Hz that the clip is resampled to.
    n_samples : int or None
        Samples that learners see; None: as many as the clip has.
    fill : {"repeat", "zero", "crop"}
        What a shorter clip gets: itself again and again, zeros, or an AudioError.
    """

    units: ClassVar[str] = "amplitude"
    dims: ClassVar[tuple[str, ...]] = ("sample",)
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = {
        "elmarc": {"sr": 12000, "n_samples": 350_000},
        "piczak": {"sr": 22050, "n_samples": 110_250, "fill": "zero"},
        "dcase": {"sr": 44100, "n_samples": 441_000, "fill": "zero"},
    }

    sr: int = 22050
    n_samples: int | None = None
    fill: Literal["repeat", "zero", "crop"] = "repeat"

    def __post_init__(self) -> None:
        if self.sr < 1 or (self.n_samples is not None and self.n_samples < 1):
            raise ParameterError(
                f"waveform: sr={self.sr} Hz and n_samples={self.n_samples} must be at least 1"
            )
        if self.fill not in ("repeat", "zero", "crop"):
            raise ParameterError(f"waveform: fill={self.fill!r} is not one of repeat, zero, crop")

    @property
    def shape(self) -> tuple[int | None, ...]:
        """(n_samples,)."""
        return (self.n_samples,)

    @property
    def stored_shape(self) -> tuple[int | None, ...]:
        """(None,): the samples that the clip has; (n_samples,) with ``crop``."""
        return (self.n_samples if self.fill == "crop" else None,)

    def __call__(self, signal: Signal) -> Array:
        """Return the samples, float32, at most ``n_samples`` of them."""
        samples = signal.at(self.sr)
        if self.fill == "crop" and self.n_samples is not None and len(samples) < self.n_samples:
            raise AudioError(
                f"the clip has {len(samples)} samples; fill=crop needs {self.n_samples}, "
                "or take fill=repeat or zero"
            )
        return samples[: self.n_samples]

    def compute(self, signals: Sequence[Signal], device: str = "cpu") -> list[Array | Exception]:
        """Return one array, or the error that it raised, for each signal, on the CPU whatever
        the device: there is nothing to compute.
        """
        return super().compute(signals)

    def axes(self, row: Array, seconds: float) -> tuple[Axis, ...]:
        """Return the time of each sample in s."""
        return (Axis("time", np.arange(len(row)) / self.sr, "s"),)

    def expand(self, row: Array) -> Array:
        """Return the stored samples brought to ``n_samples`` by ``fill``."""
        if self.n_samples is None or len(row) >= self.n_samples:
            return row
        return (
            length.repeat(row, self.n_samples)
            if self.fill == "repeat"
            else length.fill(row, self.n_samples, 0.0)
        )
