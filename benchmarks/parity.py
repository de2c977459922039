"""Make docs/parity.md: each representation against an oracle in double precision.

Run python benchmarks/parity.py. With FEATKIT_ESC10 set to the folder of ESC-10, 20 of its clips are
compared too.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import parity_oracles as oracles
from parity_nets import random_net
from parity_oracles import Pair

from featkit.audio import Signal, load
from featkit.nets.random.zoo import ARCHS

DOCS = Path(__file__).resolve().parents[1] / "docs"


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
            np.abs(np.subtract(*map(oracles.double, self.pair(clip)))).ravel()
            for clip in clips.values()
        ]
        every = np.concatenate(apart)
        return float(every.max()), float(every.mean())


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


BANDS = "librosa melspectrogram"
ROWS = (
    Row(
        "logmel:preset=torchaudio",
        f"{BANDS}, htk=True, norm=None; ln(x + 1e-6)",
        "ln power",
        5e-3,
        oracles.logmel("torchaudio"),
    ),
    *(
        Row(f"logmel:preset={p}", f"{BANDS}, power_to_db", "dB", 2e-3, oracles.logmel(p))
        for p in ("librosa", "elmarc", "piczak")
    ),
    *(
        Row(f"logmel:preset={p}", f"{BANDS}, power_to_db", "dB", 2e-2, oracles.logmel(p))
        for p in ("dcase", "dcase_code")
    ),
    Row(
        "multires_logmel",
        f"{BANDS}, htk=True, norm=None; Pillow's resize",
        "ln power",
        5e-3,
        oracles.multires,
    ),
    *(
        Row(f"mfcc:preset={p}", "librosa mfcc", "dB", 2e-3, oracles.mfcc(p))
        for p in ("paper", "dcase", "dcase_code")
    ),
    *(
        Row(t, "statistics of librosa mfcc", "dB", 5e-3, oracles.mfcc_stats(t))
        for t in ("mfcc_stats", "mfcc_stats:preset=elmarc")
    ),
    Row(
        "spectrogram (60 dB below the peak)",
        "librosa stft, power_to_db",
        "dB",
        1e-2,
        oracles.spectrogram,
    ),
    Row(
        "cqt (20 below the peak)",
        "the direct sum in numpy",
        "10 log10 magnitude",
        1e-3,
        oracles.cqt,
    ),
    Row(
        "cqt (10 below the peak, without 20 frames at each end)",
        "librosa cqt, another algorithm",
        "10 log10 magnitude",
        1.5,
        oracles.cqt_librosa,
    ),
    *(
        Row(t, "scipy spectrogram × filters", "dB", 2e-2, oracles.gammatone(t))
        for t in ("gammatone", "gammatone:preset=dcase", "gammatone:bits=16")
    ),
    Row("waveform", "librosa resample, soxr_hq", "amplitude", 1e-6, oracles.waveform),
    Row("delta.plain", "x[t + 1] − x[t]", "dB", 1e-9, oracles.delta_of("plain")),
    Row("delta.regression", "librosa delta", "dB", 1e-9, oracles.delta_of("librosa")),
    Row(
        "delta.librosa031", "the weighted sum in numpy", "dB", 1e-9, oracles.delta_of("librosa031")
    ),
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
