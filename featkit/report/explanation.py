"""The picture of an explanation: waveform, spectrogram, attribution, probable classes."""

import os

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from featkit.analysis.explanation.parts import Explanation
from featkit.dsp.logarithm import decibels
from featkit.dsp.stft import Stft, pad, power_plain

_DB = 80.0


def draw(explanation: Explanation) -> Figure:
    """Return a figure of four panels, three of them over the same seconds."""
    figure = Figure(figsize=(9, 8), layout="constrained")
    FigureCanvasAgg(figure)
    title = f"{os.path.basename(explanation.path)}: {explanation.label}"
    figure.suptitle(title, parse_math=False, wrap=True)
    wave, spectrogram, attribution, classes = figure.subplots(
        4, 1, height_ratios=(1, 2, 2, 0.3 + 0.25 * len(explanation.top))
    )
    seconds = len(explanation.samples) / explanation.sr
    at = np.arange(len(explanation.samples)) / explanation.sr
    wave.plot(at, explanation.samples, linewidth=0.4, color="#0072b2")
    wave.set_ylabel("sample")
    n_fft = 2 ** max(4, round(np.log2(0.046 * explanation.sr)))
    stft = Stft(n_fft, n_fft, n_fft // 4)
    levels = decibels(power_plain(pad(explanation.samples, stft), stft), top_db=_DB)
    mesh = spectrogram.imshow(
        levels.T, origin="lower", aspect="auto", extent=(0, seconds, 0, explanation.sr / 2)
    )
    spectrogram.set_ylabel("frequency (Hz)")
    figure.colorbar(mesh, ax=spectrogram, label="dB")
    most = float(np.abs(explanation.attribution).max()) or 1.0
    mesh = attribution.pcolormesh(
        explanation.times,
        explanation.frequencies,
        explanation.attribution.T,
        shading="nearest",
        cmap="RdBu_r",
        vmin=-most,
        vmax=most,
    )
    attribution.set_ylabel(f"frequency ({explanation.unit})" if explanation.unit else "band")
    attribution.set_xlabel("time (s)")
    attribution.set_title(_method(explanation), fontsize="medium")
    figure.colorbar(mesh, ax=attribution, label=f"for {explanation.label}".replace("$", r"\$"))
    for panel in (wave, spectrogram, attribution):
        panel.set_xlim(0, seconds)
    names, values = zip(*explanation.top[::-1], strict=True)
    bars = classes.barh(range(len(names)), values, color="#0072b2")
    classes.bar_label(bars, labels=[f"{100 * value:.1f} %" for value in values], padding=3)
    classes.set_yticks(range(len(names)), [name.replace("$", r"\$") for name in names])
    classes.set_xlim(0, 1.1)
    classes.set_xlabel("probability")
    return figure


def save(explanation: Explanation, path: str | os.PathLike[str], dpi: int = 110) -> None:
    """Write `draw` to a PNG file."""
    draw(explanation).savefig(path, format="png", dpi=dpi)


def _method(explanation: Explanation) -> str:
    error = explanation.completeness_error
    if error is None:
        return "occlusion: fall of the probability without the patch"
    return f"integrated gradients (completeness error {100 * error:.2f} %)"
