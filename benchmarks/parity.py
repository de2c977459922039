"""Make docs/parity.md: each representation against an oracle in double precision.

Run python benchmarks/parity.py. With FEATKIT_ESC10 set to the folder of ESC-10, 20 of its clips are
compared too.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import librosa
import numpy as np
from parity_nets import random_net
from PIL import Image
from scipy import signal as scipy_signal

from featkit.audio import Signal, load
from featkit.dsp import delta
from featkit.dsp.gammatone import GammatoneBank
from featkit.features import get_feature
from featkit.nets.random.zoo import ARCHS

DOCS = Path(__file__).resolve().parents[1] / "docs"
Pair = Callable[[Signal], tuple[Any, Any]]


@dataclass(frozen=True)
class Row:
    """One line: a representation, its oracle and the tolerance; `pair` returns both results."""

    name: str
    oracle: str
    units: str
    tolerance: float
    pair: Pair

    def differences(self, clips: Mapping[str, Signal]) -> tuple[float, float]:
        """Return the largest and the mean absolute difference over all values of all clips."""
        apart = [
            np.abs(np.subtract(*map(_double, self.pair(clip)))).ravel() for clip in clips.values()
        ]
        every = np.concatenate(apart)
        return float(every.max()), float(every.mean())


def _double(values: Any) -> Any:
    return np.asarray(values, dtype=np.float64)


def synthetic() -> dict[str, Signal]:
    """Return noise, two tones over faint noise, and clicks, 2 s each at 44.1 kHz."""
    sr, rng = 44_100, np.random.default_rng(0)
    time = np.arange(2 * sr) / sr
    noise = 0.1 * rng.standard_normal(len(time))
    tones = (
        0.3 * np.sin(2 * np.pi * 440 * time) + 0.1 * np.sin(2 * np.pi * 3000 * time) + 1e-3 * noise
    )
    clicks = np.where(np.arange(len(time)) % (sr // 4) == sr // 8, 0.9, 1e-3 * noise)
    clips = {"noise": noise, "tones": tones, "clicks": clicks}
    return {name: Signal(samples.astype(np.float32), sr) for name, samples in clips.items()}


def recorded() -> dict[str, Signal]:
    """Return 20 clips of ESC-10 spread over its folder, or none without FEATKIT_ESC10."""
    root = os.environ.get("FEATKIT_ESC10", "")
    return (
        {path.name: load(path) for path in sorted((Path(root) / "audio").iterdir())[::20][:20]}
        if root
        else {}
    )


def mel_bands(y: Any, feature: Any, **options: Any) -> Any:
    """Return librosa's mel bands in double precision, (bands, frames)."""
    return librosa.feature.melspectrogram(
        y=_double(y),
        sr=feature.sr,
        n_fft=feature.n_fft,
        hop_length=feature.hop_length,
        n_mels=feature.n_mels,
        **options,
    )


def analysed(signal: Signal, feature: Any) -> Any:
    """Return the samples that a feature analyses: all, or padded or cut to its ``seconds``."""
    y = signal.at(feature.sr)
    if feature.seconds is None:
        return y
    return librosa.util.fix_length(y, size=round(feature.seconds * feature.sr))


def logmel(preset: str) -> Pair:
    """Compare a preset of logmel with librosa's bands and logarithm."""
    feature = get_feature(f"logmel:preset={preset}")
    options = {key: getattr(feature, key) for key in ("floor", "top_db")}

    def pair(signal: Signal) -> tuple[Any, Any]:
        y = analysed(signal, feature)
        if preset == "torchaudio":
            bands = mel_bands(y, feature, win_length=1102, htk=True, norm=None, pad_mode="reflect")
            theirs = np.log(bands + options["floor"])
        else:
            bands = mel_bands(y, feature, pad_mode=feature.pad_mode)  # type: ignore[attr-defined]
            theirs = librosa.power_to_db(bands, amin=options["floor"], top_db=options["top_db"])
        row = feature(signal)
        return row, theirs.T[: len(row)]

    return pair


def multires(signal: Signal) -> tuple[Any, Any]:
    """Compare the image with librosa's bands (HTK, height 1), ln, and Pillow's bilinear resize.

    At an even n_fft, librosa's bins are torchaudio's; an odd one is compared with values that
    torchaudio made (`golden_torchaudio`), in the tests.
    """
    images = []
    for win, hop in ((1102, 441), (2205, 1102), (4410, 2205)):
        bands = librosa.feature.melspectrogram(
            y=_double(signal.at(44_100)),
            sr=44_100,
            n_fft=4410,
            win_length=win,
            hop_length=hop,
            n_mels=128,
            htk=True,
            norm=None,
            pad_mode="reflect",
        )
        image = Image.fromarray(np.log(bands + 1e-6).astype(np.float32))
        images.append(np.asarray(image.resize((250, 128), Image.Resampling.BILINEAR)))
    return get_feature("multires_logmel")(signal), np.stack(images)


def mfcc(preset: str) -> Pair:
    """Compare with librosa's coefficients."""
    feature: Any = get_feature(f"mfcc:preset={preset}")
    return lambda signal: (
        feature(signal),
        librosa.feature.mfcc(
            y=_double(analysed(signal, feature)), sr=feature.sr, n_mfcc=40, pad_mode="reflect"
        ).T,
    )


def mfcc_stats(text: str) -> Pair:
    """Compare with statistics of librosa's coefficients."""
    feature: Any = get_feature(text)

    def pair(signal: Signal) -> tuple[Any, Any]:
        y, parts = _double(signal.at(12_000)), []
        frames = librosa.feature.mfcc(y=y, sr=12_000, n_mfcc=20, pad_mode=feature.pad_mode)
        for _ in range(3):
            parts += [frames.mean(axis=1), frames.std(axis=1)]
            frames = np.diff(frames, axis=1)
        return feature(signal), np.concatenate(parts)

    return pair


def spectrogram(signal: Signal) -> tuple[Any, Any]:
    """Compare with librosa's transform, within 60 dB of the loudest value."""
    power = (
        np.abs(
            librosa.stft(_double(signal.at(22_050)), n_fft=2048, hop_length=512, pad_mode="reflect")
        )
        ** 2
    )
    theirs = librosa.power_to_db(power, amin=1e-10, top_db=80.0).T
    strong = theirs > theirs.max() - 60
    return get_feature("spectrogram")(signal)[strong], theirs[strong]


def cqt(signal: Signal) -> tuple[Any, Any]:
    """Compare with the direct sum, within 20 of the largest value."""
    n, sr, columns = 4096, 44_100, []
    padded = np.pad(_double(signal.at(sr)), n // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, n)[::512]
    for frequency in 220.0 * 2 ** (np.arange(64) / 12):
        length = int(np.ceil(sr / frequency / (2 ** (1 / 12) - 1)))
        window = scipy_signal.get_window("hann", length)
        start = n // 2 - length // 2 - length % 2
        kernel = window / window.sum() * np.exp(-2j * np.pi * frequency * np.arange(length) / sr)
        columns.append(np.abs(frames[:, start : start + length] @ kernel) * np.sqrt(length))
    theirs = 10 * np.log10(np.maximum(np.array(columns).T, 1e-10))
    strong = theirs > theirs.max() - 20
    return get_feature("cqt")(signal)[strong], theirs[strong]


def cqt_librosa(signal: Signal) -> tuple[Any, Any]:
    """Compare with librosa's recursive transform, within 10 of the largest value.

    20 frames at each end are left out.
    """
    y = _double(signal.at(44_100))
    magnitude = np.abs(
        librosa.cqt(y, sr=44_100, fmin=220, n_bins=64, sparsity=0, pad_mode="reflect", tuning=0.0)
    ).T
    theirs = 10 * np.log10(np.maximum(magnitude, 1e-10))[20:-20]
    strong = theirs > theirs.max() - 10
    return get_feature("cqt")(signal)[20:-20][strong], theirs[strong]


def gammatone(text: str) -> Pair:
    """Compare with scipy's spectrogram of integers, weighted by the filters."""
    feature: Any = get_feature(text)

    def pair(signal: Signal) -> tuple[Any, Any]:
        y = _double(analysed(signal, feature))
        if feature.pad_mode == "reflect":
            y = np.pad(y, feature.n_fft // 2, mode="reflect")
        _, _, magnitude = scipy_signal.spectrogram(
            y * 2.0 ** (feature.bits - 1),
            44_100,
            "hann",
            nperseg=feature.win_length,
            noverlap=feature.win_length - feature.hop_length,
            nfft=feature.n_fft,
            detrend=False,
            scaling="density",
            mode="magnitude",
        )
        bands = GammatoneBank(44_100, feature.n_fft).matrix() @ magnitude / feature.n_fft
        return feature(signal), np.maximum(20 * np.log10(np.maximum(bands, 1e-20)), -50.0).T

    return pair


def delta_of(kind: str) -> Pair:
    """Compare a definition of deltas of MFCCs with its oracle."""

    def pair(signal: Signal) -> tuple[Any, Any]:
        x = _double(get_feature("mfcc")(signal))
        if kind == "plain":
            return delta.plain(x), x[1:] - x[:-1]
        if kind == "librosa":
            return delta.regression(x), librosa.feature.delta(x, axis=0)
        edges = np.concatenate([np.zeros((3, x.shape[1])), np.repeat(x[:1], 5, axis=0), x])
        theirs = sum((4 - k) * edges[8 - k : 8 - k + len(x)] for k in range(9))
        return delta.librosa031(x), theirs

    return pair


def waveform(signal: Signal) -> tuple[Any, Any]:
    """Compare with librosa's resampling by the same method."""
    theirs = librosa.resample(
        signal.samples, orig_sr=signal.sr, target_sr=22_050, res_type="soxr_hq"
    )
    return get_feature("waveform")(signal), theirs


BANDS = "librosa melspectrogram"
ROWS = (
    Row(
        "logmel:preset=torchaudio",
        f"{BANDS}, htk=True, norm=None; ln(x + 1e-6)",
        "ln power",
        5e-3,
        logmel("torchaudio"),
    ),
    *(
        Row(f"logmel:preset={p}", f"{BANDS}, power_to_db", "dB", 2e-3, logmel(p))
        for p in ("librosa", "elmarc", "piczak")
    ),
    *(
        Row(f"logmel:preset={p}", f"{BANDS}, power_to_db", "dB", 2e-2, logmel(p))
        for p in ("dcase", "dcase_code")
    ),
    Row(
        "multires_logmel",
        f"{BANDS}, htk=True, norm=None; Pillow's resize",
        "ln power",
        5e-3,
        multires,
    ),
    *(
        Row(f"mfcc:preset={p}", "librosa mfcc", "dB", 2e-3, mfcc(p))
        for p in ("paper", "dcase", "dcase_code")
    ),
    *(
        Row(t, "statistics of librosa mfcc", "dB", 5e-3, mfcc_stats(t))
        for t in ("mfcc_stats", "mfcc_stats:preset=elmarc")
    ),
    Row("spectrogram (60 dB below the peak)", "librosa stft, power_to_db", "dB", 1e-2, spectrogram),
    Row("cqt (20 below the peak)", "the direct sum in numpy", "10 log10 magnitude", 1e-3, cqt),
    Row(
        "cqt (10 below the peak, without 20 frames at each end)",
        "librosa cqt, another algorithm",
        "10 log10 magnitude",
        1.5,
        cqt_librosa,
    ),
    *(
        Row(t, "scipy spectrogram × filters", "dB", 2e-2, gammatone(t))
        for t in ("gammatone", "gammatone:preset=dcase", "gammatone:bits=16")
    ),
    Row("waveform", "librosa resample, soxr_hq", "amplitude", 1e-6, waveform),
    Row("delta.plain", "x[t + 1] − x[t]", "dB", 1e-9, delta_of("plain")),
    Row("delta.regression", "librosa delta", "dB", 1e-9, delta_of("librosa")),
    Row("delta.librosa031", "the weighted sum in numpy", "dB", 1e-9, delta_of("librosa031")),
    *(
        Row(
            f"random_cnn:arch={a},filters=8",
            "torch layers in float64",
            "of the largest value",
            1e-5,
            random_net(a, 8),
        )
        for a in ARCHS
    ),
)


HEAD = """# Parity

Made by `benchmarks/parity.py`: the largest and mean absolute difference from an oracle in double
precision, over synthetic noise, tones and clicks and over 20 clips of ESC-10. Resampling is shared,
so only the representations are compared. torchaudio is not a dependency; its definition is written
with librosa's parts, and a test compares `multires_logmel` with values of the real one, which
`benchmarks/golden_torchaudio.py` makes. The nets of `random_cnn` get the same input on both sides.
Deltas are taken of float32 values, whose sums are exact in double precision.

Transforms are float32. Without a cut-off (`top_db`), a band with about 1e-11 of its frame's power
would hold their rounding: mel bands compute such frames in double precision, gammatone bands have a
wider tolerance. **over**: above the stated tolerance.
"""


def table() -> list[str]:
    """Return the lines of the table."""
    clips, real = synthetic(), recorded()
    lines = [
        "| FEATURE | oracle | unit | tolerance "
        "| synthetic: max | synthetic: mean | ESC-10: max | ESC-10: mean |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in ROWS:
        values = [*row.differences(clips), *(row.differences(real) if real else ())]
        cells = [f"{value:.1e}" for value in values]
        for place in range(0, len(values), 2):
            cells[place] += " **over**" if values[place] > row.tolerance else ""
        cells += ["–"] * (4 - len(cells))
        what = f"| `{row.name}` | {row.oracle} | {row.units} | {row.tolerance:g} "
        lines.append(f"{what}| {' | '.join(cells)} |")
    return lines


def main() -> None:
    """Write docs/parity.md."""
    (DOCS / "parity.md").write_text("\n".join([HEAD, *table()]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
