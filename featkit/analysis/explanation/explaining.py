"""Explanation of what a bundle says of a recording."""

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from featkit import audio
from featkit.analysis.explanation.gradients import baseline_row, integrated_gradients
from featkit.analysis.explanation.occlusion import occlusion
from featkit.analysis.explanation.parts import Baseline, Explanation
from featkit.bundle import Bundle
from featkit.classifiers._trained_net import TrainedNet
from featkit.errors import ParameterError
from featkit.nets.standardize import Standardize

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
    probabilities = _probabilities(bundle, signal)
    if target and target not in bundle.classes:
        raise ParameterError(f"the bundle has no class {target!r}; it has {bundle.classes}")
    number = bundle.classes.index(target) if target else int(probabilities.argmax())
    order = np.argsort(-probabilities, kind="stable")[:MOST_CLASSES]
    error: float | None
    if _reads_maps(bundle, signal):
        attribution, error, axes = _by_gradients(bundle, signal, number, baseline, steps)
        times, (frequencies, unit) = axes[0][0], axes[1]
    else:

        def probability(signals: Sequence[audio.Signal]) -> NDArray[np.float64]:
            return np.array([_probabilities(bundle, one)[number] for one in signals])

        attribution, times, frequencies = occlusion(signal, probability)
        error, unit = None, "Hz"
    return Explanation(
        path=os.fspath(path),
        label=bundle.classes[number],
        top=tuple((bundle.classes[k], float(probabilities[k])) for k in order),
        method="occlusion" if error is None else "integrated gradients",
        completeness_error=error,
        attribution=attribution,
        times=times,
        frequencies=frequencies,
        unit=unit,
        samples=signal.samples,
        sr=signal.sr,
    )


def _probabilities(bundle: Bundle, signal: audio.Signal) -> NDArray[np.float64]:
    """Return what a bundle says of a recording, in the order of its classes."""
    prediction = bundle.predict_samples(signal.samples, signal.sr)
    if prediction.error:
        raise ParameterError(prediction.error)
    return np.array([prediction.probabilities[label] for label in bundle.classes])


class _Outputs(torch.nn.Module):  # type: ignore[misc]
    """A model whose outputs are one number for each class: of nets that decide several times, the
    logarithm of their vote.
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Return the outputs, shape (n, classes)."""
        outputs = self.model(rows)
        return outputs if outputs.ndim == 2 else self.model.probabilities(outputs).log()


def _reads_maps(bundle: Bundle, signal: audio.Signal) -> bool:
    """Return whether the classifier is a net whose rows have an axis of time and another, and
    reads recordings whole.
    """
    if bundle.windows is not None or not isinstance(bundle.classifier, TrainedNet):
        return False
    row = bundle.row(signal)
    units = [axis.unit for axis in bundle.feature.axes(row, signal.duration)]
    return row.ndim >= 2 and "s" in units


def _by_gradients(
    bundle: Bundle, signal: audio.Signal, number: int, baseline: Baseline, steps: int
) -> tuple[NDArray[np.float32], float, Any]:
    """Return the attribution as (times, frequencies), its error, and (values, unit) of both."""
    classifier, row = bundle.classifier, bundle.row(signal)
    model = classifier.fitted()
    silent = bundle.row(audio.Signal(np.zeros_like(signal.samples), signal.sr))
    read, silence = (
        classifier.rows([part]).take(np.array([0]))[0].astype(np.float32) for part in (row, silent)
    )
    scaling = model.scaling
    mean = scaling.mean.numpy() if isinstance(scaling, Standardize) else None
    start = baseline_row(baseline, read, silence, mean)
    values, error = integrated_gradients(_Outputs(model), read, start, number, steps)
    axes = bundle.feature.axes(row, signal.duration)
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
    return flat, error, ((times, "s"), (frequencies, axes[other].unit))
