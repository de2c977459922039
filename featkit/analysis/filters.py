"""What a net on waveforms has learned to hear [Tax2017]: the filters of its first layer, sorted by
the frequency at which they respond most, and the log-mel that MSTmodel predicts for a clip.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from featkit import audio
from featkit.analysis.mst import Array, log_mels, predict
from featkit.bundle import Bundle
from featkit.errors import ParameterError
from featkit.nets.mst import MST
from featkit.training import segments
from featkit.training.rows import Rows

# Points of the spectra between two of a kernel's own frequencies.
_FINER = 8


@dataclass(frozen=True, eq=False)
class Filters:
    """The filters of a first layer.

    Attributes
    ----------
    layer : str
        Its name in the net.
    sr : int
        Rate of the waveforms in Hz.
    kernels : ndarray of shape (filters, samples)
        By rising peak frequency; ties keep the layer's order.
    order : ndarray of int, shape (filters,)
        Number of each filter in the layer.
    peaks : ndarray of float, shape (filters,)
        Frequency in Hz at which each responds most, to sr / (8 · samples).
    """

    layer: str
    sr: int
    kernels: Array
    order: NDArray[np.int64]
    peaks: NDArray[np.float64]

    @property
    def frequencies(self) -> NDArray[np.float64]:
        """Frequencies of `responses` in Hz, from 0 to sr / 2."""
        return _frequencies(self.kernels, self.sr)

    @property
    def responses(self) -> NDArray[np.float64]:
        """Magnitude responses (filters, frequencies), each with a maximum of 1."""
        return _responses(self.kernels)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "layer": self.layer, "sr": self.sr, "filters": len(self.kernels),
            "samples": self.kernels.shape[1], "order": self.order.tolist(),
            "peaks_hz": self.peaks.tolist(),
        }  # fmt: skip


@dataclass(frozen=True, eq=False)
class Prediction:
    """A log-mel that MSTmodel predicts, beside the true one.

    Attributes
    ----------
    predicted : ndarray of shape (60, frames)
        In the net's own units: −1 and 1 are the extremes that it was trained with.
    target : ndarray of shape (60, frames)
        In dB.
    correlation : float
        Pearson's, over all values.
    seconds : float
        Length of the segment.
    """

    predicted: Array
    target: Array
    correlation: float
    seconds: float


def read_net(path: str | os.PathLike[str]) -> tuple[nn.Module, int]:
    """Return a net on waveforms and their rate in Hz.

    Parameters
    ----------
    path : path
        A file of ``featkit analyze mst``, or a bundle whose net reads the feature ``waveform``.

    Raises
    ------
    ParameterError
        If the bundle has no such net.
    """
    if not Path(path).is_dir():
        return MST.read(path), segments.SR
    bundle = Bundle.load(path)
    rate = getattr(bundle.feature, "sr", 0)
    if bundle.feature.canonical.partition(":")[0] != "waveform":
        raise ParameterError(f"{os.fspath(path)}: its net reads {bundle.feature.canonical}")
    net = bundle.classifier
    while not hasattr(net, "fitted"):
        if not hasattr(net, "net_"):
            raise ParameterError(f"{os.fspath(path)}: {type(net).__name__} is not a net")
        net = net.net_
    return net.fitted(), int(rate)


def first_filters(net: nn.Module, sr: int) -> Filters:
    """Return the filters of the first layer of a net on waveforms.

    Raises
    ------
    ParameterError
        If its first convolution does not read one channel of samples.
    """
    convolutions = (nn.Conv1d, nn.Conv2d)
    layers = [(name, part) for name, part in net.named_modules() if isinstance(part, convolutions)]
    if not layers or not isinstance(layers[0][1], nn.Conv1d) or layers[0][1].in_channels != 1:
        what = f"reads {layers[0][0]}: {layers[0][1]}" if layers else "has no convolution"
        raise ParameterError(
            f"{type(net).__name__} {what}; expected a first Conv1d over one channel of samples"
        )
    name, layer = layers[0]
    kernels = layer.weight.detach().cpu().numpy()[:, 0]
    bins = _responses(kernels).argmax(axis=1)
    order = np.argsort(bins, kind="stable")
    peaks = _frequencies(kernels, sr)[bins[order]]
    return Filters(name, sr, kernels[order], order, peaks)


def prediction(net: MST, signal: audio.Signal) -> Prediction:
    """Return what MSTmodel predicts for a clip's first segment of 2.3 s that is not silent.

    A shorter clip is padded with zeros, as in training.
    """
    rows = segments.cut(signal.at(segments.SR))[:1]
    target = log_mels(rows, net.edge)[0]
    guess = predict(net, Rows(rows))[0]
    both = np.corrcoef(guess.ravel(), target.ravel())[0, 1]
    return Prediction(guess, target, float(both), rows.shape[1] / segments.SR)


def _frequencies(kernels: Array, sr: int) -> NDArray[np.float64]:
    points = _FINER * kernels.shape[1]
    return np.asarray(np.arange(points // 2 + 1) * (sr / points))


def _responses(kernels: Array) -> NDArray[np.float64]:
    size = _FINER * kernels.shape[1]
    magnitudes = np.abs(np.fft.rfft(kernels.astype(np.float64), n=size, axis=1))
    return np.asarray(magnitudes / np.maximum(magnitudes.max(axis=1, keepdims=True), 1e-300))
