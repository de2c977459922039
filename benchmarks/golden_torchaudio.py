"""Make tests/features/torchaudio.npz: the three-resolution image as torchaudio and Pillow make it.

Run it where torchaudio is installed, which featkit does not need:
python benchmarks/golden_torchaudio.py
"""

from pathlib import Path

import numpy as np
import torch
import torchaudio
from PIL import Image

OUT = Path(__file__).resolve().parents[1] / "tests" / "features" / "torchaudio.npz"
PRESETS = {"esc50": (44_100, 4410, 250), "us8k": (22_050, 2205, 250), "gtzan": (22_050, 2205, 1500)}
WINDOWS_MS = ((25, 10), (50, 25), (100, 50))
COLUMNS = 12  # of each image are stored, evenly spaced


def samples(sr: int, seconds: float = 1.3) -> np.ndarray:
    """Return noise without a generator, sin(φ k²), under a slow fade: the test makes the same."""
    k = np.arange(round(seconds * sr), dtype=np.float64)
    return (0.2 * np.sin(0.7548776662466927 * k * k) * np.exp(-k / sr)).astype(np.float32)


def image(sr: int, n_fft: int, width: int) -> np.ndarray:
    """Return ln(mel power + 1e-6) in double precision, resized; (3, 128, width)."""
    channels = []
    for window, hop in WINDOWS_MS:
        transform = torchaudio.transforms.MelSpectrogram(
            sample_rate=sr,
            n_fft=n_fft,
            win_length=round(sr * window / 1000),
            hop_length=round(sr * hop / 1000),
            n_mels=128,
        ).double()
        power = transform(torch.from_numpy(samples(sr)).double())
        log = torch.log(power + 1e-6).numpy().astype(np.float32)
        channels.append(Image.fromarray(log).resize((width, 128), Image.Resampling.BILINEAR))
    return np.stack([np.asarray(channel) for channel in channels])


def main() -> None:
    """Write the file."""
    values = {}
    for preset, (sr, n_fft, width) in PRESETS.items():
        columns = np.linspace(0, width - 1, COLUMNS).round().astype(int)
        values[preset] = image(sr, n_fft, width)[:, :, columns]
    np.savez_compressed(OUT, **values, torchaudio=np.array(torchaudio.__version__))
    print(OUT, torchaudio.__version__, torch.__version__, OUT.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
