"""Explanation of what a bundle says of a recording."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from featkit import audio
from featkit.analysis.explanation.occlusion import occlusion
from featkit.analysis.explanation.parts import Baseline, Explanation
from featkit.bundle import Bundle
from featkit.classifiers.contract import ShowsItsNet, offers
from featkit.errors import FeatkitError, ParameterError
from featkit.features.base import Axis
from featkit.naming.plugins import FAULTS, reason

MOST_CLASSES = 5


def explain(
    bundle: Bundle,
    path: str | os.PathLike[str],
    *,
    target: str = "",
    baseline: Baseline = "silence",
    steps: int = 64,
) -> Explanation:
    """Return which parts of a recording speak for a class.

    Integrated gradients where the bundle's classifier is a net that reads maps of time and
    frequency; occlusion of the recording otherwise.

    Parameters
    ----------
    bundle : Bundle
    path : path
        A recording.
    target : str
        The class to explain; by default the most probable.
    baseline : {"silence", "zero", "mean"}
        What integrated gradients start from: the row of a silent recording of the same length,
        zeros, or the mean of the training rows.
    steps : int
        Points between the baseline and the row.

    Raises
    ------
    AudioError
        If the file cannot be read.
    ParameterError
        If the recording has no row, the bundle does not know ``target``, or the net does not know
        the baseline.
    """
    signal = audio.decode(audio.read_bytes(os.fspath(path)))
    if target and target not in bundle.classes:
        raise ParameterError(f"the bundle has no class {target!r}; it has {bundle.classes}")
    row = _row(bundle, signal)
    probabilities = bundle.classifier.predict_proba(row[None])[0]
    number = bundle.classes.index(target) if target else int(probabilities.argmax())
    order = np.argsort(-probabilities, kind="stable")[:MOST_CLASSES]
    axes = _map_axes(bundle, row, signal)
    if axes:
        part = _by_gradients(bundle, signal, row, axes, _Aim(number, baseline, steps))
    else:
        part = _by_occlusion(bundle, signal, number)
    return Explanation(
        path=os.fspath(path),
        label=bundle.classes[number],
        top=tuple((bundle.classes[k], float(probabilities[k])) for k in order),
        method="occlusion" if part.error is None else "integrated gradients",
        completeness_error=part.error,
        attribution=part.attribution,
        times=part.times,
        frequencies=part.frequencies,
        unit=part.unit,
        samples=signal.samples,
        sr=signal.sr,
    )


@dataclass(frozen=True)
class _Aim:
    """The class that is explained, where gradients start from, and their number of points."""

    number: int
    baseline: Baseline
    steps: int


@dataclass(frozen=True, eq=False)
class _Part:
    """What an explanation gets from a method: the attribution, and what its axes mean."""

    attribution: NDArray[np.float32]
    times: NDArray[np.float64]
    frequencies: NDArray[np.float64]
    unit: str
    error: float | None = None


def _row(bundle: Bundle, signal: audio.Signal) -> NDArray[np.float32]:
    """Return what the classifier gets for a recording.

    Raises
    ------
    ParameterError
        If there is no such row, whatever the feature raises.
    """
    try:
        return bundle.row(signal)
    except FAULTS as error:
        why = str(error) if isinstance(error, FeatkitError) else reason(error)
        raise ParameterError(f"the recording cannot be explained: {why}") from error


def _map_axes(bundle: Bundle, row: NDArray[np.float32], signal: audio.Signal) -> tuple[Axis, ...]:
    """Return the axes of a row that a net reads as a map of time and something else; none where
    there is no such net, or it reads windows.
    """
    if bundle.windows is not None or not offers(bundle.classifier, ShowsItsNet) or row.ndim < 2:
        return ()
    axes = bundle.feature.axes(row, signal.duration)
    return axes if "s" in [axis.unit for axis in axes] else ()


def _by_occlusion(bundle: Bundle, signal: audio.Signal, number: int) -> _Part:
    def probability(signals: Sequence[audio.Signal]) -> NDArray[np.float64]:
        rows = [_row(bundle, one) for one in signals]
        equal = len({row.shape for row in rows}) == 1
        together = bundle.classifier.predict_proba(np.stack(rows) if equal else rows)
        return np.asarray(together)[:, number]

    return _Part(*occlusion(signal, probability), "Hz")


def _by_gradients(
    bundle: Bundle,
    signal: audio.Signal,
    row: NDArray[np.float32],
    axes: tuple[Axis, ...],
    aim: _Aim,
) -> _Part:
    # torch takes seconds to load, and only nets need it.
    from featkit.analysis.explanation.gradients import (
        Outputs,
        baseline_row,
        integrated_gradients,
    )

    def read(values: NDArray[np.float32]) -> NDArray[np.float32]:
        rows = bundle.classifier.rows([values]).take(np.array([0]))
        return np.asarray(rows[0], dtype=np.float32)

    def silence() -> NDArray[np.float32]:
        return read(_row(bundle, audio.Signal(np.zeros_like(signal.samples), signal.sr)))

    net, inputs = Outputs(bundle.classifier.fitted()), read(row)
    start = baseline_row(aim.baseline, inputs, silence, net.mean)
    values, error = integrated_gradients(net, inputs, start, aim.number, aim.steps)
    units = [axis.unit for axis in axes]
    time = units.index("s")
    other = units.index("Hz") if "Hz" in units else next(k for k in range(row.ndim) if k != time)
    rest = tuple(k for k in range(row.ndim) if k not in (time, other))
    flat = values.sum(axis=rest) if rest else values
    flat = flat if time < other else flat.T
    times, frequencies = (
        axes[k].values[:size] for k, size in zip((time, other), flat.shape, strict=True)
    )
    flat = flat[: len(times), : len(frequencies)]
    return _Part(flat, times, frequencies, axes[other].unit, error)
